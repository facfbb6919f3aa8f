import { type MerchantActor, ownerOf, type UserActor } from "#kit/actor.ts";
import { database } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { idsSince } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, type ListQuery, page } from "#kit/lists.ts";
import { caughtUp } from "#kit/outbox.ts";
import { consumerName } from "./project.ts";
import { type MoneyRecord, presentRecord } from "./record.ts";
import { depthOf, findRecord, listRecords, type RecordFilter, type RecordWindow } from "./sql.ts";

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
): Promise<RecordList> {
  if (!query.starting_after) await caughtUp(consumerName, freshWithinMs);
  const { ownerId, livemode } = ownerOf(actor);
  let looked: RecordWindow | undefined;
  const list = await page(
    "/v1/records",
    query,
    ({ after, before, ascending, limit }) => {
      looked = { ...narrowed(idsWithin(query), after, before), ascending, limit };
      return listRecords(database(), ownerId, livemode, looked, query);
    },
    (record) => presentRecord(record, language),
  );
  if (query.q === undefined || !looked) return list;
  const stop = await depthOf(database(), ownerId, livemode, looked);
  // A full page within what was looked through: the next one looks further.
  const within = stop && list.has_more && list.data.every(({ id }) => id > stop.id);
  return { ...list, searched_back_to: stop && !within ? stop.time.toISOString() : null };
}

interface RecordList extends List<ReturnType<typeof presentRecord>> {
  /** Of a search: records before this time were not looked through. */
  searched_back_to?: string | null;
}

interface Bounds {
  above: string;
  below: string;
}

function narrowed({ above, below }: Bounds, after: string | null, before: string | null): Bounds {
  return {
    above: before !== null && before > above ? before : above,
    below: after !== null && after < below ? after : below,
  };
}

/**
 * Ids that a period's records lie between, so that the index finds them. It may be a millisecond too wide on either side, or
 * everything when the text is a time that only PostgreSQL understands: the comparison of times decides.
 */
export function idsWithin({ created_gte = "", created_lt = "" }: RecordFilter): Bounds {
  const from = Math.max(0, Date.parse(created_gte));
  const to = Math.max(0, Date.parse(created_lt) + 1);
  return {
    above: Number.isNaN(from) ? "rcd_" : idsSince("rcd", from),
    below: Number.isNaN(to) ? "rcd_~" : idsSince("rcd", to),
  };
}
