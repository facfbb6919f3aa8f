import type { Origin } from "#kit/audit.ts";
import { invalidate } from "#kit/cache.ts";
import { first, inTransaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import type { ApiKey } from "./api-key.ts";
import { keyCache } from "./authenticate-key.ts";
import { tellOfKey } from "./create-api-key.ts";
import { type Keeper, reachOf } from "./reach.ts";
import { revokeKey, selectKey } from "./sql.ts";

/** Ends a key for good; once more changes nothing. Whoever may keep keys may stop any of them, whatever it may do itself. */
export function revokeApiKey(actor: Keeper, id: string, from: Origin): Promise<ApiKey> {
  const { merchantId, livemode } = reachOf(actor);
  return inTransaction(async (tx) => {
    const before = await first(tx, selectKey, [id, merchantId, livemode]);
    if (!before) throw kitErrors.not_found();
    const revoked = await first(tx, revokeKey, [id, merchantId, livemode]);
    if (revoked) {
      await tellOfKey(tx, from, "api_key.revoked", revoked, before);
      await invalidate(tx, keyCache, revoked.digest);
      return revoked;
    }
    return first(tx, selectKey, [id, merchantId, livemode]) as Promise<ApiKey>;
  });
}
