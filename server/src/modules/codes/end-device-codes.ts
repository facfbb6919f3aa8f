import { plainArray, run, type Transaction } from "#kit/db.ts";
import { lockDevice, revokeDeviceAliases, revokeKeys, revokeUserAliases, revokeUserKeys } from "./sql.ts";

/** Ends a revoked device's key, its aliases, and the codes it shows at this moment. To be run by `onDeviceRevoked` of identity. */
export async function endDeviceCodes(tx: Transaction, device: { id: string; userId: string }): Promise<void> {
  await run(tx, lockDevice, [device.id]);
  await run(tx, revokeKeys, [plainArray([device.userId]), plainArray([device.id])]);
  await run(tx, revokeDeviceAliases, [device.userId, device.id]);
}

/** Ends every key and code of a user. To be run by `onErased` of identity. */
export async function endUserCodes(tx: Transaction, user: { id: string }): Promise<void> {
  await run(tx, revokeUserKeys, [user.id]);
  await run(tx, revokeUserAliases, [user.id]);
}
