import { type Queryable, run, sql } from "#kit/db.ts";

/** A merchant whose refunds of the last day are far above its usual ones, or above its sales. */
export interface UnusualRefunds {
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly currency: string;
  /** Of the last day; sums are minor units. */
  readonly refunds: number;
  readonly refunded: number;
  readonly volume: number;
  /** A day's average of the four weeks before. */
  readonly usual: number;
}

/**
 * More than was sold that day; or more than five times the usual and a fifth of what was sold. From `$1` refunds a day, and while they go on,
 * so that what a person has looked at does not come again.
 */
const unusualRefundsStatement = sql<UnusualRefunds>(
  "records.unusual_refunds",
  `with lately as (
     select merchant_id, livemode, currency, sum(refunds) as refunds, sum(refunded) as refunded, sum(volume) as volume
       from statistics
      where livemode in (true, false) and slot > clock_now() - interval '1 day'
      group by merchant_id, livemode, currency
     having sum(refunds) >= $1 and sum(refunds) filter (where slot > clock_now() - interval '30 minutes') > 0
   )
   select l.merchant_id as "merchantId", l.livemode, l.currency, l.refunds::bigint as refunds, l.refunded::bigint as refunded,
          l.volume::bigint as volume, (before.refunded / 28)::bigint as usual
     from lately l
          cross join lateral (
            select coalesce(sum(s.refunded), 0) as refunded from statistics s
             where s.merchant_id = l.merchant_id and s.livemode = l.livemode and s.currency = l.currency
               and s.slot > clock_now() - interval '29 days' and s.slot <= clock_now() - interval '1 day'
          ) before
    where l.refunded > l.volume or (l.refunded > 5 * before.refunded / 28 and l.refunded > l.volume / 5)
    order by l.merchant_id limit 100`,
);

export const unusualRefunds = (on: Queryable, leastRefunds: number): Promise<UnusualRefunds[]> =>
  run(on, unusualRefundsStatement, [leastRefunds]);

/** What groups are told apart by; time zone is `$6`. */
const groups = {
  hour: `to_char(date_trunc('hour', slot, $6) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  day: "to_char(slot at time zone $6, 'YYYY-MM-DD')",
  method: "nullif(method, '')",
  merchant: "merchant_id",
  store: "nullif(store_id, '')",
} as const;
export type Grouping = keyof typeof groups;
export const groupings = Object.keys(groups) as Grouping[];

export interface StatisticsRow {
  readonly group: string | null;
  readonly currency: string;
  readonly succeeded: number;
  readonly failed: number;
  /** Minor units, as are the refunded ones. */
  readonly volume: number;
  readonly refunds: number;
  readonly refunded: number;
}

/** `$1` merchant, `$2` mode, `$3` and `$4` the period, `$5` currency, `$7` method, `$8` store. */
const statement = (grouping: Grouping | "all", whose: "one" | "everybody") => {
  const group = grouping === "all" ? "null::text" : groups[grouping];
  const owner = whose === "one" ? "merchant_id = $1" : "$1::text is null";
  return sql<StatisticsRow>(
    `records.statistics_${grouping}_${whose}`,
    `select ${group} as "group", currency, sum(succeeded)::bigint as succeeded, sum(failed)::bigint as failed,
            sum(volume)::bigint as volume, sum(refunds)::bigint as refunds, sum(refunded)::bigint as refunded
       from statistics
      where ${owner} and livemode = $2 and slot >= coalesce($3::timestamptz, '-infinity')
        and slot < coalesce($4::timestamptz, 'infinity') and ($5::text is null or currency = $5)
        and $6::text is not null and ($7::text is null or method = $7) and ($8::text is null or store_id = $8)
      group by 1, 2 order by 1, 2 limit $9`,
  );
};

const statements = new Map(
  (["all", ...groupings] as const).map((grouping) => [
    grouping,
    { one: statement(grouping, "one"), everybody: statement(grouping, "everybody") },
  ]),
);

export interface StatisticsFilter {
  /** Nothing: every merchant's. */
  merchantId: string | null;
  livemode: boolean;
  /** Beginnings of slots. */
  from: Date | null;
  to: Date | null;
  currency: string | null;
  timeZone: string;
  method: string | null;
  storeId: string | null;
  limit: number;
}

/** Sums by group and currency; without a grouping, by currency. */
export async function sumStatistics(
  on: Queryable,
  grouping: Grouping | undefined,
  filter: StatisticsFilter,
): Promise<StatisticsRow[]> {
  const { merchantId, livemode, from, to, currency, timeZone, method, storeId, limit } = filter;
  const known = statements.get(grouping ?? "all");
  const chosen = known?.[merchantId === null ? "everybody" : "one"];
  if (!chosen) throw new TypeError(`statistics are not grouped by ${grouping}`);
  return run(on, chosen, [merchantId, livemode, from, to, currency, timeZone, method, storeId, limit]);
}
