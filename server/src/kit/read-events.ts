import { database, first, plainArray, run, sql } from "./db.ts";
import { firstEventId, idsSinceBefore } from "./ids.ts";
import { type StoredEvent, type ToldEvent, toldColumns } from "./outbox.ts";

/** Reading back what `outbox` wrote: for the one whom it concerns. */
const columns = `id, owner_id as "ownerId", livemode, type, object_id as "objectId", object, created_at as "createdAt", position`;

const find = sql<StoredEvent>(
  "events.find",
  `select ${columns} from events where owner_id = $1 and livemode = $2 and id = $3`,
);

/** The bounds on `id` are always there, so that the index serves every page however deep it lies. */
const list = (name: string, from: string, order: "asc" | "desc") =>
  sql<StoredEvent>(
    `events.${name}_${order}`,
    `select ${columns} from ${from}
      where owner_id = $1 and livemode = $2 and id > $3 and id < $4
        and ($5::text is null or type = $5) and ($6::text is null or object_id = $6)
        and ($7::timestamptz is null or created_at >= $7) and ($8::timestamptz is null or created_at < $8)
      order by id ${order} limit $9`,
  );
const listNewest = list("list", "events", "desc");
const listOldest = list("list", "events", "asc");

/** An object's first event has an id that is known, the others have an index of their own. */
const ofObject = (objectId: string, firstId: string) =>
  `select * from events where owner_id = $1 and livemode = $2 and id = ${firstId} and object_id = ${objectId}
    union all
   select * from events where owner_id = $1 and livemode = $2 and object_id = ${objectId} and right(id, 26) <> right(object_id, 26)`;
const listOfObject = sql<StoredEvent>(
  "events.of_object",
  `select ${columns} from (${ofObject("$3", "$4")}) e order by position`,
);
const newestOfObject = list("list_of_object", `(${ofObject("$6", "$10")}) e`, "desc");
const oldestOfObject = list("list_of_object", `(${ofObject("$6", "$10")}) e`, "asc");

export interface EventOwner {
  ownerId: string;
  livemode: boolean;
}

export interface EventFilter {
  type?: string;
  /** Id of the object that the event is about. */
  object?: string;
  created_gte?: string;
  created_lt?: string;
}

/** One event of an owner, or nothing. */
export const findEvent = ({ ownerId, livemode }: EventOwner, id: string): Promise<StoredEvent | undefined> =>
  first(database(), find, [ownerId, livemode, id]);

/** All events about an object in the order in which they happened. */
export const eventsOf = ({ ownerId, livemode }: EventOwner, objectId: string): Promise<StoredEvent[]> =>
  run(database(), listOfObject, [ownerId, livemode, objectId, firstEventId(objectId)]);

/** A window of an owner's events in the order of their ids; `after` and `before` as `page` of kit/lists gives them. */
export function listEvents(
  { ownerId, livemode }: EventOwner,
  window: { after: string | null; before: string | null; limit: number; ascending: boolean },
  filter: EventFilter,
): Promise<StoredEvent[]> {
  const values = [
    ownerId,
    livemode,
    window.before ?? "evt_",
    window.after ?? "evt_~",
    filter.type ?? null,
    filter.object ?? null,
    filter.created_gte ?? null,
    filter.created_lt ?? null,
    window.limit,
  ];
  if (filter.object === undefined) return run(database(), window.ascending ? listOldest : listNewest, values);
  const statement = window.ascending ? oldestOfObject : newestOfObject;
  return run(database(), statement, [...values, firstEventId(filter.object)]);
}

/** An event to be sent as it was stored. */
export interface EventText {
  readonly id: string;
  readonly type: string;
  readonly createdAt: Date;
  /** The object as JSON. */
  readonly object: string;
  /** Counts the events of one object that are kept, from 1. */
  readonly sequence: number;
}

/** Only what came after an object's first event has to be counted. */
const textsOfEvents = sql<EventText>(
  "events.texts",
  `select e.id, e.type, e.created_at as "createdAt", e.object::text as object,
          case when right(e.id, 26) = right(e.object_id, 26) then 1
               else (select count(*)::int from events f
                      where f.owner_id = e.owner_id and f.livemode = e.livemode and f.object_id = e.object_id
                        and f.id = 'evt_' || right(e.object_id, 26))
                  + (select count(*)::int from events f
                      where f.owner_id = e.owner_id and f.object_id = e.object_id and right(f.id, 26) <> right(f.object_id, 26)
                        and f.position <= e.position) end as sequence
     from events e where e.owner_id = $1 and e.livemode = $2 and e.id = any($3::text[])`,
);

/** Events of one owner by their ids, in no order. */
export const eventTexts = ({ ownerId, livemode }: EventOwner, ids: readonly string[]): Promise<EventText[]> =>
  run(database(), textsOfEvents, [ownerId, livemode, plainArray(ids)]);

/** An event may be later than its id by this much: ids are made before the transaction, by clocks that may disagree. */
const idLeadMs = 10 * 60_000;

const since = (name: string, condition: string) =>
  sql<ToldEvent>(
    `events.since_${name}`,
    `select ${toldColumns} from events where position > $1 and position <= $2 and ${condition} order by position limit $3`,
  );
const sinceOfOwner = since("of_owner", "owner_id = $4 and livemode = $5 and id >= $6");
const sinceOfPayer = since(
  "of_payer",
  "(type like 'payment.%' or type like 'refund.%') and livemode = $5 and object->>'payer' = $4",
);
const sinceOfAll = since("of_all", "true");
const findInWindow = sql<{ position: number }>(
  "events.find_in_window",
  "select position from events where position > $1 and position <= $2 and id = $3 limit 1",
);

/** Positions: after the first, up to the second. */
export interface Span {
  readonly after: number;
  readonly upTo: number;
}

/** What one owner's events are after this one of them. */
export const ownEventsSince = (
  span: Span,
  { ownerId, livemode }: EventOwner,
  id: string,
  limit: number,
): Promise<ToldEvent[]> =>
  run(database(), sinceOfOwner, [span.after, span.upTo, limit, ownerId, livemode, idsSinceBefore(id, idLeadMs)]);

/** Payments and refunds of one payer. Reads everything in between: the span has to be short. */
export const payerEventsSince = (span: Span, { ownerId, livemode }: EventOwner, limit: number): Promise<ToldEvent[]> =>
  run(database(), sinceOfPayer, [span.after, span.upTo, limit, ownerId, livemode]);

export const allEventsSince = (span: Span, limit: number): Promise<ToldEvent[]> =>
  run(database(), sinceOfAll, [span.after, span.upTo, limit]);

/** Where an event stands, whosesoever it is; nothing when it is not in the span, which is read through. */
export const positionInSpan = async (span: Span, id: string): Promise<number | undefined> =>
  (await first(database(), findInWindow, [span.after, span.upTo, id]))?.position;
