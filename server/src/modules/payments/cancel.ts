import type { MerchantActor } from "#kit/actor.ts";
import type { Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import type { Payment } from "./payment.ts";
import { paymentEvent } from "./payment-event.ts";
import { releaseHolds } from "./release-holds.ts";
import { lockPayment, movePayment } from "./sql.ts";
import type { PaymentStatus } from "./states.ts";

/** What the caller should do instead, where there is something. */
const instead: Partial<Record<PaymentStatus, string>> = { succeeded: "refund", requires_payment: "close" };

/**
 * Ends a payment for good before it succeeds: an authorised one gives back what it holds, a scan that waits for its payer's agreement is
 * never paid. Cancelling a closed one changes nothing. Throws `not_found`, and `state_conflict` with the present state.
 */
export async function cancel(tx: Transaction, actor: MerchantActor, id: string): Promise<Payment> {
  const payment = await lockPayment(tx, actor, id);
  if (!payment) throw kitErrors.not_found();
  const closed = await close(tx, payment);
  await faultPoint("payments.cancel_before_commit");
  return closed;
}

async function close(tx: Transaction, payment: Payment): Promise<Payment> {
  const { status } = payment;
  switch (status) {
    case "authorized":
      return (await releaseHolds(tx, [payment]))[0] as Payment;
    case "processing":
      // What another side is deciding is not ours to give up before it has been asked.
      if (payment.method !== "wallet") throw kitErrors.state_conflict({ details: { status } });
      return abandon(tx, payment);
    case "closed":
      return payment;
    default:
      throw kitErrors.state_conflict({ details: { status, ...(instead[status] && { instead: instead[status] }) } });
  }
}

async function abandon(tx: Transaction, payment: Payment): Promise<Payment> {
  const closed = await movePayment(tx, payment, "processing", "closed");
  if (!closed) throw new Error(`${payment.id} moved although it is locked`);
  await emit(tx, [paymentEvent(newId("evt"), closed)]);
  return closed;
}
