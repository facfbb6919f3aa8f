import type { MerchantActor } from "#kit/actor.ts";
import { database } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, type ListQuery, page } from "#kit/lists.ts";
import type { Payment } from "./payment.ts";
import { presentRefund, type Refund } from "./refund.ts";
import { findRefund, listRefunds, type RefundFilter } from "./refunds-sql.ts";
import { isInStore, type Seller } from "./till.ts";

/** No page shows more of one payment: whoever needs the rest lists them. */
const mostOfPayment = 1_000;

/** One refund of the merchant; anybody else's is not found, nor for a till another store's. */
export async function readRefund(seller: Seller, id: string): Promise<Refund> {
  const refund = await findRefund(database(), seller, id);
  if (!refund || !isInStore(seller, refund)) throw kitErrors.not_found();
  return refund;
}

/** All refunds of a payment, the first first. */
export const refundsOf = (payment: Payment): Promise<Refund[]> =>
  listRefunds(
    database(),
    payment,
    { after: null, before: null, limit: mostOfPayment, ascending: true },
    { payment: payment.id },
  );

/** The merchant's refunds, newest first. */
export const readRefunds = (
  actor: MerchantActor,
  query: ListQuery & RefundFilter,
  language: Language,
): Promise<List<ReturnType<typeof presentRefund>>> =>
  page(
    "/v1/refunds",
    query,
    (window) => listRefunds(database(), actor, window, query),
    (refund) => presentRefund(refund, language),
  );
