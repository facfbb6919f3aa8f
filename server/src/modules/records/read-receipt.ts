import type { MerchantActor, UserActor } from "#kit/actor.ts";
import { database } from "#kit/db.ts";
import { twinId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { caughtUp } from "#kit/outbox.ts";
import { findUser, type MaskedUser, userNames } from "#modules/identity";
import { merchantProfile, storeOf } from "#modules/merchants";
import { findPayment, type Payment, refundsOf } from "#modules/payments";
import { consumerName } from "./project.ts";
import { presentReceipt, type Receipt } from "./receipt.ts";
import { merchantOfPayment } from "./sql.ts";

const freshWithinMs = 1_000;

/**
 * The receipt of a payment, named by the payment's id or its own, for its merchant or the one who paid it; anybody else's is not
 * found. Throws `state_conflict` when the payment has not succeeded.
 */
export async function readReceipt(actor: MerchantActor | UserActor, id: string): Promise<Receipt> {
  const paymentId = id.startsWith("rcp_") ? twinId("pay", id) : id;
  const merchantId = actor.kind === "merchant" ? actor.merchantId : await sellerTo(actor, paymentId);
  const payment = merchantId && (await findPayment(database(), merchantId, actor.livemode, paymentId));
  if (!payment || (actor.kind === "user" && payment.payerId !== actor.userId)) throw kitErrors.not_found();
  return receiptFor(actor, payment);
}

/** As {@link readReceipt} for a payment that was read already. */
export async function receiptFor(actor: MerchantActor | UserActor, payment: Payment): Promise<Receipt> {
  const { status, succeededAt, merchantId, livemode, storeId, payerId } = payment;
  if (status !== "succeeded" || succeededAt === null) throw kitErrors.state_conflict({ details: { status } });
  const [refunds, seller, store, buyer] = await Promise.all([
    refundsOf(payment),
    merchantProfile(merchantId),
    storeId === null ? null : storeOf({ merchantId, livemode }, storeId),
    payerId === null ? null : buyerFor(actor, payerId),
  ]);
  return presentReceipt({ payment, paidAt: succeededAt, refunds, seller, store: store ?? null, buyer });
}

/** The payer reads their own name, everybody else what is left of it. */
async function buyerFor(actor: MerchantActor | UserActor, id: string): Promise<MaskedUser | null> {
  const known = actor.kind === "user" ? await findUser(database(), id) : (await userNames(database(), [id])).get(id);
  return known ?? null;
}

/** Who was paid by a payment of this user: it is in the user's records. */
async function sellerTo({ userId, livemode }: UserActor, paymentId: string): Promise<string | undefined> {
  await caughtUp(consumerName, freshWithinMs);
  return merchantOfPayment(database(), userId, livemode, paymentId);
}
