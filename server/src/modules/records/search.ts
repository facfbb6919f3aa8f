import { type MerchantActor, ownerOf, type UserActor } from "#kit/actor.ts";
import { database } from "#kit/db.ts";
import type { List } from "#kit/lists.ts";
import { caughtUp } from "#kit/outbox.ts";
import { findOrders, findPayment, type Payment } from "#modules/payments";
import { consumerName } from "./project.ts";
import { idsWithin } from "./read-records.ts";
import type { MoneyRecord } from "./record.ts";
import { listRecords } from "./sql.ts";

const freshWithinMs = 1_000;

/**
 * What an owner looks for by an id, an order number, or the end of either; a name or words of a subject find what a search of the
 * records finds. Payments that are not decided yet are found by their whole id or order number. The newest first.
 */
export async function search(
  actor: MerchantActor | UserActor,
  { q, limit = 20 }: { q: string; limit?: number },
): Promise<List<SearchResult>> {
  await caughtUp(consumerName, freshWithinMs);
  const { ownerId, livemode } = ownerOf(actor);
  const window = { ...idsWithin({}), ascending: false, limit: limit + 1 };
  const [records, payments] = await Promise.all([
    listRecords(database(), ownerId, livemode, window, { q }),
    actor.kind === "merchant" ? undecided(actor, q) : [],
  ]);
  const results = new Map<string, SearchResult>();
  for (const result of [...payments.map(ofPayment), ...records.map(ofRecord)]) {
    if (!results.has(result.id)) results.set(result.id, result);
  }
  const found = [...results.values()].sort((a, b) => (a.time < b.time ? 1 : -1));
  return { object: "list", data: found.slice(0, limit), has_more: found.length > limit, url: "/v1/search" };
}

/** Payments that make no record yet, or never will. */
async function undecided({ merchantId, livemode }: MerchantActor, q: string): Promise<Payment[]> {
  const [named, ordered] = await Promise.all([
    findPayment(database(), merchantId, livemode, q.toLowerCase()),
    findOrders(database(), [{ merchantId, livemode, outTradeNo: q }]),
  ]);
  return [...(named ? [named] : []), ...ordered].filter(({ status }) => status !== "succeeded" && status !== "failed");
}

interface SearchResult {
  readonly object: "search_result";
  readonly type: MoneyRecord["type"];
  readonly id: string;
  readonly status: Payment["status"];
  readonly direction: MoneyRecord["direction"];
  readonly amount: number;
  readonly currency: string;
  readonly payment: string | null;
  readonly out_trade_no: string | null;
  readonly subject: string | null;
  readonly counterparty: { id: string; name: string | null } | null;
  readonly time: string;
}

const ofPayment = (payment: Payment): SearchResult => ({
  object: "search_result",
  type: "payment",
  id: payment.id,
  status: payment.status,
  direction: "in",
  amount: payment.amount,
  currency: payment.currency,
  payment: payment.id,
  out_trade_no: payment.outTradeNo,
  subject: payment.subject,
  counterparty: payment.payerId === null ? null : { id: payment.payerId, name: null },
  time: payment.createdAt.toISOString(),
});

const ofRecord = (record: MoneyRecord): SearchResult => ({
  object: "search_result",
  type: record.type,
  id: record.sourceId,
  status: record.result,
  direction: record.direction,
  amount: record.amount,
  currency: record.currency,
  payment: record.paymentId,
  out_trade_no: record.outTradeNo,
  subject: record.subject,
  counterparty: record.counterpartyId === null ? null : { id: record.counterpartyId, name: record.counterpartyName },
  time: record.time.toISOString(),
});
