import type { PayerActor, UserActor } from "#kit/actor.ts";
import type { Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { Refused } from "#kit/idempotency.ts";
import { newId } from "#kit/ids.ts";
import { bank, instructBank, mostByBank, walletErrors } from "#modules/wallets";
import { insertAttempt } from "./attempts-sql.ts";
import { paymentErrors } from "./errors.ts";
import { lockOrder } from "./lock-order.ts";
import { type Payment, totalOf } from "./payment.ts";
import type { PaymentPlace } from "./payment-key.ts";
import { insertConfirmations } from "./sql.ts";

/**
 * Begins to pay an order from a bank account: the bank hears of it when this is committed. Until it has answered the order waits, and takes no
 * other attempt; a refusal leaves it waiting for the next one. Gives the order as it is.
 * Throws `not_found`, `state_conflict`, `method_unavailable`, `attempt_in_progress`, `channel_unavailable`.
 */
export async function confirmByBank(
  tx: Transaction,
  order: PaymentPlace,
  payer: UserActor | PayerActor,
  account: string,
): Promise<Payment> {
  const { payment } = await lockOrder(tx, order, "bank");
  const port = bank();
  if (!port) throw walletErrors.channel_unavailable();
  // A bank account gives money or it does not: nothing can be held on it.
  if (payment.capture === "manual") {
    throw paymentErrors.method_unavailable({
      details: { methods: payment.methods?.filter((name) => name !== "bank") },
    });
  }
  const amount = totalOf(payment);
  if (amount > mostByBank) throw new Refused(walletErrors.limit_exceeded({ details: { limit: mostByBank } }));
  const { merchantId, livemode, currency } = payment;
  const payerId = payer.kind === "user" ? payer.userId : null;
  const id = newId("att");
  await insertAttempt(tx, {
    merchantId,
    livemode,
    id,
    paymentId: payment.id,
    method: "bank",
    channel: port.name,
    payerId,
    amount,
    account,
  });
  await instructBank(tx, {
    reference: id,
    purpose: "payment",
    ownerId: merchantId,
    livemode,
    subjectId: payment.id,
    kind: "collect",
    amount,
    currency,
    account,
  });
  if (payerId !== null) await insertConfirmations(tx, [{ ...payment, payerId }]);
  await faultPoint("payments.attempt_before_commit");
  return payment;
}
