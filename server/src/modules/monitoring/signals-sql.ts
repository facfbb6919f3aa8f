import { sql } from "#kit/db.ts";
import { feed } from "#kit/feed.ts";
import type { Scope } from "./rules.ts";

/** A row of what was signalled: `count` times the same. */
export interface StoredSignal {
  readonly kind: string;
  readonly subject: string | null;
  readonly address: string | null;
  readonly addressMasked: string | null;
  readonly merchantId: string | null;
  readonly livemode: boolean | null;
  readonly objectId: string | null;
  readonly details: Record<string, unknown>;
  readonly count: number;
  readonly createdAt: Date;
  readonly position: number;
}

export const signals = feed<StoredSignal>(
  "security_signals",
  `kind, subject, address, address_masked as "addressMasked", merchant_id as "merchantId", livemode, object_id as "objectId", details,
   count, created_at as "createdAt", position`,
);

const column: Record<Scope, string> = {
  subject: "g.subject = w.key",
  address: "g.address = w.key",
  merchant: "g.merchant_id = w.key",
  platform: "w.key is not null",
};

const countWithin = (scope: Scope) =>
  sql<{ type: string; key: string; most: number }>(
    `monitoring.count_signals_by_${scope}`,
    `with wanted as (
       select w.*, since.moment as since
         from unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::timestamptz[]) as w(type, key, kinds, minutes, at)
              -- What a person has looked at already does not count again.
              left join lateral (
                select coalesce(a.resolved_at, a.acknowledged_at) as moment
                  from alerts a where a.type = w.type and a.group_key = w.key order by a.id desc limit 1
              ) since on true
     )
     select w.type, w.key, max(c.total)::bigint as most
       from wanted w
            cross join lateral (
              select coalesce(sum(g.count), 0) as total
                from security_signals g
               where g.kind = any(string_to_array(w.kinds, ' ')) and ${column[scope]}
                 and g.created_at > w.at - w.minutes * interval '1 minute' and g.created_at <= w.at
                 and g.created_at > coalesce(w.since, '-infinity')
            ) c
      group by w.type, w.key`,
  );

/** The most signals that one window of a rule held, for each group; windows end at the moments given. */
export const countSignals = {
  subject: countWithin("subject"),
  address: countWithin("address"),
  merchant: countWithin("merchant"),
  platform: countWithin("platform"),
} as const satisfies Record<Scope, unknown>;

export const deleteOldSignals = sql<{ position: number }>(
  "monitoring.delete_old_signals",
  `delete from security_signals s
    using (select position, created_at from security_signals order by position limit $2) oldest
    where s.position = oldest.position and oldest.created_at < clock_now() - $1 * interval '1 day'
   returning s.position`,
);
