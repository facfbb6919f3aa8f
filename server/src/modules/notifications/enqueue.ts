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
export async function enqueueDeliveries(
  tx: Transaction,
  wanted: readonly Omit<NewDelivery, "id">[],
  { urgent = false }: { urgent?: boolean } = {},
): Promise<Delivery[]> {
  if (wanted.length === 0) return [];
  const added = wanted.map((delivery) => ({ ...delivery, id: newId("whd") }));
  const lanes = new Map<string, LaneKey>();
  for (const { merchantId, livemode, lane } of added) {
    lanes.set(laneName({ merchantId, livemode, lane }), { merchantId, livemode, lane });
  }
  // In one order, so that two transactions never wait for each other.
  const sorted = [...lanes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lane]) => lane);
  const inserted = await insertDeliveries(tx, added);
  await wakeLanes(tx, sorted, urgent);
  afterCommit(tx, () => wakeSender(sorted));
  return inserted;
}

export const laneName = ({ merchantId, livemode, lane }: LaneKey): string => `${merchantId} ${livemode} ${lane}`;
