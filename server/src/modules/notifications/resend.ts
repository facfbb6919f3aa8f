import type { MerchantActor } from "#kit/actor.ts";
import { first, run, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit, type StoredEvent } from "#kit/outbox.ts";
import { findEvent } from "#kit/read-events.ts";
import { endpointEvent } from "./create-endpoint.ts";
import { matchEndpoints, receiversOfEvent, selectDelivery } from "./deliveries-sql.ts";
import type { Delivery } from "./delivery.ts";
import type { Endpoint } from "./endpoint.ts";
import { selectEndpoint } from "./endpoints-sql.ts";
import { enqueueAtOnce, type Receiver, toEndpoint } from "./enqueue.ts";

/** Sends an endpoint an event of its own, whatever it asked for. */
export async function testEndpoint(tx: Transaction, actor: MerchantActor, id: string): Promise<Delivery> {
  const endpoint = await workingEndpoint(tx, actor, id);
  const event = { ...endpointEvent("webhook_endpoint.test", endpoint), id: newId("evt") };
  await emit(tx, [event]);
  return enqueueOne(tx, actor, event, toEndpoint(id));
}

/** Sends the same event to the same receiver again: a new delivery with the same `webhook-id`. */
export async function resendDelivery(tx: Transaction, actor: MerchantActor, id: string): Promise<Delivery> {
  const before = await first(tx, selectDelivery, [actor.merchantId, actor.livemode, id]);
  if (!before) throw kitErrors.not_found();
  const { endpointId, url, lane, eventId, eventType, objectId } = before;
  if (!(await findEvent(ownerOf(actor), eventId))) throw kitErrors.not_found();
  if (endpointId !== null) await workingEndpoint(tx, actor, endpointId);
  return enqueueOne(tx, actor, { id: eventId, type: eventType, objectId }, { lane, endpointId, url });
}

/** Sends an event again: to one endpoint, whatever that asked for, or to everyone who would get it now and whom its payment names. */
export async function resendEvent(
  tx: Transaction,
  actor: MerchantActor,
  id: string,
  endpoint: string | undefined,
): Promise<Delivery[]> {
  const event = await findEvent(ownerOf(actor), id);
  if (!event) throw kitErrors.not_found();
  if (endpoint !== undefined) {
    await workingEndpoint(tx, actor, endpoint, "/endpoint");
    return [await enqueueOne(tx, actor, event, toEndpoint(endpoint))];
  }
  const matching = await run(tx, matchEndpoints, [[actor.merchantId], [actor.livemode], [event.type], ["infinity"]]);
  const addresses = await run(tx, receiversOfEvent, [actor.merchantId, actor.livemode, event.id]);
  const receivers = [...matching.map(({ endpointId }) => toEndpoint(endpointId)), ...addresses];
  return enqueueAtOnce(
    tx,
    receivers.map((receiver) => deliveryOf(actor, event, receiver)),
  );
}

type EventFacts = Pick<StoredEvent, "id" | "type" | "objectId">;

const ownerOf = ({ merchantId, livemode }: MerchantActor) => ({ ownerId: merchantId, livemode });

const deliveryOf = ({ merchantId, livemode }: MerchantActor, event: EventFacts, receiver: Receiver) => ({
  merchantId,
  livemode,
  ...receiver,
  eventId: event.id,
  eventType: event.type,
  objectId: event.objectId,
});

async function enqueueOne(tx: Transaction, actor: MerchantActor, event: EventFacts, to: Receiver): Promise<Delivery> {
  const [delivery] = await enqueueAtOnce(tx, [deliveryOf(actor, event, to)]);
  return delivery as Delivery;
}

/** An endpoint of this merchant that is switched on. */
async function workingEndpoint(tx: Transaction, actor: MerchantActor, id: string, param?: string): Promise<Endpoint> {
  const endpoint = await first(tx, selectEndpoint, [actor.merchantId, actor.livemode, id]);
  if (!endpoint) throw kitErrors.not_found(param ? { param } : {});
  if (endpoint.status === "disabled") throw kitErrors.state_conflict({ details: { status: endpoint.status } });
  return endpoint;
}
