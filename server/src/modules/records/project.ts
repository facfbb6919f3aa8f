import type { Transaction } from "#kit/db.ts";
import { derivedIdAt } from "#kit/ids.ts";
import { log } from "#kit/log.ts";
import type { Loop } from "#kit/loop.ts";
import { consume, type StoredEvent } from "#kit/outbox.ts";
import { namesOf } from "./counterparties.ts";
import { forgetErased } from "./forget-name.ts";
import { type Draft, MalformedEvent } from "./projection.ts";
import { projections } from "./projections.ts";
import { insertRecords } from "./sql.ts";

/** Name of the consumer; its cursor tells how far the records are. */
export const consumerName = "records";

/** So many events a step, that the process's requests wait for it some milliseconds at most. */
const eventsAtOnce = 250;

/** Keeps the records up with what happens, until stopped. For the worker role; any number of processes may run it. */
export const recordsLoops = (): Loop => consume({ name: consumerName, batch: eventsAtOnce, handle: project });

/** Turns a batch of events into records, in three statements whatever its size. */
export async function project(tx: Transaction, events: readonly StoredEvent[]): Promise<void> {
  await forgetErased(tx, events);
  const drafts = events.flatMap((event) => draftsOf(event).map((draft, side) => ({ event, draft, side })));
  if (drafts.length === 0) return;
  const names = await namesOf(
    tx,
    drafts.flatMap(({ draft }) => draft.counterparty ?? []),
  );
  const records = drafts.map(({ event, draft: { counterparty, ...draft }, side }) => ({
    ...draft,
    livemode: event.livemode,
    id: derivedIdAt("rcd", draft.time.getTime(), event.id, side),
    counterpartyId: counterparty?.id ?? null,
    counterpartyName: counterparty ? (names.get(counterparty.id) ?? null) : null,
  }));
  await insertRecords(tx, records);
}

const strangers = new Set<string>();

/** What an event says for the records. One that says nothing, or nothing sensible, must not hold up those behind it. */
function draftsOf(event: StoredEvent): readonly Draft[] {
  const projection = projections.get(event.type);
  if (!projection) {
    if (!strangers.has(event.type)) log.info({ event_type: event.type }, "events of this type make no records");
    strangers.add(event.type);
    return [];
  }
  try {
    return projection(event);
  } catch (error) {
    if (!(error instanceof MalformedEvent)) throw error;
    log.error({ event: event.id, event_type: event.type, problem: error.message }, "an event could not become records");
    return [];
  }
}
