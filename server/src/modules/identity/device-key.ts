import { database, first } from "#kit/db.ts";
import { publicKeyOf } from "#kit/ed25519.ts";
import type { VerifyingKey } from "#kit/request-signatures.ts";
import { selectDeviceKey } from "./device-key-sql.ts";

/** The key by which a device signs requests, if it has one and is in use. */
export async function deviceKeyOf(userId: string, deviceId: string): Promise<VerifyingKey | undefined> {
  const row = await first(database(), selectDeviceKey, [userId, deviceId]);
  return row && { id: deviceId, algorithm: "ed25519", key: publicKeyOf(row.publicKey) };
}
