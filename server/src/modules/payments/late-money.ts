import type { Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { derivedId, newId } from "#kit/ids.ts";
import { emit } from "#kit/outbox.ts";
import { post } from "#modules/ledger";
import { platformAccount } from "#modules/merchants";
import { type Payment, presentPayment } from "./payment.ts";
import { clearingOf } from "./transfers.ts";

/** Money that came for a payment which takes none any more. */
export interface LateMoney {
  readonly payment: Payment;
  readonly channel: "bank";
  /** Minor units of the payment's currency: what came, not what was asked for. */
  readonly amount: number;
  /** The channel's own name of what came: the same money told twice is recorded once. */
  readonly reference: string;
}

/**
 * Records money that arrived on a payment that is closed or failed, or paid already: from the channel's clearing account into suspense,
 * out of which whoever calls this returns it. The payment stays what it is; the merchant is told by `payment.paid_late`, whose object
 * has `late_money` besides.
 * Gives false when this money was recorded before. Throws when it was recorded with another amount.
 */
export async function recordLateMoney(
  tx: Transaction,
  { payment, channel, amount, reference }: LateMoney,
): Promise<boolean> {
  const { currency, livemode } = payment;
  const transfer = {
    id: derivedId("txn", "late_money", channel, payment.id, reference),
    debitAccountId: platformAccount(clearingOf[channel], currency, livemode),
    creditAccountId: platformAccount("suspense", currency, livemode),
    amount,
    currency,
    code: "late_money",
    reference: payment.id,
  };
  const [result] = await post(tx, [transfer], { careful: true });
  if (result === "exists") return false;
  if (result !== "ok") throw new Error(`the ledger did not take late money of ${payment.id}: ${result}`);
  await faultPoint("payments.late_money_after_ledger");
  const object = { ...presentPayment(payment), late_money: { amount, currency, channel, reference } };
  const { id: objectId, merchantId: ownerId } = payment;
  await emit(tx, [{ id: newId("evt"), ownerId, livemode, type: "payment.paid_late", objectId, object }]);
  return true;
}
