import type { Origin } from "#kit/audit.ts";
import { invalidate } from "#kit/cache.ts";
import { first, inTransaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { tellOfStore } from "./create-store.ts";
import { requireTimeZone } from "./known-values.ts";
import { placeKey, storeCache } from "./places.ts";
import { type Keeper, reachOf } from "./reach.ts";
import type { StoreChange } from "./schemas.ts";
import { selectStore, updateStore } from "./sql.ts";
import type { Store } from "./store.ts";

/** Changes a store within the actor's reach. */
export function changeStore(actor: Keeper, id: string, change: StoreChange, from: Origin): Promise<Store> {
  const { merchantId, livemode } = reachOf(actor);
  const { name, time_zone: timeZone, address } = change;
  if (timeZone !== undefined) requireTimeZone(timeZone);
  return inTransaction(async (tx) => {
    const values = [id, merchantId, livemode, name, timeZone, address !== undefined, address];
    const before = await first(tx, selectStore, [id, merchantId, livemode]);
    const store = await first(tx, updateStore, values);
    if (!store) throw kitErrors.not_found();
    await tellOfStore(tx, from, "store.updated", store, before);
    await invalidate(tx, storeCache, placeKey(store, store.id));
    return store;
  });
}
