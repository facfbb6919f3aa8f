import { invalidate } from "#kit/cache.ts";
import { first, inTransaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import type { ApiKey } from "./api-key.ts";
import { keyCache } from "./authenticate-key.ts";
import { tellOfKey } from "./create-api-key.ts";
import { type Keeper, reachOf } from "./reach.ts";
import { revokeKey, selectKey } from "./sql.ts";

/** Ends a key for good; once more changes nothing. Whoever may keep keys may stop any of them, whatever it may do itself. */
export function revokeApiKey(actor: Keeper, id: string): Promise<ApiKey> {
  const { merchantId, livemode } = reachOf(actor);
  return inTransaction(async (tx) => {
    const revoked = await first(tx, revokeKey, [id, merchantId, livemode]);
    if (revoked) {
      await tellOfKey(tx, "api_key.revoked", revoked);
      await invalidate(tx, keyCache, revoked.digest);
      return revoked;
    }
    const before = await first(tx, selectKey, [id, merchantId, livemode]);
    if (!before) throw kitErrors.not_found();
    return before;
  });
}
