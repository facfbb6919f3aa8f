import type { Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { emit } from "#kit/outbox.ts";
import { post } from "#modules/ledger";
import { type Instruction, onBankOutcome, sendBack, undoLateMoney } from "#modules/wallets";
import type { Attempt } from "./attempt.ts";
import { moveAttempt } from "./attempts-sql.ts";
import { recordLateMoney } from "./late-money.ts";
import { payOrder } from "./orders-sql.ts";
import { type Payment, presentPayment } from "./payment.ts";
import { paymentEvent } from "./payment-event.ts";
import { insertConfirmations, lockPayment } from "./sql.ts";
import { channelPaymentTransfers } from "./transfers.ts";

/** The order of an instruction, its row held until the end of the transaction. */
async function orderOf(tx: Transaction, { ownerId, livemode, subjectId }: Instruction): Promise<Payment> {
  const payment = await lockPayment(tx, { merchantId: ownerId, livemode }, subjectId);
  if (!payment) throw new Error(`there is no payment ${subjectId} that the bank was asked for`);
  return payment;
}

async function settle(
  tx: Transaction,
  { ownerId: merchantId, livemode, reference: id }: Instruction,
  to: "succeeded" | "failed",
  failureCode?: string,
): Promise<Attempt> {
  const settled = await moveAttempt(tx, { merchantId, livemode, id }, to, failureCode);
  if (!settled) throw new Error(`attempt ${id} was settled before, and its bank order only now`);
  return settled;
}

/** Money that the order takes no more: recorded, told, and sent back. */
async function returnLate(tx: Transaction, instruction: Instruction, payment: Payment): Promise<void> {
  const { amount, reference } = instruction;
  if (await recordLateMoney(tx, { payment, channel: "bank", amount, reference })) await sendBack(tx, instruction);
}

/** Tells the merchant of money that no state of the payment tells of; `fact` stands in the payment object besides. */
async function tell(tx: Transaction, instruction: Instruction, what: string, fact: object): Promise<void> {
  const payment = await orderOf(tx, instruction);
  const { id: objectId, merchantId: ownerId, livemode } = payment;
  const object = { ...presentPayment(payment), ...fact };
  await emit(tx, [{ id: newId("evt"), ownerId, livemode, type: `payment.${what}`, objectId, object }]);
}

const factsOf = ({ amount, currency, reference }: Instruction) => ({ amount, currency, channel: "bank", reference });

onBankOutcome("payment", {
  async succeeded(tx, instruction) {
    const order = await orderOf(tx, instruction);
    if (order.status !== "requires_payment") {
      await settle(tx, instruction, "failed", "order_ended");
      return returnLate(tx, instruction, order);
    }
    const results = await post(tx, channelPaymentTransfers(order, "bank"), { careful: true });
    if (results.some((result) => result !== "ok")) {
      // The merchant's account takes nothing any more, and the money has come all the same.
      await settle(tx, instruction, "failed", "recipient_unavailable");
      return returnLate(tx, instruction, order);
    }
    const { payerId, channel } = await settle(tx, instruction, "succeeded");
    const paid = await payOrder(tx, order, "succeeded", { payerId, method: "bank", channel });
    if (payerId !== null) await insertConfirmations(tx, [paid]);
    await emit(tx, [paymentEvent(newId("evt"), paid)]);
  },
  async refused(tx, instruction) {
    await settle(tx, instruction, "failed", "bank_refused");
  },
  async returned(tx, instruction) {
    // What the merchant was credited stays until somebody has decided who bears it; what was late goes out of suspense again.
    await undoLateMoney(tx, instruction);
    await tell(tx, instruction, "money_taken_back", { money_taken_back: factsOf(instruction) });
  },
  late: async (tx, instruction) => returnLate(tx, instruction, await orderOf(tx, instruction)),
  lateMoney: (tx, instruction, fate) =>
    tell(tx, instruction, `late_money_${fate}`, { late_money: { ...factsOf(instruction), status: fate } }),
});
