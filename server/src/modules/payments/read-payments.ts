import type { Actor } from "#kit/actor.ts";
import { database } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, type ListQuery, page } from "#kit/lists.ts";
import { paymentOf } from "./confirm-on-device.ts";
import { type Payment, presentPayment } from "./payment.ts";
import { findOrders, findPayment, listPayments } from "./sql.ts";
import { isInStore, type Seller } from "./till.ts";

/** One payment of the merchant (for a till: of its store), or one that waits for this user or was paid by them; anybody else's is not found. */
export async function readPayment(actor: Actor | undefined, id: string): Promise<Payment> {
  if (actor?.kind === "user") return paymentOf(database(), actor, id);
  if (actor?.kind !== "merchant" && actor?.kind !== "terminal") throw kitErrors.not_found();
  const payment = await findPayment(database(), actor.merchantId, actor.livemode, id);
  if (!payment || !isInStore(actor, payment)) throw kitErrors.not_found();
  return payment;
}

/** The merchant's payments, newest first; with an order number, all that ever had it. */
export async function readPayments(
  seller: Seller,
  query: ListQuery & { out_trade_no?: string; status?: string },
  language: Language,
): Promise<List<ReturnType<typeof presentPayment>>> {
  const { merchantId, livemode } = seller;
  const present = (payment: Payment) => presentPayment(payment, language);
  const { out_trade_no: outTradeNo, status = null } = query;
  if (outTradeNo !== undefined) {
    const found = await findOrders(database(), [{ merchantId, livemode, outTradeNo }]);
    const data = found
      .filter((payment) => isInStore(seller, payment) && (status === null || payment.status === status))
      .sort(newestFirst);
    return { object: "list", data: data.map(present), has_more: false, url: "/v1/payments" };
  }
  // A till looks for what it knows the number of.
  if (seller.kind === "terminal") throw kitErrors.parameter_missing({ param: "out_trade_no" });
  return page(
    "/v1/payments",
    query,
    (window) => listPayments(database(), merchantId, livemode, { ...window, status }),
    present,
  );
}

const newestFirst = (a: Payment, b: Payment): number => (a.id < b.id ? 1 : -1);
