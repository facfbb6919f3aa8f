import { type MerchantActor, ownerOf, type UserActor } from "#kit/actor.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, type ListQuery, page } from "#kit/lists.ts";
import type { StoredEvent } from "#kit/outbox.ts";
import { type EventFilter, type EventOwner, eventsOf, findEvent, listEvents } from "#kit/read-events.ts";

/** The event object of API.md. */
export const presentEvent = (event: StoredEvent) => ({
  id: event.id,
  object: "event" as const,
  type: event.type,
  created_at: event.createdAt.toISOString(),
  livemode: event.livemode,
  data: { object: event.object },
});

/** One event of this owner; anybody else's is not found. */
export async function readEvent(actor: MerchantActor | UserActor, id: string): Promise<StoredEvent> {
  const event = await findEvent(ownerOf(actor), id);
  if (!event) throw kitErrors.not_found();
  return event;
}

/** The owner's events, newest first. */
export const readEvents = (
  actor: MerchantActor | UserActor,
  query: ListQuery & EventFilter,
): Promise<List<ReturnType<typeof presentEvent>>> =>
  page("/v1/events", query, (window) => listEvents(ownerOf(actor), window, query), presentEvent);

/** What happened to one object of this owner, in order. */
export const eventsAbout = async (owner: EventOwner, objectId: string) =>
  (await eventsOf(owner, objectId)).map(presentEvent);
