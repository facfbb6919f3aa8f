import type { Transaction } from "#kit/db.ts";
import { derivedId } from "#kit/ids.ts";
import { log } from "#kit/log.ts";
import { emit } from "#kit/outbox.ts";
import { platformAccount } from "#modules/merchants";
import { instructBank } from "./ask-bank.ts";
import { findInstruction } from "./bank-sql.ts";
import { bankTransfer, mustPost } from "./bank-transfers.ts";
import { type Instruction, onBankOutcome, purposeOf } from "./instruction.ts";

const suspense = ({ currency, livemode }: Instruction): string => platformAccount("suspense", currency, livemode);

/**
 * Books what moved although it should not have, so that our books say what the bank's say. Money that came in is sent back through the
 * bank; money that went out stays in suspense until somebody has seen to it.
 */
export async function bookLateMoney(tx: Transaction, instruction: Instruction): Promise<void> {
  await mustPost(tx, [bankTransfer(instruction, "late_money", suspense(instruction))]);
  if (instruction.kind === "collect") await sendBack(tx, instruction);
}

/** Has money that lies in suspense sent back to where it came from. */
export async function sendBack(tx: Transaction, instruction: Instruction): Promise<void> {
  const { reference, ownerId, livemode, amount, currency, account } = instruction;
  await instructBank(tx, {
    reference: derivedId("rtn", reference),
    purpose: "return",
    subjectId: reference,
    kind: "pay",
    ownerId,
    livemode,
    amount,
    currency,
    account,
  });
}

/** The bank itself has undone what it did late: our books follow. */
export const undoLateMoney = (tx: Transaction, instruction: Instruction): Promise<void> =>
  mustPost(tx, [bankTransfer(instruction, "late_money_undone", suspense(instruction), "undone")]);

/** Tells the one whose money came late what became of it. */
async function tell(tx: Transaction, sentBack: Instruction, fate: "returned" | "held"): Promise<void> {
  const came = await findInstruction(tx, sentBack.subjectId);
  if (!came) throw new Error(`there is no instruction ${sentBack.subjectId} whose money was sent back`);
  await purposeOf(came).lateMoney(tx, came, fate);
}

const leaves = (tx: Transaction, sentBack: Instruction) =>
  mustPost(tx, [bankTransfer(sentBack, "late_money_returned", suspense(sentBack))]);

onBankOutcome("return", {
  async succeeded(tx, sentBack) {
    await leaves(tx, sentBack);
    await tell(tx, sentBack, "returned");
  },
  refused: (tx, sentBack) => tell(tx, sentBack, "held"),
  async returned(tx, sentBack) {
    await undoLateMoney(tx, sentBack);
    await tell(tx, sentBack, "held");
  },
  async late(tx, sentBack) {
    await leaves(tx, sentBack);
    await tell(tx, sentBack, "returned");
  },
  async lateMoney(_tx, { reference }) {
    throw new Error(`${reference} sends late money back, and none came`);
  },
});

/** Nobody owns it here: the operator is told, by the event and by the log. */
const unasked = (tx: Transaction, instruction: Instruction, what: string) => {
  const { reference, kind, amount, currency, account, livemode } = instruction;
  log.error({ reference, kind, amount, currency }, `money that nobody had asked the bank to move: ${what}`);
  const type = `bank.unasked_${what}`;
  const object = { reference, kind, amount, currency, account };
  return emit(tx, [{ ownerId: "platform", livemode, type, objectId: reference, object }]);
};
const cannotHappen = async (_tx: Transaction, { reference }: Instruction) => {
  throw new Error(`${reference} was never asked for and can't settle`);
};

onBankOutcome("unasked", {
  succeeded: cannotHappen,
  refused: cannotHappen,
  returned: undoLateMoney,
  async late(tx, instruction) {
    await bookLateMoney(tx, instruction);
    await unasked(tx, instruction, "moved");
  },
  lateMoney: unasked,
});
