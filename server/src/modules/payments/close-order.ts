import type { MerchantActor } from "#kit/actor.ts";
import type { Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { withdraw } from "#modules/wallets";
import { moveAttempt, openAttempt } from "./attempts-sql.ts";
import type { Payment } from "./payment.ts";
import { paymentEvent } from "./payment-event.ts";
import { findPayment, movePayment } from "./sql.ts";

/**
 * Gives up an order that nobody has paid; its number is free again. Closing a closed one changes nothing. Whoever pays at the same
 * time wins or loses whole; the channel of an open attempt was asked before. Throws `not_found`, `state_conflict` with the present state.
 */
export async function closeOrder(tx: Transaction, actor: MerchantActor, id: string): Promise<Payment> {
  const { merchantId, livemode } = actor;
  const open = await openAttempt(tx, { merchantId, livemode, id });
  // What the bank has not acknowledged it never gets; what it has and pays after all comes late, and goes back.
  if (open && (await withdraw(tx, open.id))) await moveAttempt(tx, open, "failed", "order_ended");
  const closed = await movePayment(tx, { merchantId, livemode, id }, "requires_payment", "closed");
  if (closed) {
    await emit(tx, [paymentEvent(newId("evt"), closed)]);
    await faultPoint("payments.close_before_commit");
    return closed;
  }
  const payment = await findPayment(tx, merchantId, livemode, id);
  if (!payment) throw kitErrors.not_found();
  if (payment.status !== "closed") throw kitErrors.state_conflict({ details: { status: payment.status } });
  return payment;
}
