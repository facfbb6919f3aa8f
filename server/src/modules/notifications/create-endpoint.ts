import type { MerchantActor } from "#kit/actor.ts";
import { type Origin, recordAct, type SystemOrigin } from "#kit/audit.ts";
import { seal } from "#kit/crypto.ts";
import { first, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { requireOutgoingUrl } from "#kit/outgoing.ts";
import { keyOf, newSecret } from "#kit/webhook-signature.ts";
import { type Endpoint, type EndpointKey, presentEndpoint, secretContext } from "./endpoint.ts";
import { insertEndpoint } from "./endpoints-sql.ts";
import { notificationErrors } from "./errors.ts";
import { eventFilters } from "./event-types.ts";
import type { EndpointInput } from "./webhook-schemas.ts";

/** Each one costs a delivery of every event that it asks for. */
const mostEndpoints = 20;

/** Makes an endpoint, with a secret of the caller's own or a new one; the secret leaves with the answer only. */
export async function createEndpoint(tx: Transaction, actor: MerchantActor, input: EndpointInput, from: Origin) {
  const { merchantId, livemode } = actor;
  const { url, events, description = null, secret = newSecret() } = input;
  requireOutgoingUrl(url, livemode, "/url");
  requireFilters(events);
  requireSecret(secret);
  const id = newId("we");
  const sealed = seal(secret, secretContext(actor, id));
  const values = [merchantId, livemode, id, url, description, events, sealed, mostEndpoints];
  const endpoint = await first(tx, insertEndpoint, values);
  if (!endpoint) throw notificationErrors.webhook_endpoint_limit({ details: { limit: mostEndpoints } });
  await tellOfEndpoint(tx, from, "webhook_endpoint.created", endpoint);
  return { ...presentEndpoint(endpoint), secret };
}

/** Refuses by name what no event is called. */
export function requireFilters(events: readonly string[]): void {
  const at = events.findIndex((filter) => !eventFilters.has(filter));
  if (at < 0) return;
  const reason = `must be one of ${[...eventFilters].join(", ")}`;
  throw kitErrors.parameter_invalid({ param: `/events/${at}`, details: { reason } });
}

export function requireSecret(secret: string): void {
  if (keyOf(secret)) return;
  const reason = "must be whsec_ and the base64 of 24 to 64 bytes";
  throw kitErrors.parameter_invalid({ param: "/secret", details: { reason } });
}

/** Tells of what became of an endpoint, and writes down who did it. */
export async function tellOfEndpoint(
  tx: Transaction,
  from: Origin | SystemOrigin,
  type: `webhook_endpoint.${"created" | "updated" | "secret_rotated" | "disabled" | "deleted"}`,
  endpoint: Endpoint,
  before?: Endpoint,
): Promise<void> {
  await emit(tx, [endpointEvent(type, endpoint)]);
  const { id, merchantId, livemode } = endpoint;
  await recordAct(tx, from, {
    action: type,
    object: { type: "webhook_endpoint", id },
    owner: { id: merchantId, livemode },
    before: before && presentEndpoint(before),
    after: presentEndpoint(endpoint),
  });
}

export const endpointEvent = (type: string, endpoint: Endpoint & EndpointKey) => ({
  ownerId: endpoint.merchantId,
  livemode: endpoint.livemode,
  type,
  objectId: endpoint.id,
  object: presentEndpoint(endpoint),
});
