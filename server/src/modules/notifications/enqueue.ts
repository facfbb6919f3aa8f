import { afterCommit, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { insertDeliveries, type NewDelivery } from "./deliveries-sql.ts";
import type { Delivery } from "./delivery.ts";
import { type LaneKey, wakeLanes } from "./lanes-sql.ts";

/** A sender of this process that is told of new deliveries at once; those of other processes look now and then. */
let wakeSender: (lanes: readonly LaneKey[]) => void = () => {};

export function onEnqueued(wake: typeof wakeSender): void {
  wakeSender = wake;
}

/** Where a delivery goes: to an endpoint, or to an address that a payment carries. */
export type Receiver = Pick<NewDelivery, "lane" | "endpointId" | "url">;

export const toEndpoint = (endpointId: string): Receiver => ({ lane: endpointId, endpointId, url: null });
/** Addresses of one host share a lane. */
export const toAddress = (url: string): Receiver => ({ lane: new URL(url).origin, endpointId: null, url });

/** Has events delivered once the transaction commits: two statements, whatever their number. */
export const enqueueDeliveries = async (tx: Transaction, wanted: readonly Omit<NewDelivery, "id">[]): Promise<void> =>
  void (await enqueue(tx, wanted, false));

/** As {@link enqueueDeliveries} for what a person asked for: it does not wait for a pause to end, and is shown. */
export const enqueueAtOnce = (tx: Transaction, wanted: readonly Omit<NewDelivery, "id">[]): Promise<Delivery[]> =>
  enqueue(tx, wanted, true);

async function enqueue(tx: Transaction, wanted: readonly Omit<NewDelivery, "id">[], atOnce: boolean) {
  if (wanted.length === 0) return [];
  const added = wanted.map((delivery) => ({ ...delivery, id: newId("whd") }));
  const lanes = new Map<string, LaneKey>();
  for (const { merchantId, livemode, lane } of added) {
    lanes.set(laneName({ merchantId, livemode, lane }), { merchantId, livemode, lane });
  }
  // In one order, so that two transactions never wait for each other.
  const sorted = [...lanes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lane]) => lane);
  const shown = await insertDeliveries(tx, added, atOnce);
  await wakeLanes(tx, sorted, atOnce);
  afterCommit(tx, () => wakeSender(sorted));
  return shown;
}

export const laneName = ({ merchantId, livemode, lane }: LaneKey): string => `${merchantId} ${livemode} ${lane}`;
