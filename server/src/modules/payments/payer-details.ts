import type { Transaction } from "#kit/db.ts";
import { detailsOfRefusal } from "#modules/wallets";
import { limitOf, type Payment, totalOf } from "./payment.ts";
import type { Refusal } from "./refusals.ts";

/** What the payer, and nobody else, is told of a refusal besides its code: what is missing, or what the day still allows. */
export const payerDetails = (
  tx: Transaction,
  refusal: Refusal,
  payment: Payment & { payerId: string },
  at: Date,
): Promise<Record<string, unknown>> =>
  detailsOfRefusal(tx, refusal, {
    payerId: payment.payerId,
    currency: payment.currency,
    total: totalOf(payment),
    limit: limitOf(payment),
    at,
  });
