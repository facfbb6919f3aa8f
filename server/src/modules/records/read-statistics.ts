import type { MerchantActor, StaffActor } from "#kit/actor.ts";
import { config } from "#kit/config.ts";
import { database } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { divideHalfEven } from "#kit/money.ts";
import { caughtUp } from "#kit/outbox.ts";
import { reachOf, servesLive } from "#modules/merchants";
import { recordErrors } from "./errors.ts";
import { consumerName } from "./project.ts";
import { slotMs } from "./sql.ts";
import { type Grouping, type StatisticsRow, sumStatistics } from "./statistics-sql.ts";

const freshWithinMs = 1_000;
const mostGroups = 10_000;

export interface StatisticsQuery {
  created_gte?: string;
  created_lt?: string;
  group_by?: Grouping;
  merchant?: string;
  livemode?: boolean;
  currency?: string;
  method?: string;
  store?: string;
}

/**
 * What a merchant's payments come to; for staff everybody's. Waits a moment for what was answered before. Throws
 * `statistics_too_many_groups`.
 */
export async function readStatistics(actor: MerchantActor | StaffActor, query: StatisticsQuery) {
  const { merchantId, livemode } = reachOf(actor, query, "");
  const { group_by: grouping } = query;
  if (grouping === "merchant" && actor.kind === "merchant") {
    throw kitErrors.parameter_invalid({ param: "group_by", details: { reason: "only staff see several merchants" } });
  }
  await caughtUp(consumerName, freshWithinMs);
  const from = edge(query.created_gte, Math.floor);
  const to = edge(query.created_lt, Math.ceil);
  const rows = await sumStatistics(database(), grouping, {
    merchantId,
    livemode: livemode ?? servesLive(),
    from,
    to,
    currency: query.currency ?? null,
    timeZone: config().timeZone,
    method: query.method ?? null,
    storeId: query.store ?? null,
    limit: mostGroups + 1,
  });
  if (rows.length > mostGroups) throw recordErrors.statistics_too_many_groups({ details: { most: mostGroups } });
  return {
    object: "statistics" as const,
    group_by: grouping ?? null,
    from: from?.toISOString() ?? null,
    to: to?.toISOString() ?? null,
    time_zone: config().timeZone,
    data: rows.map(presentRow),
  };
}

/** The edge of the slot that a time lies in. What only PostgreSQL reads as a time (a leap second) is refused. */
function edge(time: string | undefined, round: (slots: number) => number): Date | null {
  if (time === undefined) return null;
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) {
    throw kitErrors.parameter_invalid({
      param: round === Math.floor ? "created_gte" : "created_lt",
      details: { reason: "no leap seconds" },
    });
  }
  return new Date(round(ms / slotMs) * slotMs);
}

function presentRow({ group, currency, succeeded, failed, volume, refunds, refunded }: StatisticsRow) {
  const tried = succeeded + failed;
  return {
    group,
    currency,
    volume,
    count: succeeded,
    failed_count: failed,
    average: succeeded === 0 ? null : divideHalfEven(BigInt(volume), BigInt(succeeded)),
    success_rate: tried === 0 ? null : Math.round((succeeded / tried) * 10_000) / 10_000,
    refund_count: refunds,
    refunded,
  };
}
