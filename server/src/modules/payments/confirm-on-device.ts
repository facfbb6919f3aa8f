import type { UserActor } from "#kit/actor.ts";
import type { Queryable, Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { Refused } from "#kit/idempotency.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { holdEnd } from "./holds.ts";
import { authorizePayment } from "./holds-sql.ts";
import { payerDetails } from "./payer-details.ts";
import type { Payment } from "./payment.ts";
import { paymentEvent } from "./payment-event.ts";
import { type Refusal, refusalError } from "./refusals.ts";
import { databaseTime, findConfirmation, findPayment, lockPayment, movePayment } from "./sql.ts";
import { takeFromWallet } from "./take-from-wallet.ts";

/**
 * The customer agrees to a larger scanned payment; the PIN was checked before. Moves the money now, or fails the payment for good
 * (402) when the wallet or the day's limit no longer allows it. Throws `not_found`, `state_conflict`.
 */
export async function confirmOnDevice(tx: Transaction, actor: UserActor, paymentId: string): Promise<Payment> {
  const { payerId, ...place } = await paymentOf(tx, actor, paymentId);
  // The row before the ledger's accounts: of several confirmations one moves the money and the others see what became of it.
  const payment = { ...((await lockPayment(tx, place, paymentId)) as Payment), payerId };
  const { status, methods } = payment;
  // An order in this state waits for a channel, not for its payer.
  if (status !== "processing" || methods !== null) throw kitErrors.state_conflict({ details: { status } });
  const at = await databaseTime(tx);
  const expired = payment.expiresAt !== null && payment.expiresAt <= at;
  const refusal = expired ? "confirmation_expired" : await takeFromWallet(tx, payment, at);
  await faultPoint("payments.confirm_after_ledger");
  const moved = await move(tx, payment, refusal, at);
  if (!moved) throw new Error(`${payment.id} moved although it is locked`);
  await emit(tx, [paymentEvent(newId("evt"), moved)]);
  if (refusal) {
    const details = { payment: payment.id, ...(await payerDetails(tx, refusal, payment, at)) };
    throw new Refused(refusalError(refusal, { details }));
  }
  return moved;
}

function move(tx: Transaction, payment: Payment, refusal: Refusal | null, at: Date): Promise<Payment | undefined> {
  if (refusal) return movePayment(tx, payment, "processing", "failed", refusal);
  if (payment.capture === "manual") return authorizePayment(tx, payment, holdEnd(payment, at));
  return movePayment(tx, payment, "processing", "succeeded");
}

type PaidBy = Payment & { readonly payerId: string };

/** A payment that waits for this user, or that this user has paid; somebody else's is not found. */
export async function paymentOf(on: Queryable, actor: UserActor, paymentId: string): Promise<PaidBy> {
  const place = await findConfirmation(on, actor.userId, paymentId);
  const payment = place && (await findPayment(on, place.merchantId, place.livemode, paymentId));
  // Who opened an order and left it to another sees no more of it.
  if (payment?.payerId !== actor.userId) throw kitErrors.not_found();
  return { ...payment, payerId: actor.userId };
}
