import { sql } from "#kit/db.ts";
import type { Endpoint } from "./endpoint.ts";

/** Statements on endpoints and the secrets that sign. */
const columns = `w.id, w.merchant_id as "merchantId", w.livemode, w.url, w.description, w.events, w.status,
  w.disabled_reason as "disabledReason", w.failing_since as "failingSince",
  case when w.previous_until > clock_now() then w.previous_until end as "previousUntil", w.created_at as "createdAt"`;

/** Gives nothing when the merchant has `$8` already. */
export const insertEndpoint = sql<Endpoint>(
  "notifications.insert_endpoint",
  `insert into webhook_endpoints as w (merchant_id, livemode, id, url, description, events, secret)
   select $1, $2, $3, $4, $5, $6, $7
    where (select count(*) from webhook_endpoints o where o.merchant_id = $1 and o.livemode = $2) < $8
   returning ${columns}`,
);

export const selectEndpoint = sql<Endpoint>(
  "notifications.select_endpoint",
  `select ${columns} from webhook_endpoints w where w.merchant_id = $1 and w.livemode = $2 and w.id = $3`,
);

const list = (order: "asc" | "desc") =>
  sql<Endpoint>(
    `notifications.list_endpoints_${order}`,
    `select ${columns} from webhook_endpoints w
      where w.merchant_id = $1 and w.livemode = $2
        and ($3::text is null or w.id < $3) and ($4::text is null or w.id > $4)
        and ($5::timestamptz is null or w.created_at >= $5) and ($6::timestamptz is null or w.created_at < $6)
      order by w.id ${order} limit $7`,
  );
export const listEndpoints = { asc: list("asc"), desc: list("desc") };

/** What is null stays; `$6` says whether to set the description, to `$7`; `$8` switches it on or off. */
export const updateEndpoint = sql<Endpoint>(
  "notifications.update_endpoint",
  `update webhook_endpoints as w
      set url = coalesce($4, w.url), events = coalesce($5, w.events),
          description = case when $6 then $7 else w.description end,
          status = case $8::boolean when true then 'enabled' when false then 'disabled' else w.status end,
          disabled_reason = case $8::boolean when true then null when false then coalesce(w.disabled_reason, 'merchant')
                                 else w.disabled_reason end,
          failing_since = case when $8 and w.status = 'disabled' then null else w.failing_since end
    where w.merchant_id = $1 and w.livemode = $2 and w.id = $3
   returning ${columns}`,
);

/** Compare-and-set of an endpoint that works. */
export const disableEndpoint = sql<Endpoint>(
  "notifications.disable_endpoint",
  `update webhook_endpoints as w set status = 'disabled', disabled_reason = $4
    where w.merchant_id = $1 and w.livemode = $2 and w.id = $3 and w.status = 'enabled'
   returning ${columns}`,
);

export const deleteEndpoint = sql<Endpoint>(
  "notifications.delete_endpoint",
  `delete from webhook_endpoints as w where w.merchant_id = $1 and w.livemode = $2 and w.id = $3 returning ${columns}`,
);

export const rotateEndpointSecret = sql<Endpoint>(
  "notifications.rotate_endpoint_secret",
  `update webhook_endpoints as w
      set previous_secret = w.secret, previous_until = clock_now() + $5 * interval '1 second', secret = $4
    where w.merchant_id = $1 and w.livemode = $2 and w.id = $3
   returning ${columns}`,
);

/** Since when nothing succeeds: set by the first failure, taken away by the next success. */
export const noteHealth = sql(
  "notifications.note_health",
  `update webhook_endpoints
      set failing_since = case when $4 then null else coalesce(failing_since, clock_now()) end
    where merchant_id = $1 and livemode = $2 and id = $3`,
);

export interface NotifySecret {
  readonly livemode: boolean;
  readonly previousUntil: Date | null;
  readonly createdAt: Date;
}
const notifyColumns = `livemode, case when previous_until > clock_now() then previous_until end as "previousUntil",
  created_at as "createdAt"`;

export const selectNotifySecret = sql<NotifySecret>(
  "notifications.select_notify_secret",
  `select ${notifyColumns} from notify_secrets where merchant_id = $1 and livemode = $2`,
);

/** First secrets, for merchants that have none. */
export const insertNotifySecrets = sql(
  "notifications.insert_notify_secrets",
  `insert into notify_secrets (merchant_id, livemode, secret)
   select * from unnest($1::text[], $2::boolean[], $3::text[]) on conflict do nothing`,
);

/** The first secret, or a new one beside the one before. */
export const rotateNotifySecret = sql<NotifySecret>(
  "notifications.rotate_notify_secret",
  `insert into notify_secrets as n (merchant_id, livemode, secret) values ($1, $2, $3)
   on conflict (merchant_id, livemode) do update
      set previous_secret = n.secret, previous_until = clock_now() + $4 * interval '1 second', secret = $3,
          created_at = clock_now()
   returning ${notifyColumns}`,
);
