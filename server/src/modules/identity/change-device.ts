import type { Origin } from "#kit/audit.ts";
import { first, inTransaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { confirmPassword } from "./check-password.ts";
import { type Device, getDevice, openDevice, sealDeviceName } from "./device.ts";
import { renameDevice } from "./sql.ts";
import { distrustDevice, trustDevice } from "./trust-device.ts";

export interface DeviceChange {
  name?: string;
  trusted?: boolean;
  password?: string;
}

/** Judges before the transaction what may be changed: trust takes the password. Throws `not_found`, and what asking for the password throws. */
export async function assertMayChange(
  userId: string,
  deviceId: string,
  change: DeviceChange,
  address: string,
): Promise<void> {
  if (change.name === undefined && change.trusted === undefined) throw kitErrors.parameter_missing({ param: "/name" });
  await getDevice(userId, deviceId);
  if (!change.trusted) return;
  if (change.password === undefined) throw kitErrors.parameter_missing({ param: "/password" });
  await confirmPassword(userId, change.password, address);
}

/** Changes what is given. A device that becomes trusted gets a secret, shown once. Throws `not_found`. */
export function changeDevice(
  from: Origin,
  owner: { id: string; livemode: boolean },
  deviceId: string,
  { name, trusted }: DeviceChange,
): Promise<{ device: Device; trustToken?: string }> {
  return inTransaction(async (tx) => {
    let device: Device | undefined;
    if (name !== undefined) {
      const row = await first(tx, renameDevice, [owner.id, deviceId, sealDeviceName(deviceId, name)]);
      device = row && openDevice(row);
    }
    if (trusted === true) return trustDevice(tx, from, owner, deviceId);
    if (trusted === false) device = await distrustDevice(tx, from, owner, deviceId);
    if (!device) throw kitErrors.not_found();
    return { device };
  });
}
