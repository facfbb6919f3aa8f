import { seal } from "#kit/crypto.ts";
import { afterCommit, plainArray, run, type Transaction } from "#kit/db.ts";
import type { Loop } from "#kit/loop.ts";
import { counter } from "#kit/metrics.ts";
import { consumeHeads, type EventHead } from "#kit/outbox.ts";
import { newSecret } from "#kit/webhook-signature.ts";
import { notifyAddresses } from "#modules/payments";
import { matchEndpoints, type NewDelivery } from "./deliveries-sql.ts";
import { secretContext } from "./endpoint.ts";
import { insertNotifySecrets } from "./endpoints-sql.ts";
import { enqueueDeliveries, type Receiver, toAddress, toEndpoint } from "./enqueue.ts";
import { notifySecretName } from "./rotate-secret.ts";

/** Name of the consumer; its cursor tells how far deliveries are made. */
const webhooksConsumer = "webhooks";

/** What becomes of payments is among them. */
const happened = counter("feiqian_events_total", "Events that happened, as this worker passed them on.", ["type"]);

/** Makes deliveries of what happens, until stopped. For the worker role; any number of processes may run it. */
export const fanOutLoop = (): Loop => consumeHeads({ name: webhooksConsumer, batch: 1_000, handle: fanOut });

/**
 * A delivery for each event and each receiver that wants it, whatever the batch's size in a handful of statements. Endpoints are read in the
 * same transaction: one that was made before an event never misses it.
 */
async function fanOut(tx: Transaction, events: readonly EventHead[]): Promise<void> {
  const matching = await run(tx, matchEndpoints, [
    plainArray(events.map(({ ownerId }) => ownerId)),
    plainArray(events.map(({ livemode }) => livemode)),
    plainArray(events.map(({ type }) => type)),
    plainArray(events.map(({ createdAt }) => createdAt.toISOString())),
  ]);
  const toEndpoints = matching.map(({ n, endpointId }) =>
    deliveryOf(events[n - 1] as EventHead, toEndpoint(endpointId)),
  );
  await enqueueDeliveries(tx, [...toEndpoints, ...(await toAddresses(tx, events))]);
  afterCommit(tx, () => {
    for (const { type } of events) happened(type).add();
  });
}

/** Events of payments and their refunds also go where the payment says. */
async function toAddresses(tx: Transaction, events: readonly EventHead[]): Promise<Omit<NewDelivery, "id">[]> {
  const payments = new Map<string, { merchantId: string; livemode: boolean; id: string }>();
  for (const { paymentId, ownerId: merchantId, livemode } of events) {
    if (paymentId !== null) payments.set(paymentId, { merchantId, livemode, id: paymentId });
  }
  const addresses = await notifyAddresses(tx, [...payments.values()]);
  const wanted = events.flatMap((event) => {
    const url = event.paymentId === null ? undefined : addresses.get(event.paymentId);
    return url === undefined ? [] : [deliveryOf(event, toAddress(url))];
  });
  await ensureNotifySecrets(tx, wanted);
  return wanted;
}

/** What goes to a payment's address is signed, also before its merchant asks for the secret. */
async function ensureNotifySecrets(tx: Transaction, wanted: readonly Omit<NewDelivery, "id">[]): Promise<void> {
  if (wanted.length === 0) return;
  const merchants = [
    ...new Map(wanted.map((delivery) => [`${delivery.merchantId} ${delivery.livemode}`, delivery])).values(),
  ];
  await run(tx, insertNotifySecrets, [
    plainArray(merchants.map(({ merchantId }) => merchantId)),
    plainArray(merchants.map(({ livemode }) => livemode)),
    plainArray(merchants.map((merchant) => seal(newSecret(), secretContext(merchant, notifySecretName)))),
  ]);
}

const deliveryOf = (event: EventHead, to: Receiver): Omit<NewDelivery, "id"> => ({
  ...to,
  merchantId: event.ownerId,
  livemode: event.livemode,
  eventId: event.id,
  eventType: event.type,
  objectId: event.objectId,
});
