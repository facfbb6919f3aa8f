import type { MerchantActor } from "#kit/actor.ts";
import type { Origin } from "#kit/audit.ts";
import { first, inTransaction, run } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { requireOutgoingUrl } from "#kit/outgoing.ts";
import { requireFilters, tellOfEndpoint } from "./create-endpoint.ts";
import type { Endpoint } from "./endpoint.ts";
import { selectEndpoint, updateEndpoint } from "./endpoints-sql.ts";
import { resumeLane } from "./lanes-sql.ts";
import type { EndpointChange } from "./webhook-schemas.ts";

/** Changes an endpoint. One that is switched off keeps what waits for it, and gets nothing new; switched on, it gets what waits. */
export function changeEndpoint(
  actor: MerchantActor,
  id: string,
  change: EndpointChange,
  from: Origin,
): Promise<Endpoint> {
  const { merchantId, livemode } = actor;
  const { url, events, description, enabled } = change;
  if (url !== undefined) requireOutgoingUrl(url, livemode, "/url");
  if (events !== undefined) requireFilters(events);
  return inTransaction(async (tx) => {
    const values = [merchantId, livemode, id, url, events, description !== undefined, description, enabled];
    const before = await first(tx, selectEndpoint, [merchantId, livemode, id]);
    const endpoint = await first(tx, updateEndpoint, values);
    if (!endpoint) throw kitErrors.not_found();
    if (enabled || url !== undefined) await run(tx, resumeLane, [merchantId, livemode, id]);
    await tellOfEndpoint(tx, from, "webhook_endpoint.updated", endpoint, before);
    return endpoint;
  });
}
