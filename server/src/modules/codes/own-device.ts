import type { UserActor } from "#kit/actor.ts";
import { first, run, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { findDevice } from "#modules/identity";
import { type CodeKey, lockDevice, selectDeviceKey } from "./sql.ts";

/**
 * Makes sure that a device is the user's own and in use, and keeps a revocation waiting until the transaction ends: what it is given here
 * is there to be taken away. Throws `not_found`.
 */
export async function lockOwnDevice(tx: Transaction, actor: UserActor, deviceId: string): Promise<void> {
  await run(tx, lockDevice, [deviceId]);
  if (!(await findDevice(tx, actor.userId, deviceId))) throw kitErrors.not_found();
}

/** The key of the user's own device, locked with it; nothing when the device is not enrolled. Throws `not_found`. */
export async function lockOwnKey(tx: Transaction, actor: UserActor, deviceId: string): Promise<CodeKey | undefined> {
  await lockOwnDevice(tx, actor, deviceId);
  return first(tx, selectDeviceKey, [actor.userId, deviceId]);
}
