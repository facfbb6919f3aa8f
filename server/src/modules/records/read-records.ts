import { type MerchantActor, ownerOf, type UserActor } from "#kit/actor.ts";
import { database } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { idsSince } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, type ListQuery, page } from "#kit/lists.ts";
import { caughtUp } from "#kit/outbox.ts";
import { consumerName } from "./project.ts";
import { type MoneyRecord, presentRecord } from "./record.ts";
import { findRecord, listRecords, type RecordFilter } from "./sql.ts";

/** How long a reader waits for records of what was answered already. */
const freshWithinMs = 1_000;

/** One record of this owner; anybody else's is not found. */
export async function readRecord(actor: MerchantActor | UserActor, id: string): Promise<MoneyRecord> {
  const { ownerId, livemode } = ownerOf(actor);
  const record = await findRecord(database(), ownerId, livemode, id);
  if (!record) throw kitErrors.not_found();
  return record;
}

/**
 * The owner's records, newest first. What was committed before the call is among them, unless the projection is more than a second
 * behind. Pages after the first don't wait: they lie in the past.
 */
export async function readRecords(
  actor: MerchantActor | UserActor,
  query: ListQuery & RecordFilter,
  language: Language,
): Promise<List<ReturnType<typeof presentRecord>>> {
  if (!query.starting_after) await caughtUp(consumerName, freshWithinMs);
  const { ownerId, livemode } = ownerOf(actor);
  const period = idsWithin(query);
  return page(
    "/v1/records",
    query,
    ({ after, before, ascending, limit }) => {
      const below = after !== null && after < period.below ? after : period.below;
      const above = before !== null && before > period.above ? before : period.above;
      return listRecords(database(), ownerId, livemode, { above, below, ascending, limit }, query);
    },
    (record) => presentRecord(record, language),
  );
}

/**
 * Ids that a period's records lie between, so that the index finds them. It may be a millisecond too wide on either side, or
 * everything when the text is a time that only PostgreSQL understands: the comparison of times decides.
 */
function idsWithin({ created_gte = "", created_lt = "" }: RecordFilter): { above: string; below: string } {
  const from = Math.max(0, Date.parse(created_gte));
  const to = Math.max(0, Date.parse(created_lt) + 1);
  return {
    above: Number.isNaN(from) ? "rcd_" : idsSince("rcd", from),
    below: Number.isNaN(to) ? "rcd_~" : idsSince("rcd", to),
  };
}
