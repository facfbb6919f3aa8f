import { plainArray, run, type Transaction } from "#kit/db.ts";
import type { Loop } from "#kit/loop.ts";
import { consumeHeads, type EventHead } from "#kit/outbox.ts";
import { matchEndpoints } from "./deliveries-sql.ts";
import { enqueueDeliveries, toEndpoint } from "./enqueue.ts";

/** Name of the consumer; its cursor tells how far deliveries are made. */
export const webhooksConsumer = "webhooks";

/** Makes deliveries of what happens, until stopped. For the worker role; any number of processes may run it. */
export const fanOutLoop = (): Loop => consumeHeads({ name: webhooksConsumer, batch: 1_000, handle: fanOut });

/**
 * A delivery for each event and each endpoint that wants it, whatever the batch's size in a handful of statements. Endpoints are read in the
 * same transaction: one that was made before an event never misses it.
 */
async function fanOut(tx: Transaction, events: readonly EventHead[]): Promise<void> {
  const matching = await run(tx, matchEndpoints, [
    plainArray(events.map(({ ownerId }) => ownerId)),
    plainArray(events.map(({ livemode }) => livemode)),
    plainArray(events.map(({ type }) => type)),
    plainArray(events.map(({ createdAt }) => createdAt.toISOString())),
  ]);
  const wanted = matching.map(({ n, endpointId }) => ({
    event: events[n - 1] as EventHead,
    to: toEndpoint(endpointId),
  }));
  await enqueueDeliveries(
    tx,
    wanted.map(({ event, to }) => ({
      ...to,
      merchantId: event.ownerId,
      livemode: event.livemode,
      eventId: event.id,
      eventType: event.type,
      objectId: event.objectId,
    })),
  );
}
