import { plainArray, run, sql, type Transaction, textArray } from "#kit/db.ts";
import type { Delivery, DeliveryError, DeliveryStatus } from "./delivery.ts";

/** Statements on deliveries. */
const columns = `d.id, d.livemode, d.endpoint_id as "endpointId", d.url, d.event_id as "eventId", d.event_type as "eventType", d.status,
  d.attempts, d.next_attempt_at as "nextAttemptAt", d.last_attempt_at as "lastAttemptAt",
  d.response_status as "responseStatus", d.response_excerpt as "responseExcerpt", d.error, d.duration_ms as "durationMs",
  d.created_at as "createdAt"`;

/** An event that is to go to one receiver. */
export interface NewDelivery {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  /** The receiver: {@link endpointId}, or the origin of {@link url}. */
  readonly lane: string;
  readonly endpointId: string | null;
  readonly url: string | null;
  readonly eventId: string;
  readonly eventType: string;
  readonly objectId: string;
}

/** Due one after the other, a microsecond apart: ids of one millisecond have no order among them. */
const insertion = `insert into webhook_deliveries as d (merchant_id, livemode, id, lane, endpoint_id, url, event_id, event_type,
       object_id, next_attempt_at)
   select n.merchant_id, n.livemode, n.id, n.lane, n.endpoint_id, n.url, n.event_id, n.event_type, n.object_id,
          (select clock_now()) + n.n * interval '1 microsecond'
     from unnest($1::text[], $2::boolean[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                 $9::text[]) with ordinality
       as n(merchant_id, livemode, id, lane, endpoint_id, url, event_id, event_type, object_id, n)`;
const insertMany = sql<Delivery>("notifications.insert_deliveries", insertion);
const insertAndShow = sql<Delivery>("notifications.insert_and_show_deliveries", `${insertion} returning ${columns}`);

/** Gives them back where they are to be shown. */
export const insertDeliveries = (tx: Transaction, added: readonly NewDelivery[], show: boolean): Promise<Delivery[]> =>
  run(tx, show ? insertAndShow : insertMany, [
    plainArray(added.map((d) => d.merchantId)),
    plainArray(added.map((d) => d.livemode)),
    plainArray(added.map((d) => d.id)),
    textArray(added.map((d) => d.lane)),
    plainArray(added.map((d) => d.endpointId)),
    textArray(added.map((d) => d.url)),
    plainArray(added.map((d) => d.eventId)),
    plainArray(added.map((d) => d.eventType)),
    textArray(added.map((d) => d.objectId)),
  ]);

/** The endpoints that want each of these events and are older, in the order of the events; `n` counts them from 1. */
export const matchEndpoints = sql<{ n: number; endpointId: string }>(
  "notifications.match_endpoints",
  `select h.n::int, w.id as "endpointId"
     from unnest($1::text[], $2::boolean[], $3::text[], $4::timestamptz[]) with ordinality
       as h(owner_id, livemode, type, created_at, n)
     join webhook_endpoints w on w.merchant_id = h.owner_id and w.livemode = h.livemode and w.status = 'enabled'
      and date_trunc('milliseconds', w.created_at) <= h.created_at and w.events && array[h.type, split_part(h.type, '.', 1) || '.*', '*']
    where h.type <> 'webhook_endpoint.test'
    order by h.n`,
);

export const selectDelivery = sql<Delivery & { lane: string; objectId: string }>(
  "notifications.select_delivery",
  `select ${columns}, d.lane, d.object_id as "objectId" from webhook_deliveries d
    where d.merchant_id = $1 and d.livemode = $2 and d.id = $3`,
);

const list = (order: "asc" | "desc") =>
  sql<Delivery>(
    `notifications.list_deliveries_${order}`,
    `select ${columns} from webhook_deliveries d
      where d.merchant_id = $1 and d.livemode = $2 and d.endpoint_id = $3
        and ($4::text is null or d.id < $4) and ($5::text is null or d.id > $5)
        and ($6::timestamptz is null or d.created_at >= $6) and ($7::timestamptz is null or d.created_at < $7)
        and ($8::text is null or d.status = $8) and ($9::text is null or d.event_id = $9)
      order by d.id ${order} limit $10`,
  );
export const listDeliveries = { asc: list("asc"), desc: list("desc") };

/** Where an event went: the latest delivery to each receiver. */
export const receiversOfEvent = sql<{ lane: string; endpointId: string | null; url: string | null }>(
  "notifications.receivers_of_event",
  `select distinct on (d.lane, d.url) d.lane, d.endpoint_id as "endpointId", d.url from webhook_deliveries d
    where d.merchant_id = $1 and d.livemode = $2 and d.event_id = $3 and d.url is not null
    order by d.lane, d.url`,
);

/** Deliveries of these events, oldest first. */
export const deliveriesOfEvents = sql<Delivery>(
  "notifications.deliveries_of_events",
  `select ${columns} from webhook_deliveries d
    where d.merchant_id = $1 and d.livemode = $2 and d.event_id = any($3::text[]) order by d.id limit $4`,
);

/** What waited for an endpoint that is gone. */
export const cancelDeliveries = sql(
  "notifications.cancel_deliveries",
  `update webhook_deliveries set status = 'canceled', next_attempt_at = null
    where merchant_id = $1 and livemode = $2 and lane = $3 and status = 'pending'`,
);

/** A delivery that is due. */
export interface Due {
  readonly id: string;
  readonly eventId: string;
  readonly objectId: string;
  readonly url: string | null;
  readonly attempts: number;
}

export const selectDue = sql<Due>(
  "notifications.select_due",
  `select d.id, d.event_id as "eventId", d.object_id as "objectId", d.url, d.attempts from webhook_deliveries d
    where d.merchant_id = $1 and d.livemode = $2 and d.lane = $3 and d.status = 'pending'
      and d.next_attempt_at <= (select clock_now())
    order by d.next_attempt_at, d.id limit $4`,
);

/** What came of one attempt. */
export interface Outcome {
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly id: string;
  /** Attempts before this one. */
  readonly attempts: number;
  readonly status: DeliveryStatus;
  /** Milliseconds to the next attempt, while it is pending. */
  readonly waitMs: number | null;
  readonly responseStatus: number | null;
  readonly excerpt: string | null;
  readonly error: DeliveryError | null;
  readonly durationMs: number;
}

/** Of two processes that made the same attempt, one is noted. */
const noteOutcomesStatement = sql(
  "notifications.note_outcomes",
  `update webhook_deliveries d
      set status = o.status, attempts = d.attempts + 1, last_attempt_at = at.now,
          next_attempt_at = case o.status when 'pending' then at.now + o.wait_ms * interval '1 millisecond' end,
          response_status = o.response_status, response_excerpt = o.excerpt, error = o.error, duration_ms = o.duration_ms
     from unnest($1::text[], $2::boolean[], $3::text[], $4::smallint[], $5::text[], $6::bigint[], $7::smallint[], $8::text[],
                 $9::text[], $10::integer[])
       as o(merchant_id, livemode, id, attempts, status, wait_ms, response_status, excerpt, error, duration_ms),
       (select clock_now() as now) at
    where d.merchant_id = o.merchant_id and d.livemode = o.livemode and d.id = o.id
      and d.status = 'pending' and d.attempts = o.attempts`,
);

export const noteOutcomes = (tx: Transaction, outcomes: readonly Outcome[]): Promise<unknown> =>
  run(tx, noteOutcomesStatement, [
    plainArray(outcomes.map((o) => o.merchantId)),
    plainArray(outcomes.map((o) => o.livemode)),
    plainArray(outcomes.map((o) => o.id)),
    plainArray(outcomes.map((o) => o.attempts)),
    plainArray(outcomes.map((o) => o.status)),
    plainArray(outcomes.map((o) => o.waitMs)),
    plainArray(outcomes.map((o) => o.responseStatus)),
    textArray(outcomes.map((o) => o.excerpt)),
    plainArray(outcomes.map((o) => o.error)),
    plainArray(outcomes.map((o) => o.durationMs)),
  ]);

/** A part of what is old. */
export const deleteOldDeliveries = sql<{ id: string }>(
  "notifications.delete_old_deliveries",
  `delete from webhook_deliveries d
    using (select merchant_id, livemode, id from webhook_deliveries
            where created_at < clock_now() - $1 * interval '1 day' limit $2) old
    where d.merchant_id = old.merchant_id and d.livemode = old.livemode and d.id = old.id
   returning d.id`,
);

export const countPending = sql<{ count: number }>(
  "notifications.count_pending",
  "select count(*) as count from (select from webhook_deliveries where status = 'pending' limit $1) d",
);
