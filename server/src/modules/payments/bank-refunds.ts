import type { Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { emit } from "#kit/outbox.ts";
import { bookLateMoney, type Instruction, instructBank, onBankOutcome, undoLateMoney } from "#modules/wallets";
import { attemptsAt } from "./attempts-sql.ts";
import type { Payment } from "./payment.ts";
import { presentRefund, type Refund } from "./refund.ts";
import { findRefund } from "./refunds-sql.ts";
import { settleRefund } from "./settle-refund.ts";

/** Has the bank pay a refund back to the account that the payment came from, once this is committed. */
export async function refundByBank(tx: Transaction, payment: Payment, refund: Refund): Promise<void> {
  const paid = (await attemptsAt(tx, payment)).find(({ status }) => status === "succeeded");
  if (!paid) throw new Error(`${payment.id} was paid through the bank by no attempt`);
  const { merchantId: ownerId, livemode, id, currency } = refund;
  await instructBank(tx, {
    reference: id,
    purpose: "refund",
    ownerId,
    livemode,
    subjectId: id,
    kind: "pay",
    amount: presentRefund(refund).total,
    currency,
    account: paid.account,
  });
}

async function refundOf(tx: Transaction, { ownerId, livemode, subjectId }: Instruction): Promise<Refund> {
  const refund = await findRefund(tx, { merchantId: ownerId, livemode }, subjectId);
  if (!refund) throw new Error(`there is no refund ${subjectId} that the bank was asked for`);
  return refund;
}

/** What the bank did after it had given its word: in suspense until somebody has seen to it, and told. */
async function afterItsWord(tx: Transaction, instruction: Instruction, what: string): Promise<void> {
  const refund = await refundOf(tx, instruction);
  const { merchantId: ownerId, livemode, id: objectId } = refund;
  const object = presentRefund(refund);
  await emit(tx, [{ id: newId("evt"), ownerId, livemode, type: `refund.${what}`, objectId, object }]);
}

onBankOutcome("refund", {
  async succeeded(tx, instruction) {
    await settleRefund(tx, await refundOf(tx, instruction), { status: "succeeded" });
  },
  async refused(tx, instruction) {
    await settleRefund(tx, await refundOf(tx, instruction), { status: "failed", failureCode: "bank_refused" });
  },
  async returned(tx, instruction) {
    await undoLateMoney(tx, instruction);
    await afterItsWord(tx, instruction, "money_came_back");
  },
  async late(tx, instruction) {
    await bookLateMoney(tx, instruction);
    await afterItsWord(tx, instruction, "paid_late");
  },
  async lateMoney(_tx, { reference }) {
    throw new Error(`${reference} pays out, so nothing of it is sent back`);
  },
});
