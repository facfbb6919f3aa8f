import { setTimeout as sleep } from "node:timers/promises";
import { elapsed } from "@feiqian/server/kit/clock.ts";
import type pg from "pg";

/** What the workers had not read yet when a load ended. */
export interface Backlog {
  readonly events: number;
  /** Batches of the ledger that history did not hold. */
  readonly batches: number;
  /** How long they took for it. */
  readonly seconds: number;
}

const readBacklog = `
  select (select count(*) from events where position > coalesce(
            (select position from event_cursors where consumer = 'records'), 0))::int as events,
         (select count(*) from ledger_batches where position > coalesce(
            (select position from event_cursors where consumer = 'ledger.history'), 0))::int as batches`;

const mostSeconds = 600;

/** Waits until records and history hold everything. */
export async function catchUp(client: pg.Client): Promise<Backlog> {
  const begun = elapsed();
  const read = async () =>
    (await client.query<Omit<Backlog, "seconds">>(readBacklog)).rows[0] ?? { events: 0, batches: 0 };
  const found = await read();
  for (let left = found; left.events + left.batches > 0; left = await read()) {
    if (elapsed() - begun > mostSeconds * 1000) throw new Error(`the workers do not catch up: ${JSON.stringify(left)}`);
    await sleep(50);
  }
  return { ...found, seconds: (elapsed() - begun) / 1000 };
}
