import type { MerchantActor } from "#kit/actor.ts";
import { type Origin, recordAct } from "#kit/audit.ts";
import { seal } from "#kit/crypto.ts";
import { first, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { newSecret } from "#kit/webhook-signature.ts";
import { requireSecret, tellOfEndpoint } from "./create-endpoint.ts";
import { presentEndpoint, secretContext } from "./endpoint.ts";
import { type NotifySecret, rotateEndpointSecret, rotateNotifySecret } from "./endpoints-sql.ts";
import type { Rotation } from "./webhook-schemas.ts";

/** As long as most libraries take (Standard Webhooks): both secrets sign meanwhile. */
export const usualOverlapSeconds = 24 * 3_600;

/** Gives an endpoint a new secret; the one before goes on signing beside it until the overlap ends. */
export async function rotateSecret(
  tx: Transaction,
  actor: MerchantActor,
  id: string,
  rotation: Rotation,
  from: Origin,
) {
  const { secret = newSecret(), overlap_seconds: overlap = usualOverlapSeconds } = rotation;
  requireSecret(secret);
  const sealed = seal(secret, secretContext(actor, id));
  const endpoint = await first(tx, rotateEndpointSecret, [actor.merchantId, actor.livemode, id, sealed, overlap]);
  if (!endpoint) throw kitErrors.not_found();
  await tellOfEndpoint(tx, from, "webhook_endpoint.secret_rotated", endpoint);
  return { ...presentEndpoint(endpoint), secret };
}

/** What the merchant's notify secret is sealed for. */
export const notifySecretName = "notify";

/** Gives the merchant a new notify secret, the first one included. */
export async function rotateNotify(tx: Transaction, actor: MerchantActor, rotation: Rotation, from: Origin) {
  const { secret = newSecret(), overlap_seconds: overlap = usualOverlapSeconds } = rotation;
  requireSecret(secret);
  const sealed = seal(secret, secretContext(actor, notifySecretName));
  const kept = await first(tx, rotateNotifySecret, [actor.merchantId, actor.livemode, sealed, overlap]);
  const shown = presentNotifySecret(kept as NotifySecret);
  const object = { type: "notify_secret", id: actor.merchantId };
  await recordAct(tx, from, { action: "notify_secret.rotated", object, after: shown });
  return { ...shown, secret };
}

export const presentNotifySecret = ({ livemode, previousUntil, createdAt }: NotifySecret) => ({
  object: "notify_secret" as const,
  previous_secret_expires_at: previousUntil?.toISOString() ?? null,
  livemode,
  created_at: createdAt.toISOString(),
});
