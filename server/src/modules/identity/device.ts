import { hash } from "node:crypto";
import { seal, unseal } from "#kit/crypto.ts";
import { database, first, type Queryable, run } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, type ListQuery, page, valuesOf } from "#kit/lists.ts";
import { type DeviceRow, listDevices, type Platform, selectDevice } from "./sql.ts";

export const platforms = ["ios", "android", "harmony", "web", "other"] as const satisfies readonly Platform[];

/** A phone or browser of a user. Its name often holds its owner's, so it is sealed. */
export interface Device {
  readonly id: string;
  readonly userId: string;
  readonly livemode: boolean;
  readonly name: string;
  readonly platform: Platform;
  readonly createdAt: Date;
  readonly trustedAt: Date | null;
  readonly revokedAt: Date | null;
  /** By which it signs requests; 32 bytes. */
  readonly publicKey: Buffer | null;
  readonly keyEnrolledAt: Date | null;
}

export const deviceNameContext = (id: string): string => `devices.name ${id}`;
export const sealDeviceName = (id: string, name: string): string => seal(name, deviceNameContext(id));

export const openDevice = ({ sealedName, ...row }: DeviceRow): Device => ({
  ...row,
  name: unseal(sealedName, deviceNameContext(row.id)).toString("utf8"),
});

/** A user's device that is not revoked, or nothing; somebody else's is nothing. */
export async function findDevice(on: Queryable, userId: string, deviceId: string): Promise<Device | undefined> {
  const row = await first(on, selectDevice, [userId, deviceId]);
  return row && openDevice(row);
}

/** As {@link findDevice}; throws `not_found`. */
export async function getDevice(userId: string, deviceId: string): Promise<Device> {
  const device = await findDevice(database(), userId, deviceId);
  if (!device) throw kitErrors.not_found();
  return device;
}

/** The user's devices in use, newest first. */
export const devicesOf = (
  userId: string,
  url: string,
  query: ListQuery,
): Promise<List<ReturnType<typeof presentDevice>>> =>
  page(
    url,
    query,
    (window) => run(database(), listDevices, [userId, ...valuesOf(window)]),
    (row) => presentDevice(openDevice(row)),
  );

export const presentDevice = (device: Device) => ({
  ...presentNamelessDevice(device),
  name: device.name,
});

/** The device object as events carry it: without the name. */
export const presentNamelessDevice = (device: Device) => ({
  id: device.id,
  object: "device" as const,
  platform: device.platform,
  status: device.revokedAt === null ? ("active" as const) : ("revoked" as const),
  trusted: device.trustedAt !== null,
  livemode: device.livemode,
  created_at: device.createdAt.toISOString(),
  revoked_at: device.revokedAt?.toISOString() ?? null,
  key:
    device.publicKey && device.keyEnrolledAt
      ? { fingerprint: fingerprintOf(device.publicKey), enrolled_at: device.keyEnrolledAt.toISOString() }
      : null,
});

/** RFC 7638: the SHA-256 by which a JSON Web Key is named. */
const fingerprintOf = (publicKey: Buffer): string =>
  hash("sha256", `{"crv":"Ed25519","kty":"OKP","x":"${publicKey.toString("base64url")}"}`, "base64url");
