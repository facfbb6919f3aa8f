import { plainArray, run, sql, type Transaction, textArray } from "#kit/db.ts";

/** Statements on lanes. A lease is measured by the machine's clock: a test that moves time must not end one. */
export interface LaneKey {
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly lane: string;
}

const wakeLanesStatement = sql(
  "notifications.wake_lanes",
  `insert into webhook_lanes as l (merchant_id, livemode, lane, due_at)
   select k.*, (select clock_now()) from unnest($1::text[], $2::boolean[], $3::text[]) k
   on conflict (merchant_id, livemode, lane) do update
      set due_at = least(l.due_at, excluded.due_at), wakes = l.wakes + 1,
          paused_until = case when $4 then null else l.paused_until end`,
);

/** Something was added to these lanes, each named once. What a person asked for does not wait for a pause to end. */
export const wakeLanes = (tx: Transaction, lanes: readonly LaneKey[], urgent: boolean): Promise<unknown> =>
  run(tx, wakeLanesStatement, [
    plainArray(lanes.map(({ merchantId }) => merchantId)),
    plainArray(lanes.map(({ livemode }) => livemode)),
    textArray(lanes.map(({ lane }) => lane)),
    urgent,
  ]);

/** Leases lanes that are due, those that wait longest first. Of two processes that want one, the first gets it. */
export const leaseLanes = sql<LaneKey>(
  "notifications.lease_lanes",
  `with due as (
     select merchant_id, livemode, lane from webhook_lanes
      where due_at <= (select clock_now()) and (paused_until is null or paused_until <= (select clock_now()))
        and (leased_until is null or leased_until <= clock_timestamp())
      order by due_at limit $3)
   update webhook_lanes l set leased_by = $1, leased_until = clock_timestamp() + $2 * interval '1 millisecond'
     from due
    where l.merchant_id = due.merchant_id and l.livemode = due.livemode and l.lane = due.lane
      and (l.leased_until is null or l.leased_until <= clock_timestamp())
   returning l.merchant_id as "merchantId", l.livemode, l.lane`,
);

export const renewLeases = sql(
  "notifications.renew_leases",
  `update webhook_lanes set leased_until = clock_timestamp() + $2 * interval '1 millisecond' where leased_by = $1`,
);

/** Where a lane leads and what signs, as it is now. */
export interface LaneState {
  readonly wakes: number;
  readonly failures: number;
  /** Of an endpoint; a payment's own address stands in the delivery. */
  readonly url: string | null;
  readonly enabled: boolean;
  readonly failingSince: Date | null;
  readonly secret: string | null;
  readonly previousSecret: string | null;
}

/** Gives nothing when the lease went to another process, or the lane is gone. */
export const readLane = sql<LaneState>(
  "notifications.read_lane",
  `select l.wakes, l.failures, w.url, coalesce(w.status = 'enabled', l.lane not like 'we\\_%') as enabled,
          w.failing_since as "failingSince", coalesce(w.secret, n.secret) as secret,
          case when coalesce(w.previous_until, n.previous_until) > clock_now()
               then coalesce(w.previous_secret, n.previous_secret) end as "previousSecret"
     from webhook_lanes l
     left join webhook_endpoints w on w.merchant_id = l.merchant_id and w.livemode = l.livemode and w.id = l.lane
     left join notify_secrets n on n.merchant_id = l.merchant_id and n.livemode = l.livemode and l.lane not like 'we\\_%'
    where l.merchant_id = $1 and l.livemode = $2 and l.lane = $3 and l.leased_by = $4`,
);

/**
 * Gives a lane back: due when its next delivery is, or never while its endpoint is off (`$6`). Not when something was added since it was
 * looked at. `$7` is how many failures in a row it ended with, `$8` for how many milliseconds it rests.
 */
export const releaseLane = sql<{ lane: string }>(
  "notifications.release_lane",
  `update webhook_lanes l
      set leased_by = null, leased_until = null, failures = $7,
          paused_until = case when $8 > 0 then clock_now() + $8 * interval '1 millisecond' end,
          due_at = case when $6 then (select min(d.next_attempt_at) from webhook_deliveries d
                                       where d.merchant_id = $1 and d.livemode = $2 and d.lane = $3 and d.status = 'pending') end
    where l.merchant_id = $1 and l.livemode = $2 and l.lane = $3 and l.leased_by = $4 and l.wakes = $5
   returning l.lane`,
);

/** What a process that ends leaves undone is due at once for the others. */
export const releaseLeases = sql(
  "notifications.release_leases",
  "update webhook_lanes set leased_by = null, leased_until = null where leased_by = $1",
);

/** An endpoint that works again: everything that waits for it may go. */
export const resumeLane = sql(
  "notifications.resume_lane",
  `update webhook_lanes set due_at = clock_now(), paused_until = null, failures = 0, wakes = wakes + 1
    where merchant_id = $1 and livemode = $2 and lane = $3`,
);

export const deleteLane = sql(
  "notifications.delete_lane",
  "delete from webhook_lanes where merchant_id = $1 and livemode = $2 and lane = $3",
);

/** Lanes of payments' own addresses for which nothing has waited for long. */
export const deleteIdleLanes = sql(
  "notifications.delete_idle_lanes",
  `delete from webhook_lanes l
    where l.due_at is null and l.leased_by is null and l.lane not like 'we\\_%'
      and not exists (select from webhook_deliveries d
             where d.merchant_id = l.merchant_id and d.livemode = l.livemode and d.lane = l.lane)`,
);
