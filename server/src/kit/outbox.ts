import { setTimeout as sleep } from "node:timers/promises";
import { elapsed } from "./clock.ts";
import { database, first, inTransaction, plainArray, run, sql, textArray, type Transaction } from "./db.ts";
import { faultPoint } from "./fault-points.ts";
import { newId } from "./ids.ts";
import { type Loop, repeat } from "./loop.ts";

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

const insertEvents = sql(
  "outbox.insert",
  `insert into events (owner_id, livemode, id, type, object_id, object, created_at)
   select e.*, (select clock_now())
     from unnest($1::text[], $2::boolean[], $3::text[], $4::text[], $5::text[], $6::json[]) e`,
);
const lastPosition = sql<{ position: number }>(
  "outbox.last_position",
  "select case when is_called then last_value else 0 end as position from events_position_seq",
);
const positionsBehind = sql<{ last: number; used: number }>(
  "outbox.positions_behind",
  `select case when is_called then last_value else 0 end as last, used
     from events_position_seq,
          greatest((select max(position) from events), (select max(position) from event_cursors), 0) used
    where used > case when is_called then last_value else 0 end`,
);
const insertCursor = sql(
  "outbox.insert_cursor",
  "insert into event_cursors (consumer) values ($1) on conflict do nothing",
);
const readCursor = sql<{ position: number }>(
  "outbox.read_cursor",
  "select position from event_cursors where consumer = $1",
);
const lockCursor = sql<{ position: number; transaction_id: string }>(
  "outbox.lock_cursor",
  `select position, pg_current_xact_id() as transaction_id
     from event_cursors where consumer = $1 for update skip locked`,
);
const moveCursor = sql(
  "outbox.move_cursor",
  "update event_cursors set position = $2, updated_at = clock_now() where consumer = $1",
);
const noneOlderRuns = sql<{ settled: boolean }>(
  "outbox.none_older_runs",
  "select pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 as settled",
);
const readEvents = sql<StoredEvent>(
  "outbox.read",
  `select id, owner_id as "ownerId", livemode, type, object_id as "objectId", object, created_at as "createdAt", position
     from events where position > $1 and position <= $2 order by position limit $3`,
);

/** Writes events in the transaction that makes them true: one statement whatever their number, in the order given. */
export async function emit(tx: Transaction, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await run(tx, insertEvents, [
    plainArray(events.map(({ ownerId }) => ownerId)),
    plainArray(events.map(({ livemode }) => livemode)),
    plainArray(events.map(({ id }) => id ?? newId("evt"))),
    plainArray(events.map(({ type }) => type)),
    plainArray(events.map(({ objectId }) => objectId)),
    textArray(events.map(({ object }) => (typeof object === "string" ? object : JSON.stringify(object)))),
  ]);
}

export interface ConsumerOptions {
  /** Names the cursor: a new name reads everything from the first event on. */
  name: string;
  /** Most events of one transaction. */
  batch?: number;
  /** Does its work in the transaction that moves the cursor, and nothing outside it. May be called again with the same events after a failure. */
  handle: (tx: Transaction, events: readonly StoredEvent[]) => Promise<void>;
}

const shortestPauseMs = 20;
const longestPauseMs = 250;

/**
 * Hands every event to `handle` exactly once, in the order of position: events of one object come in the order in which they happened.
 * Of all processes that consume under a name, one works at a time. A batch that fails is tried again until it succeeds.
 */
export function consume(options: ConsumerOptions): Loop {
  const consumer = new Consumer(options);
  return repeat(
    options.name,
    () => consumer.pauseMs,
    () => consumer.consume(),
  );
}

/** Below this position nothing can appear any more once every transaction older than this one has ended. */
interface Horizon {
  position: number;
  transactionId: string;
}

class Consumer {
  /** How long to wait for the next look: longer while nothing happens. */
  pauseMs = shortestPauseMs;
  readonly #name: string;
  readonly #batch: number;
  readonly #handle: ConsumerOptions["handle"];
  /** Where the cursor was when last seen; nothing until the cursor is known to exist. */
  #seen: number | undefined;
  #horizon: Horizon = { position: 0, transactionId: "0" };

  constructor({ name, batch = 500, handle }: ConsumerOptions) {
    this.#name = name;
    this.#batch = batch;
    this.#handle = handle;
  }

  /** Consumes one batch, if there is one and no other process is at it. True when there is more. */
  async consume(): Promise<boolean> {
    if (this.#seen === undefined) {
      await assertPositionsRise();
      await run(database(), insertCursor, [this.#name]);
    }
    // Read before the transaction takes its id: whoever holds one of these positions has an older one.
    const last = await lastEventPosition();
    const { from, to, full } = last === this.#seen ? idle(last) : await inTransaction((tx) => this.#step(tx, last));
    this.#seen = to;
    this.pauseMs = to > from ? shortestPauseMs : Math.min(this.pauseMs * 1.5, longestPauseMs);
    return full;
  }

  async #step(tx: Transaction, last: number): Promise<Step> {
    const cursor = await first(tx, lockCursor, [this.#name]);
    if (!cursor) return idle(-1);
    const from = cursor.position;
    if (this.#horizon.position <= from) this.#horizon = { position: last, transactionId: cursor.transaction_id };
    const horizon = this.#horizon;
    const age = await first(tx, noneOlderRuns, [horizon.transactionId]);
    if (!age?.settled || horizon.position <= from) return idle(from);

    const events = await run(tx, readEvents, [from, horizon.position, this.#batch]);
    const full = events.length === this.#batch;
    const to = full ? (events.at(-1) as StoredEvent).position : horizon.position;
    await faultPoint("outbox.before_handle");
    if (events.length > 0) await this.#handle(tx, events);
    await faultPoint("outbox.after_handle");
    await run(tx, moveCursor, [this.#name, to]);
    return { from, to, full };
  }
}

/** Where the cursor was and is now, and whether the batch was a full one. */
interface Step {
  from: number;
  to: number;
  full: boolean;
}

const idle = (at: number): Step => ({ from: at, to: at, full: false });

/** Waits until the consumer has passed everything that was committed before the call; false when it did not in time. */
export async function caughtUp(consumer: string, withinMs: number): Promise<boolean> {
  const deadline = elapsed() + withinMs;
  const target = await lastEventPosition();
  for (;;) {
    const cursor = await first(database(), readCursor, [consumer]);
    if (cursor ? cursor.position >= target : target === 0) return true;
    if (elapsed() > deadline) return false;
    await sleep(10);
  }
}

async function lastEventPosition(): Promise<number> {
  return (await first(database(), lastPosition))?.position ?? 0;
}

/**
 * Throws when new events would get positions that are behind the table's or a cursor's, and so would never be consumed: a copy of the
 * database was made without its sequences (logical replication leaves them out).
 */
export async function assertPositionsRise(): Promise<void> {
  const behind = await first(database(), positionsBehind);
  if (!behind) return;
  const { last, used } = behind;
  throw new Error(
    `the sequence of events.position stands at ${last}, but ${used} was used already: this copy of the database lacks its sequences; run: select setval('events_position_seq', ${used})`,
  );
}
