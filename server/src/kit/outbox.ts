import { plainArray, run, sql, textArray, type Transaction } from "./db.ts";
import { newId } from "./ids.ts";

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

const insertEvents = sql(
  "outbox.insert",
  `insert into events (owner_id, livemode, id, type, object_id, object, created_at)
   select e.*, (select clock_now())
     from unnest($1::text[], $2::boolean[], $3::text[], $4::text[], $5::text[], $6::json[]) e`,
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
