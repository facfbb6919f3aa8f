import { grantableScopes } from "#kit/access.ts";
import { first, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { type ApiKey, digestOf, type NewApiKey, newSecret, presentApiKey } from "./api-key.ts";
import type { ApiKeyInput } from "./api-key-schemas.ts";
import { type Keeper, ownerOfNew } from "./reach.ts";
import { insertKey } from "./sql.ts";

/** Makes a key. A merchant's key makes keys of its own mode, and none that may do more than it may itself. */
export async function createApiKey(tx: Transaction, actor: Keeper, input: ApiKeyInput): Promise<NewApiKey> {
  const { merchantId, livemode } = ownerOfNew(actor, input);
  const scopes = input.scopes ?? (actor.kind === "merchant" && actor.scopes ? [...actor.scopes] : null);
  for (const [at, scope] of (input.scopes ?? []).entries()) {
    if (grantableScopes("merchant").includes(scope)) continue;
    const reason = `must be one of ${grantableScopes("merchant").join(", ")}`;
    throw kitErrors.parameter_invalid({ param: `/scopes/${at}`, details: { reason } });
  }
  requireGrantable(actor, scopes);
  const made = await insertNewKey(tx, { merchantId, livemode, name: input.name, scopes });
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

/** Stores a new key and tells of it; the secret leaves with the answer only. Gives nothing when there is no such merchant. */
export async function insertNewKey(
  tx: Transaction,
  { merchantId, livemode, name, scopes }: Pick<ApiKey, "merchantId" | "livemode" | "name" | "scopes">,
): Promise<NewApiKey | undefined> {
  const secret = newSecret(livemode);
  const digest = Buffer.from(digestOf(secret), "hex");
  const key = await first(tx, insertKey, [merchantId, newId("key"), livemode, name, scopes, digest, secret.slice(-4)]);
  if (!key) return undefined;
  await tellOfKey(tx, "api_key.created", key);
  return { key, secret };
}

export const tellOfKey = (
  tx: Transaction,
  type: "api_key.created" | "api_key.rolled" | "api_key.revoked",
  key: ApiKey,
): Promise<void> =>
  emit(tx, [{ ownerId: key.merchantId, livemode: key.livemode, type, objectId: key.id, object: presentApiKey(key) }]);
