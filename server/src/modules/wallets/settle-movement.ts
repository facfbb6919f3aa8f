import type { Transaction } from "#kit/db.ts";
import { derivedId, newId } from "#kit/ids.ts";
import { emit } from "#kit/outbox.ts";
import { balancesOf, type NewTransfer, openAccounts, post } from "#modules/ledger";
import { platformAccount } from "#modules/merchants";
import { walletAccount } from "./accounts.ts";
import { bankTransfer, mustPost } from "./bank-transfers.ts";
import { holdOf } from "./create-movement.ts";
import { type Instruction, onBankOutcome } from "./instruction.ts";
import { bookLateMoney, undoLateMoney } from "./late-money.ts";
import { type Movement, movementEvent } from "./movement.ts";
import { findMovement, moveMovement, setLateMoney } from "./movements-sql.ts";
import { refusalOfSpending } from "./refusals.ts";
import type { MovementStatus, NextMovementStatus } from "./states.ts";

/** The movement of an instruction. */
const keyOf = ({ ownerId, livemode, subjectId: id }: Instruction) => ({ ownerId, livemode, id });

const walletOf = ({ ownerId, currency }: Instruction): string => walletAccount(ownerId, currency);

/** Moves a movement on and tells its owner. The instruction is locked, so nobody else is at it. */
async function move<From extends MovementStatus>(
  tx: Transaction,
  instruction: Instruction,
  from: From,
  to: NextMovementStatus<From>,
  facts: { failureCode?: string; amountOwed?: number } = {},
): Promise<void> {
  const moved = await moveMovement(tx, keyOf(instruction), from, to, facts);
  if (!moved) throw new Error(`${instruction.subjectId} is not ${from}, and its bank order has just left that state`);
  await emit(tx, [movementEvent(moved)]);
}

async function noteLateMoney(
  tx: Transaction,
  instruction: Instruction,
  fate: NonNullable<Movement["lateMoney"]>,
  what: string,
): Promise<void> {
  const noted = await setLateMoney(tx, keyOf(instruction), fate);
  if (noted) await emit(tx, [movementEvent(noted, what)]);
}

const lateMoney = (tx: Transaction, instruction: Instruction, fate: "returned" | "held"): Promise<void> =>
  noteLateMoney(tx, instruction, fate, `late_money_${fate}`);

onBankOutcome("topup", {
  async succeeded(tx, instruction) {
    const [result] = await post(tx, [bankTransfer(instruction, "top_up", walletOf(instruction))], { careful: true });
    if (result === "ok") return move(tx, instruction, "pending", "succeeded");
    // The wallet was frozen meanwhile, or has no room: the money has come all the same, and goes back.
    const failureCode = refusalOfSpending([result as NonNullable<typeof result>]) ?? "account_frozen";
    await move(tx, instruction, "pending", "failed", { failureCode });
    await bookLateMoney(tx, instruction);
    await noteLateMoney(tx, instruction, "returning", "late_money_received");
  },
  refused: (tx, instruction) => move(tx, instruction, "pending", "failed", { failureCode: "bank_refused" }),
  async returned(tx, instruction) {
    if (await isFailed(tx, instruction)) return undoLateMoney(tx, instruction);
    const amountOwed = await takeBack(tx, instruction);
    await move(tx, instruction, "succeeded", "returned", { amountOwed });
  },
  async late(tx, instruction) {
    await bookLateMoney(tx, instruction);
    await noteLateMoney(tx, instruction, "returning", "late_money_received");
  },
  lateMoney,
});

onBankOutcome("withdrawal", {
  async succeeded(tx, instruction) {
    await resolveHold(tx, instruction, "post");
    await move(tx, instruction, "pending", "succeeded");
  },
  async refused(tx, instruction) {
    await resolveHold(tx, instruction, "void");
    await move(tx, instruction, "pending", "failed", { failureCode: "bank_refused" });
  },
  async returned(tx, instruction) {
    if (await isFailed(tx, instruction)) return undoLateMoney(tx, instruction);
    const back = bankTransfer(instruction, "withdrawal_returned", walletOf(instruction), "undone");
    const [result] = await post(tx, [back], { careful: true });
    const suspense = platformAccount("suspense", instruction.currency, instruction.livemode);
    if (result !== "ok") await mustPost(tx, [bankTransfer(instruction, "withdrawal_returned", suspense, "undone")]);
    await move(tx, instruction, "succeeded", "returned");
  },
  async late(tx, instruction) {
    await bookLateMoney(tx, instruction);
    await noteLateMoney(tx, instruction, "held", "late_money_paid");
  },
  lateMoney,
});

/** The money of what failed is not the user's but in suspense, and on its way back or not. */
const isFailed = async (tx: Transaction, { ownerId, livemode, subjectId, purpose }: Instruction): Promise<boolean> =>
  (await findMovement(tx, ownerId, livemode, subjectId, purpose as Movement["type"]))?.status === "failed";

const resolveHold = (tx: Transaction, { subjectId: id }: Instruction, kind: "post" | "void"): Promise<void> =>
  mustPost(tx, [{ id: newId("txn"), kind, pendingId: holdOf(id), code: `withdrawal_${kind}`, reference: id }]);

/**
 * Takes a top-up back that the bank has taken back. What the wallet no longer holds is booked to the user's debt account.
 * Gives that part.
 */
async function takeBack(tx: Transaction, instruction: Instruction): Promise<number> {
  const whole = bankTransfer(instruction, "top_up_returned", walletOf(instruction), "undone");
  const [result] = await post(tx, [whole], { careful: true });
  if (result === "ok") return 0;
  // The wallet is locked by now, so what it holds stays.
  const { ownerId, livemode, currency, amount } = instruction;
  const held = (await balancesOf(tx, [walletOf(instruction)])).get(walletOf(instruction));
  const frozen = result !== "exceeds_credits";
  const there = frozen || !held ? 0 : held.creditsPosted - held.debitsPosted - held.debitsPending;
  const debt = derivedId("acc", "wallet_debt", ownerId, currency);
  await openAccounts(tx, [{ id: debt, code: "wallet_debt", currency, ownerId, livemode }]);
  const transfers: NewTransfer[] = [{ ...whole, id: newId("txn"), debitAccountId: debt, amount: amount - there }];
  if (there > 0) transfers.push({ ...whole, id: newId("txn"), amount: there });
  await mustPost(tx, transfers);
  return amount - there;
}
