import type { UserActor } from "#kit/actor.ts";
import type { Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { Refused } from "#kit/idempotency.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { holdEnd } from "./holds.ts";
import { lockOrder } from "./lock-order.ts";
import { payOrder } from "./orders-sql.ts";
import { payerDetails } from "./payer-details.ts";
import type { Payment } from "./payment.ts";
import { paymentEvent } from "./payment-event.ts";
import type { PaymentPlace } from "./payment-key.ts";
import { refusalError } from "./refusals.ts";
import { insertConfirmations } from "./sql.ts";
import { takeFromWallet } from "./take-from-wallet.ts";

/**
 * Pays an order from this user's wallet, or holds the money of one that is captured later; the PIN was checked before. Money, state
 * and event travel in the caller's transaction. A wallet or a day's limit that does not allow it is refused (402, `Refused`) and leaves
 * the order waiting for another attempt. `qrCodeId`: the order's QR code when the payer scanned it. Throws `not_found`, `state_conflict`, `method_unavailable`, `merchant_unavailable`.
 */
export async function confirmByWallet(
  tx: Transaction,
  order: PaymentPlace,
  payer: Pick<UserActor, "userId" | "livemode">,
  qrCodeId: string | null = null,
): Promise<Payment> {
  // A wallet of one mode never pays an order of the other.
  if (payer.livemode !== order.livemode) throw kitErrors.not_found();
  const { payment, at } = await lockOrder(tx, order, "wallet");
  const tried = { ...payment, payerId: payer.userId, qrCodeId };
  const refusal = await takeFromWallet(tx, tried, at);
  if (refusal) {
    const details = { payment: payment.id, ...(await payerDetails(tx, refusal, tried, at)) };
    throw new Refused(refusalError(refusal, { details }));
  }
  await faultPoint("payments.order_paid_after_ledger");
  const by = { payerId: payer.userId, method: "wallet", channel: null, qrCodeId };
  const paid =
    payment.capture === "manual"
      ? await payOrder(tx, payment, "authorized", by, holdEnd(payment, at))
      : await payOrder(tx, payment, "succeeded", by);
  await insertConfirmations(tx, [paid]);
  await emit(tx, [paymentEvent(newId("evt"), paid)]);
  await faultPoint("payments.order_paid_before_commit");
  return paid;
}
