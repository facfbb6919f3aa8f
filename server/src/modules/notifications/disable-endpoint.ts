import { bySystem } from "#kit/audit.ts";
import { first, type Transaction } from "#kit/db.ts";
import { tellOfEndpoint } from "./create-endpoint.ts";
import type { DisabledReason, Endpoint, EndpointKey } from "./endpoint.ts";
import { disableEndpoint } from "./endpoints-sql.ts";

/** What another module does in the transaction that switches an endpoint off; the role hands it over. */
type Hook = (tx: Transaction, endpoint: Endpoint) => Promise<void>;
const hooks: Hook[] = [];

export const onEndpointDisabled = (hook: Hook): void => void hooks.push(hook);

/** Switches an endpoint off that is gone or has failed for days, and tells its merchant and the operator. Once more changes nothing. */
export async function giveUpEndpoint(
  tx: Transaction,
  { merchantId, livemode, id }: EndpointKey,
  reason: Exclude<DisabledReason, "merchant">,
): Promise<void> {
  const endpoint = await first(tx, disableEndpoint, [merchantId, livemode, id, reason]);
  if (!endpoint) return;
  await tellOfEndpoint(tx, bySystem("notifications.send"), "webhook_endpoint.disabled", endpoint);
  for (const hook of hooks) await hook(tx, endpoint);
}
