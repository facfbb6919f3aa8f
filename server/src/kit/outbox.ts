import { rowArray, run, sql, type Transaction, textArray } from "./db.ts";
import { caughtUpWith, type FollowOptions, feed, follow, Tail } from "./feed.ts";
import { newId } from "./ids.ts";
import type { Loop } from "./loop.ts";

/** Something that happened, as it is told to the outside and to other modules. */
export interface NewEvent {
  id?: string;
  ownerId: string;
  livemode: boolean;
  /** `payment.succeeded` and so on. */
  type: string;
  objectId: string;
  /** The whole object as it is now; text is taken for JSON already. */
  object: object | string;
}

/** An event as consumers get it. Positions rise, with gaps. */
export interface StoredEvent {
  readonly id: string;
  readonly ownerId: string;
  readonly livemode: boolean;
  readonly type: string;
  readonly objectId: string;
  readonly object: Record<string, unknown>;
  readonly createdAt: Date;
  readonly position: number;
}

/** An event without its object, for those who only pass it on. */
export interface EventHead extends Omit<StoredEvent, "object"> {
  /** The payment that a payment's or a refund's event is about. */
  readonly paymentId: string | null;
}

const insertEvents = sql(
  "outbox.insert",
  `insert into events (owner_id, livemode, id, type, object_id, object, created_at)
   select e.*, (select clock_now()) from unnest($1::new_event[], $2::json[]) e`,
);
const events = feed<StoredEvent>(
  "events",
  `id, owner_id as "ownerId", livemode, type, object_id as "objectId", object, created_at as "createdAt", position`,
);

const heads = feed<EventHead>(
  "events",
  `id, owner_id as "ownerId", livemode, type, object_id as "objectId", created_at as "createdAt", position,
   case when type like 'payment.%' then object_id when type like 'refund.%' then object->>'payment' end as "paymentId"`,
  "event_heads",
);

/** An event with its object as text, for those who pass it on as it is. */
export interface ToldEvent extends Omit<StoredEvent, "object"> {
  /** JSON. */
  readonly object: string;
  /** Of a payment's or a refund's event: the user who pays. */
  readonly payer: string | null;
}

export const toldColumns = `id, owner_id as "ownerId", livemode, type, object_id as "objectId", object::text as object,
  created_at as "createdAt", position,
  case when type like 'payment.%' or type like 'refund.%' then object->>'payer' end as payer`;
const told = feed<ToldEvent>("events", toldColumns, "events_told");

/** Writes events in the transaction that makes them true: one statement whatever their number, in the order given. */
export async function emit(tx: Transaction, happened: readonly NewEvent[]): Promise<void> {
  if (happened.length === 0) return;
  await run(tx, insertEvents, [
    rowArray(happened, (event) => [
      event.ownerId,
      event.livemode,
      event.id ?? newId("evt"),
      event.type,
      event.objectId,
    ]),
    textArray(happened.map(({ object }) => (typeof object === "string" ? object : JSON.stringify(object)))),
  ]);
}

/**
 * Hands every event to `handle` exactly once, in the order of position: events of one object come in the order in which they happened.
 * Of all processes that consume under a name, one works at a time. A batch that fails is tried again until it succeeds.
 */
export const consume = (options: FollowOptions<StoredEvent>): Loop => follow(events, options);

/** As {@link consume}, without the objects: a fraction of the work. */
export const consumeHeads = (options: FollowOptions<EventHead>): Loop => follow(heads, options);

/** What happens from now on, for this process alone. */
export const tailEvents = (): Tail<ToldEvent> => new Tail(told);

/** Waits until the consumer has passed everything that was committed before the call; false when it did not in time. */
export const caughtUp = (consumer: string, withinMs: number): Promise<boolean> =>
  caughtUpWith(events, consumer, withinMs);
