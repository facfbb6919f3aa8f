import type { Origin } from "#kit/audit.ts";
import { first, inTransaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type Device, openDevice, presentNamelessDevice } from "./device.ts";
import { endSessionsFrom } from "./end-session.ts";
import { afterDeviceRevocation } from "./hooks.ts";
import { revokeDevice as revokeDeviceStatement } from "./sql.ts";
import { tellOfFactor } from "./tell-of-factor.ts";

/**
 * Revokes a device of the user for good: what was signed in from it ends, and what the role composed for it (payment codes)
 * happens in the same transaction. Throws `not_found`.
 */
export function revokeDevice(userId: string, deviceId: string, from: Origin): Promise<Device> {
  return inTransaction(async (tx) => {
    const row = await first(tx, revokeDeviceStatement, [userId, deviceId]);
    if (!row) throw kitErrors.not_found();
    const device = openDevice(row);
    await endSessionsFrom(tx, userId, deviceId);
    await afterDeviceRevocation(tx, device);
    const [owner, after] = [{ id: userId, livemode: device.livemode }, presentNamelessDevice(device)];
    await tellOfFactor(tx, from, owner, { action: "device.revoked", type: "device", id: deviceId, after });
    return device;
  });
}
