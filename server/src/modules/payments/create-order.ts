import type { MerchantActor } from "#kit/actor.ts";
import { now } from "#kit/clock.ts";
import { config } from "#kit/config.ts";
import type { Transaction } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { firstEventId, newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { requireOutgoingUrl } from "#kit/outgoing.ts";
import { openAttempt } from "./attempts-sql.ts";
import { paymentErrors } from "./errors.ts";
import { statusAt } from "./lock-order.ts";
import { liveOf, sameTerms } from "./natural-key.ts";
import { type NewPayment, newPayment } from "./new-payment.ts";
import { methodsFor, type OrderMethod } from "./order-methods.ts";
import { orderPayload } from "./order-payload.ts";
import { insertOrder } from "./orders-sql.ts";
import { type Payment, type ProfitShare, presentPayment } from "./payment.ts";
import { paymentEvent } from "./payment-event.ts";
import { paymentKey } from "./payment-key.ts";
import { assertShares } from "./profit-shares.ts";
import { databaseTime, findOrders, movePayment } from "./sql.ts";

export interface OrderInput extends NewPayment {
  methods?: OrderMethod[];
  expires_at?: string;
  notify?: string;
  profit_sharing?: ProfitShare[];
}

/** An order waits for its payer no longer than this. */
const longestMs = 7 * 24 * 60 * 60_000;

/** What an order says and a scan does not. */
const orderFields = ["methods", "expires_at", "notify", "profit_sharing"] as const;

/** A code is charged at once, so nothing of an order can be said with it; when it only holds the money, `expires_at` ends the hold. */
export function refuseOrderFields(input: OrderInput): void {
  const field = orderFields.find(
    (name) => input[name] !== undefined && !(name === "expires_at" && input.capture === "manual"),
  );
  if (field) throw paymentErrors.order_field_with_code({ param: `/${field}` });
}

/** An order as it will be, and the text of the QR code by which it is paid, where that is possible. */
export interface OrderDraft {
  readonly order: Payment;
  readonly qr: string | null;
}

/** Checks and prices an order; nothing is stored. Throws what is wrong with the request itself. */
export async function draftOrder(actor: MerchantActor, input: OrderInput): Promise<OrderDraft> {
  const payment = await newPayment(actor, input);
  const { notify = null, profit_sharing: shares = null } = input;
  if (notify !== null) requireOutgoingUrl(notify, actor.livemode, "/notify");
  if (shares !== null) await assertShares(payment, shares);
  const order: Payment = {
    ...payment,
    methods: methodsOf(payment, input.methods),
    expiresAt: expiryOf(input.expires_at),
    notify,
    profitSharing: shares,
  };
  return { order, qr: await orderPayload(order) };
}

/**
 * Stores an order that waits for its payer, and gives it with what opens it: that is told here and nowhere else. An order number
 * that is taken gives the live payment when the terms are the same; otherwise throws `out_trade_no_conflict`.
 */
export async function createOrder(
  tx: Transaction,
  { order: draft, qr }: OrderDraft,
  address: string,
  language: Language,
) {
  for (;;) {
    const order = await insertOrder(tx, draft);
    if (order) {
      await emit(tx, [paymentEvent(firstEventId(order.id), order)]);
      await faultPoint("payments.order_after_event");
      return { ...presentPayment(order, language), ...openingOf(order, qr, address) };
    }
    const live = liveOf(await findOrders(tx, [draft]));
    // Whoever had the number gave it up between the two looks.
    if (!live || (await isGivenUp(tx, live))) continue;
    if (!sameTerms(live, draft)) throw paymentErrors.out_trade_no_conflict({ details: { payment: live.id } });
    return presentPayment(live, language);
  }
}

/** What opens an order, for the merchant to hand to its payer. The key stands in the link's fragment, which browsers send to no server. */
function openingOf(order: Payment, qr: string | null, address: string) {
  const key = paymentKey(order);
  const base = config().publicUrl || address;
  return { payment_key: key, ...(qr !== null && { qr }), checkout_url: `${base}/checkout/${order.id}#${key}` };
}

/** Closes an order whose time is over when the worker has not come by yet, so that its number is free at once. */
async function isGivenUp(tx: Transaction, live: Payment): Promise<boolean> {
  if (live.status !== "requires_payment" || statusAt(live, await databaseTime(tx)) !== "closed") return false;
  // Somebody agreed in time, and the channel has not answered yet.
  if (await openAttempt(tx, live)) return false;
  const closed = await movePayment(tx, live, "requires_payment", "closed");
  if (closed) await emit(tx, [paymentEvent(newId("evt"), closed)]);
  return true;
}

function methodsOf(payment: Payment, wanted: OrderMethod[] | undefined): OrderMethod[] {
  const possible = methodsFor(payment);
  if (wanted?.some((method) => !possible.includes(method)))
    throw paymentErrors.method_unavailable({ param: "/methods", details: { methods: possible } });
  return wanted ?? possible;
}

function expiryOf(wanted: string | undefined): Date {
  const at = now();
  if (wanted === undefined) return new Date(at + config().orderMinutes * 60_000);
  const expiresAt = new Date(wanted);
  if (!(expiresAt.getTime() > at && expiresAt.getTime() <= at + longestMs)) {
    const reason = "must be later than now and at most 7 days ahead";
    throw kitErrors.parameter_invalid({ param: "/expires_at", details: { reason } });
  }
  return expiresAt;
}
