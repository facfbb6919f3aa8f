import type { Actor } from "#kit/actor.ts";
import { now } from "#kit/clock.ts";
import { database } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type MerchantProfile, merchantProfile } from "#modules/merchants";
import { type Attempt, presentAttempt } from "./attempt.ts";
import { attemptsAt } from "./attempts-sql.ts";
import { givenOrder } from "./confirm-order.ts";
import { paymentErrors } from "./errors.ts";
import { statusAt } from "./lock-order.ts";
import { type Payment, presentPayment, totalOf } from "./payment.ts";
import { findPayment, insertConfirmations } from "./sql.ts";
import type { PaymentStatus } from "./states.ts";

/**
 * What the payer of an order sees. The key opens it while it waits to be paid; who opened it signed in needs no key from then on, and
 * whoever has paid it reads the result. Throws `payment_key_missing`, `payment_key_invalid`, `payment_key_ended`, `not_found`.
 */
export async function readCheckout(actor: Actor | undefined, id: string, key: string | undefined) {
  const { merchantId, livemode } = await givenOrder(database(), actor, id, key);
  const merchant = await merchantProfile(merchantId);
  const payment = await findPayment(database(), merchantId, livemode, id);
  if (!payment?.methods) throw kitErrors.not_found();
  const attempt = (await attemptsAt(database(), payment)).at(-1);
  // Who agreed in time is not shown the door while the channel has not answered.
  const status = attempt?.status === "pending" ? payment.status : statusAt(payment, new Date(now()));
  const userId = actor?.kind === "user" ? actor.userId : null;
  const waits = status === "requires_payment" || status === "processing";
  if (!waits && (userId === null || payment.payerId !== userId)) {
    throw key === undefined ? kitErrors.not_found() : paymentErrors.payment_key_ended({ details: { status } });
  }
  if (key !== undefined && userId !== null) await insertConfirmations(database(), [{ ...payment, payerId: userId }]);
  return presentCheckout(payment, status, merchant, attempt);
}

/** What the merchant bears of the fee is none of the payer's business. */
function presentCheckout(
  payment: Payment,
  status: PaymentStatus,
  merchant: MerchantProfile,
  attempt: Attempt | undefined,
) {
  const shown = presentPayment(payment);
  return {
    object: "checkout" as const,
    payment: payment.id,
    status,
    merchant: { id: merchant.id, name: merchant.name },
    subject: payment.subject,
    amount: payment.amount,
    amount_captured: payment.amountCaptured,
    fee: payment.feeBearer === "payer" ? payment.fee : 0,
    total: totalOf(payment),
    currency: payment.currency,
    out_trade_no: payment.outTradeNo,
    capture: payment.capture,
    methods: [...(payment.methods ?? [])],
    method: payment.method,
    attempt: attempt ? presentAttempt(attempt) : null,
    receipt: shown.receipt,
    livemode: payment.livemode,
    created_at: shown.created_at,
    succeeded_at: shown.succeeded_at,
    expires_at: shown.expires_at,
  };
}
