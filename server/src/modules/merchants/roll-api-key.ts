import { invalidate } from "#kit/cache.ts";
import { first, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import type { NewApiKey } from "./api-key.ts";
import { keyCache } from "./authenticate-key.ts";
import { insertNewKey, requireGrantable, tellOfKey } from "./create-api-key.ts";
import { type Keeper, reachOf } from "./reach.ts";
import { rollKey, selectKey } from "./sql.ts";

/**
 * Replaces a key by a new one with the same name, mode and scopes; the old one works for `overlapSeconds` more. A key is rolled once:
 * of two who try at once, one gets `state_conflict`.
 */
export async function rollApiKey(
  tx: Transaction,
  actor: Keeper,
  id: string,
  overlapSeconds: number,
): Promise<NewApiKey> {
  const { merchantId, livemode } = reachOf(actor);
  const old = await first(tx, selectKey, [id, merchantId, livemode]);
  if (!old) throw kitErrors.not_found();
  requireGrantable(actor, old.scopes);
  const made = (await insertNewKey(tx, old)) as NewApiKey;
  const rolled = await first(tx, rollKey, [id, made.key.id, overlapSeconds]);
  if (!rolled) {
    const now = await first(tx, selectKey, [id, merchantId, livemode]);
    throw kitErrors.state_conflict({ details: { status: now?.status } });
  }
  await tellOfKey(tx, "api_key.rolled", rolled);
  await invalidate(tx, keyCache, rolled.digest);
  return made;
}
