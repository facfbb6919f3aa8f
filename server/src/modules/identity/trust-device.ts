import { randomBytes } from "node:crypto";
import type { Origin } from "#kit/audit.ts";
import { constantTimeEqual } from "#kit/crypto.ts";
import { first, type Queryable, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type Device, openDevice, presentNamelessDevice } from "./device.ts";
import { selectTrust } from "./factors-sql.ts";
import { digestOf } from "./session.ts";
import { setTrust } from "./sql.ts";
import { tellOfFactor } from "./tell-of-factor.ts";

/**
 * A trusted device holds a secret of 256 bits, `tt_…`, and shows it when its user signs in: an id alone can be read by others. Only its digest is
 * stored; it dies with the device's revocation.
 */
const tokenBytes = 32;

/** Trusts a device in use from now on and gives its secret, once; the one before is void. Throws `not_found`. */
export async function trustDevice(
  tx: Transaction,
  from: Origin,
  owner: { id: string; livemode: boolean },
  deviceId: string,
): Promise<{ device: Device; trustToken: string }> {
  const secret = randomBytes(tokenBytes);
  const device = await changeTrust(tx, from, owner, deviceId, digestOf(secret));
  return { device, trustToken: `tt_${secret.toString("base64url")}` };
}

/** Its user signs in from this device as from any other. Throws `not_found`. */
export const distrustDevice = (
  tx: Transaction,
  from: Origin,
  owner: { id: string; livemode: boolean },
  deviceId: string,
): Promise<Device> => changeTrust(tx, from, owner, deviceId, null);

async function changeTrust(
  tx: Transaction,
  from: Origin,
  owner: { id: string; livemode: boolean },
  deviceId: string,
  trustHash: Buffer | null,
): Promise<Device> {
  const row = await first(tx, setTrust, [owner.id, deviceId, trustHash]);
  if (!row) throw kitErrors.not_found();
  const device = openDevice(row);
  const action = trustHash ? "device.trusted" : "device.distrusted";
  const after = presentNamelessDevice(device);
  const letter = trustHash ? "device_trusted" : undefined;
  await tellOfFactor(tx, from, owner, { action, type: "device", id: deviceId, letter, after });
  return device;
}

/** Whether this is the secret of a trusted device of this user, which is not revoked. */
export async function isTrusted(on: Queryable, userId: string, deviceId: string, trustToken: string): Promise<boolean> {
  const match = /^tt_([\w-]{43})$/.exec(trustToken);
  const stored = match && (await first(on, selectTrust, [userId, deviceId]));
  return !!stored && constantTimeEqual(digestOf(Buffer.from(match[1] as string, "base64url")), stored.trustHash);
}
