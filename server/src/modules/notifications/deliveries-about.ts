import { database, run } from "#kit/db.ts";
import { type EventOwner, eventsOf } from "#kit/read-events.ts";
import { deliveriesOfEvents } from "./deliveries-sql.ts";
import { presentDelivery } from "./delivery.ts";

/** No page shows more of one object: whoever needs the rest lists them by endpoint. */
const mostOfObject = 1_000;

/** Where the events about one object of this owner were sent, and what came of it; the first first. */
export async function deliveriesAbout({ ownerId, livemode }: EventOwner, objectId: string) {
  const events = await eventsOf({ ownerId, livemode }, objectId);
  const ids = events.map(({ id }) => id);
  return (await run(database(), deliveriesOfEvents, [ownerId, livemode, ids, mostOfObject])).map(presentDelivery);
}
