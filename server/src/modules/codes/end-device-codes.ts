import { plainArray, run, type Transaction } from "#kit/db.ts";
import {
  freezeAliases,
  lockDevice,
  revokeDeviceAliases,
  revokeKeys,
  revokeUserAliases,
  revokeUserKeys,
} from "./sql.ts";

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

/** What a frozen user's phone shows is refused, until the user is let in again. To be run by `onUserFrozen` of identity. */
export const freezeCodes = async (tx: Transaction, user: { id: string; frozen: boolean }): Promise<void> => {
  await run(tx, freezeAliases, [user.id, user.frozen]);
};
