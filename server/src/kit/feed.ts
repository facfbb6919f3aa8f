import { setTimeout as sleep } from "node:timers/promises";
import { busyMeter } from "./busy.ts";
import { elapsed } from "./clock.ts";
import { database, first, inTransaction, run, type Statement, sql, type Transaction } from "./db.ts";
import { faultPoint } from "./fault-points.ts";
import { type HurryingLoop, type Loop, repeat } from "./loop.ts";
import { atMostEvery, gauge } from "./metrics.ts";

/**
 * A table that is read in the order of its `position`, an identity column, while others insert. Positions rise, with gaps.
 * A writer's transaction must have its id before it inserts: that a row of it may still appear is seen from that.
 */
export interface Feed<Row extends { position: number }> {
  readonly table: string;
  readonly lastPosition: Statement<{ position: number }>;
  readonly positionsBehind: Statement<{ last: number; used: number }>;
  readonly read: Statement<Row>;
}

const feeds: Feed<{ position: number }>[] = [];

/** Declares a feed. Table and columns are SQL text, constants of the code. A second one on a table has a name of its own. */
export function feed<Row extends { position: number }>(table: string, columns: string, name = table): Feed<Row> {
  const last = "case when is_called then last_value else 0 end";
  const declared: Feed<Row> = {
    table,
    lastPosition: sql(`${table}.last_position`, `select ${last} as position from ${table}_position_seq`),
    positionsBehind: sql(
      `${table}.positions_behind`,
      `select ${last} as last, used
         from ${table}_position_seq,
              greatest((select max(position) from ${table}),
                       (select position from event_cursors where consumer = $1), 0) used
        where used > ${last}`,
    ),
    read: sql(
      `${name}.read`,
      `select ${columns} from ${table} where position > $1 and position <= $2 order by position limit $3`,
    ),
  };
  feeds.push(declared);
  return declared;
}

const insertCursor = sql(
  "feed.insert_cursor",
  `insert into event_cursors as c (consumer, feed) values ($1, $2)
   on conflict (consumer) do update set feed = excluded.feed where c.feed is distinct from excluded.feed`,
);
const readCursor = sql<{ position: number }>(
  "feed.read_cursor",
  "select position from event_cursors where consumer = $1",
);
const lockCursor = sql<{ position: number; transaction_id: string }>(
  "feed.lock_cursor",
  `select position, pg_current_xact_id() as transaction_id
     from event_cursors where consumer = $1 for update skip locked`,
);
const moveCursor = sql(
  "feed.move_cursor",
  "update event_cursors set position = $2, updated_at = clock_now() where consumer = $1",
);
const noneOlderRuns = sql<{ settled: boolean }>(
  "feed.none_older_runs",
  "select pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 as settled",
);

const behind = sql<{ consumer: string; behind: number }>(
  "feed.behind",
  `select consumer,
          greatest(coalesce(pg_sequence_last_value(pg_get_serial_sequence(feed, 'position')::regclass), 0) - position, 0) as behind
     from event_cursors where feed is not null`,
);
gauge(
  "feiqian_feed_behind",
  "Rows that a consumer has not passed yet.",
  ["consumer"],
  atMostEvery(5_000, async () =>
    (await run(database(), behind)).map(({ consumer, behind }) => [[consumer], behind] as const),
  ),
);

export interface FollowOptions<Row> {
  /** Names the cursor: a new name reads everything from the first row on. */
  name: string;
  /** Most rows of one transaction. */
  batch?: number;
  /** How long to wait at most for the next look while nothing happens. */
  longestPauseMs?: number;
  /** Does its work in the transaction that moves the cursor, and nothing outside it. May be called again with the same rows after a failure. */
  handle: (tx: Transaction, rows: readonly Row[]) => Promise<void>;
}

const shortestPauseMs = 20;
const usualLongestPauseMs = 250;
/**
 * A follower of a fully busy process works a tenth of the time: requests go first, and what it follows may fall behind meanwhile. Of one that
 * is busy three quarters of the time it works a fourth.
 */
const restWhenBusy = 9;
const longestRestMs = 2_000;

/**
 * Hands every row to `handle` exactly once, in the order of position. Of all processes that follow under a name, one works at a time.
 * A batch that fails is tried again until it succeeds.
 */
export function follow<Row extends { position: number }>(source: Feed<Row>, options: FollowOptions<Row>): Loop {
  const follower = new Follower(source, options);
  const loop = repeat(
    options.name,
    () => follower.pauseMs,
    () => follower.advance(),
  );
  following.set(options.name, loop);
  return {
    async stop() {
      if (following.get(options.name) === loop) following.delete(options.name);
      await loop.stop();
    },
  };
}

/** The followers of this process: who waits for one of them makes it hurry. */
const following = new Map<string, HurryingLoop>();

/** Below this position nothing can appear any more once every transaction older than this one has ended. */
interface Horizon {
  position: number;
  transactionId: string;
}

class Follower<Row extends { position: number }> {
  /** How long to wait for the next look: longer while nothing happens. */
  pauseMs = shortestPauseMs;
  readonly #feed: Feed<Row>;
  readonly #name: string;
  readonly #batch: number;
  readonly #longestPauseMs: number;
  readonly #handle: FollowOptions<Row>["handle"];
  /** Where the cursor was when last seen; nothing until the cursor is known to exist. */
  #seen: number | undefined;
  #horizon: Horizon = { position: 0, transactionId: "0" };
  readonly #busyShare = busyMeter();

  constructor(
    source: Feed<Row>,
    { name, batch = 1_000, longestPauseMs = usualLongestPauseMs, handle }: FollowOptions<Row>,
  ) {
    this.#feed = source;
    this.#name = name;
    this.#batch = batch;
    this.#longestPauseMs = longestPauseMs;
    this.#handle = handle;
  }

  /** Handles one batch, if there is one and no other process is at it. True when there is more. */
  async advance(): Promise<boolean> {
    if (this.#seen === undefined) {
      await assertPositionsRise(this.#feed, this.#name);
      await run(database(), insertCursor, [this.#name, this.#feed.table]);
    }
    // Read before the transaction takes its id: whoever holds one of these positions has an older one.
    const last = await lastPosition(this.#feed);
    const began = elapsed();
    const { from, to, full } = last === this.#seen ? idle(last) : await inTransaction((tx) => this.#step(tx, last));
    this.#seen = to;
    const restMs = Math.min((elapsed() - began) * restWhenBusy * this.#busyShare() ** 4, longestRestMs);
    if (to > from) this.pauseMs = Math.max(restMs, shortestPauseMs);
    else this.pauseMs = Math.min(Math.max(this.pauseMs, shortestPauseMs) * 1.5, this.#longestPauseMs);
    return full && restMs < shortestPauseMs;
  }

  async #step(tx: Transaction, last: number): Promise<Step> {
    const cursor = await first(tx, lockCursor, [this.#name]);
    if (!cursor) return idle(-1);
    const from = cursor.position;
    if (this.#horizon.position <= from) this.#horizon = { position: last, transactionId: cursor.transaction_id };
    const horizon = this.#horizon;
    const age = await first(tx, noneOlderRuns, [horizon.transactionId]);
    if (!age?.settled || horizon.position <= from) return idle(from);

    const rows = await run(tx, this.#feed.read, [from, horizon.position, this.#batch]);
    const full = rows.length === this.#batch;
    const to = full ? (rows.at(-1) as Row).position : horizon.position;
    await faultPoint("feed.before_handle");
    if (rows.length > 0) await this.#handle(tx, rows);
    await faultPoint("feed.after_handle");
    await run(tx, moveCursor, [this.#name, to]);
    return { from, to, full };
  }
}

const ownTransaction = sql<{ transaction_id: string }>(
  "feed.own_transaction",
  "select pg_current_xact_id() as transaction_id",
);

/** Reads a feed onwards in memory: for those who listen to this process and to nobody else. Nothing is skipped and nothing comes twice. */
export class Tail<Row extends { position: number }> {
  readonly #feed: Feed<Row>;
  #horizon: Horizon = { position: 0, transactionId: "0" };
  #position = 0;

  constructor(source: Feed<Row>) {
    this.#feed = source;
  }

  /** Everything up to here was given, and nothing can appear there any more. */
  get position(): number {
    return this.#position;
  }

  /** Goes to the end of what there is. Waits for the transactions that run. */
  async start(): Promise<void> {
    this.#horizon = await this.#look();
    while (!(await this.#isSettled())) await sleep(shortestPauseMs);
    this.#position = this.#horizon.position;
  }

  /** The next rows, if they are settled; {@link position} moves when the caller says so. */
  async read(limit: number): Promise<{ rows: Row[]; position: number }> {
    const none = { rows: [], position: this.#position };
    if (this.#horizon.position <= this.#position) {
      if ((await lastPosition(this.#feed)) === this.#position) return none;
      this.#horizon = await this.#look();
    }
    if (!(await this.#isSettled())) return none;
    const rows = await run(database(), this.#feed.read, [this.#position, this.#horizon.position, limit]);
    const position = rows.length === limit ? (rows.at(-1) as Row).position : this.#horizon.position;
    return { rows, position };
  }

  passed(position: number): void {
    this.#position = position;
  }

  async #look(): Promise<Horizon> {
    const position = await lastPosition(this.#feed);
    return { position, transactionId: (await first(database(), ownTransaction))?.transaction_id ?? "0" };
  }

  async #isSettled(): Promise<boolean> {
    return (await first(database(), noneOlderRuns, [this.#horizon.transactionId]))?.settled ?? false;
  }
}

/** Where the cursor was and is now, and whether the batch was a full one. */
interface Step {
  from: number;
  to: number;
  full: boolean;
}

const idle = (at: number): Step => ({ from: at, to: at, full: false });

/** Waits until the follower has passed everything that was committed before the call; false when it did not in time. */
export async function caughtUpWith(
  source: Feed<{ position: number }>,
  follower: string,
  withinMs: number,
): Promise<boolean> {
  const deadline = elapsed() + withinMs;
  const target = await lastPosition(source);
  for (;;) {
    const cursor = await first(database(), readCursor, [follower]);
    if (cursor ? cursor.position >= target : target === 0) return true;
    if (elapsed() > deadline) return false;
    following.get(follower)?.hurry();
    await sleep(10);
  }
}

async function lastPosition(source: Feed<{ position: number }>): Promise<number> {
  return (await first(database(), source.lastPosition))?.position ?? 0;
}

/** As {@link assertPositionsRise} for every feed: nothing may be written to a database whose new rows would never be read. */
export async function assertFeedsRise(): Promise<void> {
  for (const declared of feeds) await assertPositionsRise(declared);
}

/**
 * Throws when new rows would get positions that are behind the table's or the cursor's, and so would never be read: a copy of the
 * database was made without its sequences (logical replication leaves them out).
 */
async function assertPositionsRise(source: Feed<{ position: number }>, follower: string | null = null): Promise<void> {
  const behind = await first(database(), source.positionsBehind, [follower]);
  if (!behind) return;
  const { last, used } = behind;
  throw new Error(
    `the sequence of ${source.table}.position stands at ${last}, but ${used} was used already: this copy of the database lacks its sequences; run: select setval('${source.table}_position_seq', ${used})`,
  );
}
