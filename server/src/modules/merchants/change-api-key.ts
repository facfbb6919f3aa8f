import type { Origin } from "#kit/audit.ts";
import { invalidate } from "#kit/cache.ts";
import { first, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import type { ApiKey } from "./api-key.ts";
import type { ApiKeyChange } from "./api-key-schemas.ts";
import { keyCache } from "./authenticate-key.ts";
import { requireGrantable, tellOfKey } from "./create-api-key.ts";
import { merchantErrors } from "./errors.ts";
import { checkAddresses, requireNoWider, restrictionsOf } from "./key-restrictions.ts";
import { type Keeper, reachOf } from "./reach.ts";
import { selectKey, updateKey } from "./sql.ts";

/** Changes a key's name or restrictions, at once in every process. Throws `state_conflict` for a revoked one. */
export async function changeApiKey(
  tx: Transaction,
  actor: Keeper,
  id: string,
  change: ApiKeyChange,
  from: Origin,
): Promise<ApiKey> {
  const { merchantId, livemode } = reachOf(actor);
  checkAddresses(change.allowed_addresses);
  const before = await first(tx, selectKey, [id, merchantId, livemode]);
  if (!before) throw kitErrors.not_found();
  requireGrantable(actor, before.scopes);
  const { name = null, allowed_addresses: addresses, require_signature: requireSignature = null } = change;
  if (requireSignature && before.algorithm === null) throw merchantErrors.signature_key_missing();
  requireNoWider(await restrictionsOf(tx, actor), {
    allowedAddresses: addresses === undefined ? before.allowedAddresses : addresses,
    requireSignature: requireSignature ?? before.requireSignature,
  });
  const values = [id, merchantId, livemode, name, addresses !== undefined, addresses ?? null, requireSignature];
  const after = await first(tx, updateKey, values);
  if (!after) throw kitErrors.state_conflict({ details: { status: before.status } });
  await tellOfKey(tx, from, "api_key.updated", after, before);
  await invalidate(tx, keyCache, after.digest);
  return after;
}
