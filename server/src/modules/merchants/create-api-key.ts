import { grantableScopes } from "#kit/access.ts";
import { type Origin, recordAct, type SystemOrigin } from "#kit/audit.ts";
import { first, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { type ApiKey, digestOf, type NewApiKey, newSecret, presentApiKey } from "./api-key.ts";
import type { ApiKeyInput } from "./api-key-schemas.ts";
import { checkAddresses, requireNoWider, restrictionsOf } from "./key-restrictions.ts";
import { makeSignatureKey } from "./key-signature.ts";
import { type Keeper, ownerOfNew } from "./reach.ts";
import { insertKey } from "./sql.ts";

/**
 * Makes a key. A merchant's key makes keys of its own mode, and none that may do more than it may itself or is less restricted; what is left
 * out is as with the maker. Whoever requires signatures and says no more gets a secret to sign with.
 */
export async function createApiKey(
  tx: Transaction,
  actor: Keeper,
  input: ApiKeyInput,
  from: Origin | SystemOrigin,
): Promise<NewApiKey> {
  const { merchantId, livemode } = ownerOfNew(actor, input);
  const scopes = input.scopes ?? (actor.kind === "merchant" && actor.scopes ? [...actor.scopes] : null);
  for (const [at, scope] of (input.scopes ?? []).entries()) {
    if (grantableScopes("merchant").includes(scope)) continue;
    const reason = `must be one of ${grantableScopes("merchant").join(", ")}`;
    throw kitErrors.parameter_invalid({ param: `/scopes/${at}`, details: { reason } });
  }
  requireGrantable(actor, scopes);
  checkAddresses(input.allowed_addresses);
  const own = await restrictionsOf(tx, actor);
  const allowedAddresses = input.allowed_addresses ?? own?.allowedAddresses ?? null;
  const requireSignature = input.require_signature ?? own?.requireSignature ?? false;
  requireNoWider(own, { allowedAddresses, requireSignature });
  const signatureKey = input.signature_key ?? (requireSignature ? ({ alg: "hmac-sha256" } as const) : undefined);
  const terms = { merchantId, livemode, name: input.name, scopes, allowedAddresses, requireSignature };
  const made = await insertNewKey(tx, from, terms, (id) => makeSignatureKey(id, livemode, signatureKey));
  if (!made) throw kitErrors.not_found({ param: "/merchant" });
  return made;
}

/** Nobody hands out more than they have. Throws `scope_missing` with what the actor lacks. */
export function requireGrantable(actor: Keeper, scopes: readonly string[] | null): void {
  if (actor.kind === "staff" || actor.scopes === null) return;
  const { scopes: own } = actor;
  const lacking = scopes === null ? "*" : scopes.find((scope) => !own.has(scope));
  if (lacking !== undefined) throw kitErrors.scope_missing({ details: { scope: lacking } });
}

type Terms = Pick<ApiKey, "merchantId" | "livemode" | "name" | "scopes" | "allowedAddresses" | "requireSignature">;

/** Stores a new key and tells of it; the secrets leave with the answer only. Gives nothing when there is no such merchant. */
export async function insertNewKey(
  tx: Transaction,
  from: Origin | SystemOrigin,
  { merchantId, livemode, name, scopes, allowedAddresses, requireSignature }: Terms,
  signatureKeyOf: (id: string) => ReturnType<typeof makeSignatureKey>,
): Promise<NewApiKey | undefined> {
  const secret = newSecret(livemode);
  const digest = Buffer.from(digestOf(secret), "hex");
  const id = newId("key");
  const { columns, secret: signatureSecret } = signatureKeyOf(id);
  const key = await first(tx, insertKey, [
    merchantId,
    id,
    livemode,
    name,
    scopes,
    digest,
    secret.slice(-4),
    allowedAddresses,
    requireSignature,
    columns.algorithm,
    columns.sealedSecret,
    columns.publicKey,
  ]);
  if (!key) return undefined;
  await tellOfKey(tx, from, "api_key.created", key);
  return { key, secret, signatureSecret };
}

/** Tells of what became of a key, and writes down who did it. */
export async function tellOfKey(
  tx: Transaction,
  from: Origin | SystemOrigin,
  type: "api_key.created" | "api_key.updated" | "api_key.rolled" | "api_key.revoked",
  key: ApiKey,
  before?: ApiKey,
): Promise<void> {
  const [ownerId, objectId, object] = [key.merchantId, key.id, presentApiKey(key)];
  await emit(tx, [{ ownerId, livemode: key.livemode, type, objectId, object }]);
  await recordAct(tx, from, {
    action: type,
    object: { type: "api_key", id: objectId },
    owner: { id: ownerId, livemode: key.livemode },
    before: before && presentApiKey(before),
    after: object,
  });
}
