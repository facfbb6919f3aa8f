import { sql } from "#kit/db.ts";
import type { Alert } from "./alert.ts";

const columns = `a.id, a.type, a.severity, a.merchant_id as "merchantId", a.livemode, a.object_id as "objectId",
  a.group_key as "groupKey", a.details, a.status,
  a.count, a.created_at as "createdAt", a.last_seen_at as "lastSeenAt", a.acknowledged_at as "acknowledgedAt",
  a.acknowledged_by as "acknowledgedBy", a.resolved_at as "resolvedAt", a.resolved_by as "resolvedBy", a.note`;

/** Opens alerts, one of a type and group; what is there already, not resolved, is counted in, and open again if somebody had acknowledged it. */
export const raise = sql<Alert>(
  "monitoring.raise_alerts",
  `insert into alerts as a (id, type, group_key, severity, merchant_id, livemode, object_id, details, count)
   select n.* from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::json[], $9::bigint[])
            as n(id, type, group_key, severity, merchant_id, livemode, object_id, details, count)
    order by n.type, n.group_key
   on conflict (type, group_key) where status <> 'resolved' do update
      set count = a.count + excluded.count, last_seen_at = clock_now(), details = excluded.details,
          status = 'open', acknowledged_at = null, acknowledged_by = null,
          told_at = case when a.status = 'open' then a.told_at end
   returning ${columns}`,
);

/** Counts on in alerts that are not resolved, whoever has seen them. */
export const countOn = sql(
  "monitoring.count_on",
  `update alerts a set count = a.count + n.count, last_seen_at = greatest(a.last_seen_at, n.at)
     from unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[]) as n(type, group_key, count, at)
    where a.type = n.type and a.group_key = n.group_key and a.status <> 'resolved'`,
);

export const selectUnresolved = sql<{ type: string; key: string; status: Alert["status"] }>(
  "monitoring.select_unresolved",
  `select a.type, a.group_key as key, a.status
     from unnest($1::text[], $2::text[]) as n(type, group_key)
          join alerts a on a.type = n.type and a.group_key = n.group_key and a.status <> 'resolved'`,
);

/**
 * Marks open alerts that nobody was sent word of, and gives them: at most once a minute those of a severity, so that a storm is a few messages.
 * What went on for more than a day before somebody wanted to hear of it is not told.
 */
export const takeUntold = sql<Alert>(
  "monitoring.take_untold",
  `with due as (
     select d.id from alerts d
      where d.told_at is null and d.status = 'open' and d.severity = any($1::text[])
        and d.last_seen_at > clock_now() - interval '1 day'
        and not exists (select from alerts t where t.severity = d.severity and t.told_at > clock_now() - interval '1 minute')
      order by d.id limit $2
   )
   update alerts a set told_at = clock_now() from due where a.id = due.id and a.told_at is null
   returning ${columns}`,
);

export const selectAlerts = sql<Alert>(
  "monitoring.select_alerts",
  `select ${columns} from alerts a where a.id = any($1::text[]) order by a.id`,
);

export const selectAlert = sql<Alert>("monitoring.select_alert", `select ${columns} from alerts a where a.id = $1`);

/** Compare-and-set of an alert that nobody has taken note of. */
export const acknowledge = sql<Alert>(
  "monitoring.acknowledge_alert",
  `update alerts a set status = 'acknowledged', acknowledged_at = clock_now(), acknowledged_by = $2
    where a.id = $1 and a.status = 'open'
   returning ${columns}`,
);

/** Compare-and-set of an alert that is not resolved. */
export const resolve = sql<Alert>(
  "monitoring.resolve_alert",
  `update alerts a set status = 'resolved', resolved_at = clock_now(), resolved_by = $2, note = $3
    where a.id = $1 and a.status <> 'resolved'
   returning ${columns}`,
);

const list = (order: "asc" | "desc") =>
  sql<Alert>(
    `monitoring.list_alerts_${order}`,
    `select ${columns} from alerts a
      where ($1::text is null or a.id < $1) and ($2::text is null or a.id > $2)
        and ($3::timestamptz is null or a.created_at >= $3) and ($4::timestamptz is null or a.created_at < $4)
        and ($5::text is null or a.status = $5) and ($6::text is null or a.type = $6) and ($7::text is null or a.severity = $7)
        and ($8::text is null or a.merchant_id = $8) and ($9::text is null or a.object_id = $9)
      order by a.id ${order} limit $10`,
  );
export const listAlerts = { asc: list("asc"), desc: list("desc") };

export const countUnresolved = sql<{ status: string; severity: string; count: number }>(
  "monitoring.count_unresolved",
  "select status, severity, count(*) as count from alerts where status <> 'resolved' group by status, severity",
);
