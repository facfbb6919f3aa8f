import { database, first, run, sql } from "./db.ts";
import type { StoredEvent } from "./outbox.ts";

/** Reading back what `outbox` wrote: for the one whom it concerns. */
const columns = `id, owner_id as "ownerId", livemode, type, object_id as "objectId", object, created_at as "createdAt", position`;

const find = sql<StoredEvent>(
  "events.find",
  `select ${columns} from events where owner_id = $1 and livemode = $2 and id = $3`,
);

/** The bounds on `id` are always there, so that the index serves every page however deep it lies. */
const list = (order: "asc" | "desc") =>
  sql<StoredEvent>(
    `events.list_${order}`,
    `select ${columns} from events
      where owner_id = $1 and livemode = $2 and id > $3 and id < $4
        and ($5::text is null or type = $5) and ($6::text is null or object_id = $6)
        and ($7::timestamptz is null or created_at >= $7) and ($8::timestamptz is null or created_at < $8)
      order by id ${order} limit $9`,
  );
const listNewest = list("desc");
const listOldest = list("asc");

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

/** A window of an owner's events in the order of their ids; `after` and `before` as `page` of kit/lists gives them. */
export const listEvents = (
  { ownerId, livemode }: EventOwner,
  window: { after: string | null; before: string | null; limit: number; ascending: boolean },
  filter: EventFilter,
): Promise<StoredEvent[]> =>
  run(database(), window.ascending ? listOldest : listNewest, [
    ownerId,
    livemode,
    window.before ?? "evt_",
    window.after ?? "evt_~",
    filter.type ?? null,
    filter.object ?? null,
    filter.created_gte ?? null,
    filter.created_lt ?? null,
    window.limit,
  ]);
