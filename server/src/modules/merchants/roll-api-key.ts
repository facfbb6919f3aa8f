import type { Origin } from "#kit/audit.ts";
import { invalidate } from "#kit/cache.ts";
import { first, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import type { ApiKey, NewApiKey } from "./api-key.ts";
import type { RollInput } from "./api-key-schemas.ts";
import { keyCache } from "./authenticate-key.ts";
import { insertNewKey, requireGrantable, tellOfKey } from "./create-api-key.ts";
import { requireNoWider, restrictionsOf } from "./key-restrictions.ts";
import { makeSignatureKey } from "./key-signature.ts";
import { type Keeper, reachOf } from "./reach.ts";
import { rollKey, selectKey } from "./sql.ts";

/**
 * Replaces a key by a new one with the same name, mode, scopes and restrictions; the old one works for `overlap_seconds` more. An HMAC gets
 * a new secret, an Ed25519 key stays, unless another `signature_key` is given. A key is rolled once: of two who try at once, one gets
 * `state_conflict`.
 */
export async function rollApiKey(
  tx: Transaction,
  actor: Keeper,
  id: string,
  { overlap_seconds: overlapSeconds, signature_key: wanted }: RollInput,
  from: Origin,
): Promise<NewApiKey> {
  const { merchantId, livemode } = reachOf(actor);
  const old = await first(tx, selectKey, [id, merchantId, livemode]);
  if (!old) throw kitErrors.not_found();
  requireGrantable(actor, old.scopes);
  requireNoWider(await restrictionsOf(tx, actor), old);
  const made = (await insertNewKey(tx, from, old, (newId) => nextSignatureKey(newId, old, wanted))) as NewApiKey;
  const rolled = await first(tx, rollKey, [id, made.key.id, overlapSeconds]);
  if (!rolled) {
    const now = await first(tx, selectKey, [id, merchantId, livemode]);
    throw kitErrors.state_conflict({ details: { status: now?.status } });
  }
  await tellOfKey(tx, from, "api_key.rolled", rolled, old);
  await invalidate(tx, keyCache, rolled.digest);
  return made;
}

function nextSignatureKey(id: string, { livemode, algorithm, publicKey }: ApiKey, wanted: RollInput["signature_key"]) {
  if (wanted || algorithm === null) return makeSignatureKey(id, livemode, wanted);
  const same = algorithm === "ed25519" ? { public_key: publicKey?.toString("base64url") } : {};
  return makeSignatureKey(id, livemode, { alg: algorithm, ...same });
}
