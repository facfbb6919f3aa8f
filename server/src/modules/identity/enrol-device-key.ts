import { verify } from "node:crypto";
import type { UserActor } from "#kit/actor.ts";
import { type Origin, recordAct } from "#kit/audit.ts";
import { invalidate } from "#kit/cache.ts";
import { first, run, type Transaction } from "#kit/db.ts";
import { publicKeyBytes, publicKeyOf } from "#kit/ed25519.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { standingKey } from "./authenticate.ts";
import { type Device, findDevice, presentNamelessDevice } from "./device.ts";
import { selectSessionsOfDevice, setDeviceKey } from "./device-key-sql.ts";
import { identityErrors } from "./errors.ts";
import { selectLiveSession } from "./sql.ts";

export interface DeviceKeyInput {
  public_key: string | { x: string };
  proof: string;
}

/**
 * Binds a key to the device that asks: from then on what matters must be signed by it. The device has it for good; another one is another
 * device. Throws `not_found`, `device_session_needed` for a session of elsewhere, `device_key_proof_invalid`, `device_key_exists`.
 */
export async function enrolDeviceKey(
  tx: Transaction,
  { userId, sessionId, livemode }: UserActor,
  deviceId: string,
  { public_key, proof }: DeviceKeyInput,
  from: Origin,
): Promise<Device> {
  const before = await findDevice(tx, userId, deviceId);
  if (!before) throw kitErrors.not_found();
  const session = await first(tx, selectLiveSession, [userId, sessionId]);
  if (session?.deviceId !== deviceId) throw identityErrors.device_session_needed();
  const publicKey = publicKeyBytes(public_key);
  if (!publicKey)
    throw kitErrors.parameter_invalid({ param: "/public_key", details: { reason: "is no Ed25519 public key" } });
  if (!proves(deviceId, publicKey, proof)) throw identityErrors.device_key_proof_invalid();
  if (!(await first(tx, setDeviceKey, [userId, deviceId, publicKey]))) throw identityErrors.device_key_exists();

  const device = (await findDevice(tx, userId, deviceId)) as Device;
  const object = presentNamelessDevice(device);
  await emit(tx, [{ ownerId: userId, livemode, type: "device.key_enrolled", objectId: deviceId, object }]);
  await recordAct(tx, from, {
    action: "device.key_enrolled",
    object: { type: "device", id: deviceId },
    before: presentNamelessDevice(before),
    after: object,
  });
  for (const { id } of await run(tx, selectSessionsOfDevice, [userId, deviceId])) {
    await invalidate(tx, "identity.sessions", standingKey(userId, id));
  }
  return device;
}

/** Once in a device's life: it need not leave the event loop. */
const proves = (deviceId: string, publicKey: Buffer, proof: string): boolean =>
  verify(null, Buffer.from(proofText(deviceId, publicKey)), publicKeyOf(publicKey), Buffer.from(proof, "base64url"));

/** What the device signs to show that it holds the private half: it is for this device and this key alone. */
const proofText = (deviceId: string, publicKey: Buffer): string =>
  `feiqian device key\n${deviceId}\n${publicKey.toString("base64url")}`;
