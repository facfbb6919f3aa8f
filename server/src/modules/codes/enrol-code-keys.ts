import { randomBytes } from "node:crypto";
import { seal } from "#kit/crypto.ts";
import { plainArray, run, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { keyBytes } from "./algorithm.ts";
import { type ClaimedAlias, claimAliases } from "./claim-aliases.ts";
import { type CodeKey, insertKeys, revokeKeyAliases, revokeKeys } from "./sql.ts";

/** A device that is to make codes by itself. */
export interface Enrolment {
  readonly userId: string;
  readonly deviceId: string;
  readonly livemode: boolean;
}

/** What the device has to know. The key leaves the server in the one answer that hands it over. */
export interface EnrolledKey extends Enrolment, ClaimedAlias {
  readonly keyId: string;
  readonly key: Buffer;
}

/** What a key's sealed bytes belong to. */
export const keyContext = (keyId: string): string => `code_keys ${keyId}`;

/**
 * Gives each device a new key and alias, whatever their number in a handful of statements; a key that a device has is revoked, its codes
 * die with it. Each device at most once in a call. Gives the keys in the order of the devices.
 */
export async function enrolCodeKeys(tx: Transaction, devices: readonly Enrolment[]): Promise<EnrolledKey[]> {
  await revokeOf(tx, devices);
  const made = devices.map((device) => ({ ...device, keyId: newId("ck"), key: randomBytes(keyBytes) }));
  const aliases = await claimAliases(
    tx,
    made.map((device) => ({ ...device, once: false })),
  );
  const keys = made.map((device) => ({ ...device, ...(aliases.get(device.keyId) as ClaimedAlias) }));
  let open = keys;
  while (open.length > 0) {
    const stored = await storeKeys(tx, open.map(asRow));
    open = open.filter(({ keyId }) => !stored.has(keyId));
    // Another enrolment of the same device came in between: the later one stays.
    await revokeOf(tx, open);
  }
  return keys;
}

const asRow = ({ userId, keyId, deviceId, livemode, key, alias }: EnrolledKey): CodeKey => ({
  userId,
  id: keyId,
  deviceId,
  livemode,
  sealedKey: seal(key, keyContext(keyId)),
  alias,
});

async function revokeOf(tx: Transaction, devices: readonly Enrolment[]): Promise<void> {
  if (devices.length === 0) return;
  const revoked = await run(tx, revokeKeys, [
    plainArray(devices.map(({ userId }) => userId)),
    plainArray(devices.map(({ deviceId }) => deviceId)),
  ]);
  if (revoked.length === 0) return;
  await run(tx, revokeKeyAliases, [
    plainArray(revoked.map(({ userId }) => userId)),
    plainArray(revoked.map(({ id }) => id)),
  ]);
}

/** Stores new keys; gives the ids of those whose device or user had none. */
export async function storeKeys(tx: Transaction, keys: readonly CodeKey[]): Promise<ReadonlySet<string>> {
  const stored = await run(tx, insertKeys, [
    plainArray(keys.map((key) => key.userId)),
    plainArray(keys.map((key) => key.id)),
    plainArray(keys.map((key) => key.deviceId)),
    plainArray(keys.map((key) => key.livemode)),
    plainArray(keys.map((key) => key.sealedKey)),
    plainArray(keys.map((key) => key.alias)),
  ]);
  return new Set(stored.map(({ id }) => id));
}
