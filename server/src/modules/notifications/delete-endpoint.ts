import type { MerchantActor } from "#kit/actor.ts";
import type { Origin } from "#kit/audit.ts";
import { first, inTransaction, run } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { tellOfEndpoint } from "./create-endpoint.ts";
import { cancelDeliveries } from "./deliveries-sql.ts";
import type { Endpoint } from "./endpoint.ts";
import { deleteEndpoint } from "./endpoints-sql.ts";
import { deleteLane } from "./lanes-sql.ts";

/** Removes an endpoint; what waited for it is given up. */
export function removeEndpoint({ merchantId, livemode }: MerchantActor, id: string, from: Origin): Promise<Endpoint> {
  return inTransaction(async (tx) => {
    const endpoint = await first(tx, deleteEndpoint, [merchantId, livemode, id]);
    if (!endpoint) throw kitErrors.not_found();
    await run(tx, deleteLane, [merchantId, livemode, id]);
    await run(tx, cancelDeliveries, [merchantId, livemode, id]);
    await tellOfEndpoint(tx, from, "webhook_endpoint.deleted", endpoint);
    return endpoint;
  });
}
