import { setTimeout as sleep } from "node:timers/promises";
import { elapsed } from "@feiqian/server/kit/clock.ts";
import { database, first, sql } from "@feiqian/server/kit/db.ts";

/** What the workers have not read yet. */
export interface Backlog {
  readonly events: number;
  /** Batches of the ledger that history does not hold. */
  readonly batches: number;
}

const readBacklog = sql<Backlog>(
  "bench.backlog",
  `select (select count(*) from events where position > coalesce(
             (select position from event_cursors where consumer = 'records'), 0)) as events,
          (select count(*) from ledger_batches where position > coalesce(
             (select position from event_cursors where consumer = 'ledger.history'), 0)) as batches`,
);

const mostSeconds = 600;

/** Waits until records and history hold everything. Gives what was missing at first and how long it took. */
export async function catchUp(signal: AbortSignal): Promise<Backlog & { seconds: number }> {
  const begun = elapsed();
  const found = (await first(database(), readBacklog)) as Backlog;
  for (let left = found; left.events + left.batches > 0; left = (await first(database(), readBacklog)) as Backlog) {
    signal.throwIfAborted();
    if (elapsed() - begun > mostSeconds * 1000) throw new Error(`the workers do not catch up: ${JSON.stringify(left)}`);
    await sleep(50);
  }
  return { ...found, seconds: (elapsed() - begun) / 1000 };
}
