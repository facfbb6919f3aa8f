import type { Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { merchantStandings } from "#modules/merchants";
import { openAttempt } from "./attempts-sql.ts";
import { paymentErrors } from "./errors.ts";
import type { OrderMethod } from "./order-methods.ts";
import type { Payment } from "./payment.ts";
import type { PaymentPlace } from "./payment-key.ts";
import { databaseTime, lockPayment } from "./sql.ts";
import type { PaymentStatus } from "./states.ts";

/** An order's state at a moment: one whose time is over is closed, even before the worker has come by. */
export const statusAt = ({ status, expiresAt }: Payment, at: Date): PaymentStatus =>
  status === "requires_payment" && expiresAt !== null && expiresAt <= at ? "closed" : status;

/**
 * Takes the order's row until the end of the transaction, so that of many payers, a close and the expiry one acts and the others see what became
 * of it. The row comes before the ledger's accounts, always. Throws `not_found`, `state_conflict` with the present state when
 * it waits no more, `method_unavailable` when it can't be paid so, `merchant_unavailable` when its merchant is suspended,
 * `attempt_in_progress` while a channel has not answered.
 */
export async function lockOrder(
  tx: Transaction,
  order: PaymentPlace,
  method: OrderMethod,
): Promise<{ payment: Payment; at: Date }> {
  const payment = await lockPayment(tx, order, order.id);
  if (!payment) throw kitErrors.not_found();
  const at = await databaseTime(tx);
  const status = statusAt(payment, at);
  if (status !== "requires_payment") throw kitErrors.state_conflict({ details: { status } });
  if (!payment.methods?.includes(method)) {
    throw paymentErrors.method_unavailable({ details: { methods: payment.methods } });
  }
  const standing = (await merchantStandings(tx, [payment.merchantId])).get(payment.merchantId);
  if (standing?.status !== "active") throw paymentErrors.merchant_unavailable();
  const open = await openAttempt(tx, payment);
  if (open) throw paymentErrors.attempt_in_progress({ details: { attempt: open.id }, retryAfter: 2 });
  return { payment, at };
}
