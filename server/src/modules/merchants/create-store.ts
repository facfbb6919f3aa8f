import { type Origin, recordAct } from "#kit/audit.ts";
import { config } from "#kit/config.ts";
import { first, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { requireTimeZone } from "./known-values.ts";
import { type Keeper, ownerOfNew } from "./reach.ts";
import type { StoreInput } from "./schemas.ts";
import { insertStore } from "./sql.ts";
import { presentStore, type Store } from "./store.ts";

/** Opens a store; its time zone is the operator's unless it says another. */
export async function createStore(tx: Transaction, actor: Keeper, input: StoreInput, from: Origin): Promise<Store> {
  const { merchantId, livemode } = ownerOfNew(actor, input);
  const { name, time_zone: timeZone = config().timeZone, address } = input;
  requireTimeZone(timeZone);
  const store = await first(tx, insertStore, [merchantId, livemode, newId("sto"), name, timeZone, address]);
  if (!store) throw kitErrors.not_found({ param: "/merchant" });
  await tellOfStore(tx, from, "store.created", store);
  return store;
}

/** Tells of what became of a store, and writes down who did it. */
export async function tellOfStore(
  tx: Transaction,
  from: Origin,
  type: "store.created" | "store.updated",
  store: Store,
  before?: Store,
): Promise<void> {
  const { id, merchantId, livemode } = store;
  const object = presentStore(store);
  await emit(tx, [{ ownerId: merchantId, livemode, type, objectId: id, object }]);
  await recordAct(tx, from, {
    action: type,
    object: { type: "store", id },
    owner: { id: merchantId, livemode },
    before: before && presentStore(before),
    after: object,
  });
}
