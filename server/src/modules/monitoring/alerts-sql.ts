import { sql } from "#kit/db.ts";
import type { Alert } from "./alert.ts";

const columns = `a.id, a.type, a.severity, a.merchant_id as "merchantId", a.livemode, a.object_id as "objectId", a.details, a.status,
  a.created_at as "createdAt", a.acknowledged_at as "acknowledgedAt", a.acknowledged_by as "acknowledgedBy"`;

export const insertAlert = sql(
  "monitoring.insert_alert",
  `insert into alerts (id, type, severity, merchant_id, livemode, object_id, details)
   values ($1, $2, $3, $4, $5, $6, $7)`,
);

export const selectAlert = sql<Alert>("monitoring.select_alert", `select ${columns} from alerts a where a.id = $1`);

/** Compare-and-set of an alert that nobody has taken note of. */
export const acknowledge = sql<Alert>(
  "monitoring.acknowledge_alert",
  `update alerts a set status = 'acknowledged', acknowledged_at = clock_now(), acknowledged_by = $2
    where a.id = $1 and a.status = 'open'
   returning ${columns}`,
);

const list = (order: "asc" | "desc") =>
  sql<Alert>(
    `monitoring.list_alerts_${order}`,
    `select ${columns} from alerts a
      where ($1::text is null or a.id < $1) and ($2::text is null or a.id > $2)
        and ($3::timestamptz is null or a.created_at >= $3) and ($4::timestamptz is null or a.created_at < $4)
        and ($5::text is null or a.status = $5) and ($6::text is null or a.type = $6)
      order by a.id ${order} limit $7`,
  );
export const listAlerts = { asc: list("asc"), desc: list("desc") };
