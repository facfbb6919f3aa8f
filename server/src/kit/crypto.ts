import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { decrypt, encrypt, UnsealError } from "./cipher.ts";
import { now } from "./clock.ts";
import {
  type DataKeyRow,
  dataKeysChanged,
  ensureDataKeys,
  lockDataKeys,
  makeDataKey,
  masterKeyOf,
  openDataKey,
  readDataKeys,
} from "./data-keys.ts";
import { database, inTransaction } from "./db.ts";
import { log } from "./log.ts";
import { onNotification } from "./notifications.ts";

export { UnsealError } from "./cipher.ts";

/**
 * Secrets at rest: AES-256-GCM under data keys, which lie in the database sealed under the master key. The text of a sealed value is
 * `v1.<data key id>.<base64url of nonce, ciphertext and tag>`; what it belongs to (its context) is authenticated with it,
 * so that a sealed value copied to another row does not open.
 */
interface DataKey {
  id: string;
  key: KeyObject;
  createdAt: number;
}

interface Keyring {
  master: KeyObject;
  /** By id. */
  dataKeys: Map<string, DataKey>;
  /** Oldest first. */
  ordered: DataKey[];
  /** What the keys of keyed digests are derived from. */
  root: KeyObject;
  /** One a purpose. */
  indexKeys: Map<string, KeyObject>;
}

/** Processes hear of a new data key by notification; for this long nobody seals under it, so that all can open what is sealed. */
export const settlingMs = 60_000;

let keyring: Keyring | undefined;

/**
 * Opens the data keys of the database with the master key, and makes the first ones of a new database.
 * Throws when the master key is not the one that the data keys were sealed under.
 */
export async function openKeyring(masterKey: Buffer): Promise<void> {
  const master = masterKeyOf(masterKey);
  keyring = { master, indexKeys: new Map(), ...openAll(await ensureDataKeys(masterKey), master) };
}

/** Adds a data key; everything is sealed under it once every process knows it. Older ones still open what they sealed. */
export async function rotateDataKey(): Promise<string> {
  const { master } = opened();
  const id = await inTransaction(async (tx) => {
    await lockDataKeys(tx);
    // A process that was started before the master key changed must not seal under the one that is gone.
    for (const row of await readDataKeys(tx)) openDataKey(master, row);
    await dataKeysChanged(tx);
    return makeDataKey(tx, master);
  });
  await reloadDataKeys();
  return id;
}

/** Seals a secret for its context, such as `"users.totp usr_…"`. */
export function seal(plain: string | Buffer, context: string): string {
  const { id, key } = sealingKey(opened());
  return `v1.${id}.${encrypt(key, plain, context)}`;
}

/** Opens what {@link seal} gave for the same context. Throws {@link UnsealError}. */
export function unseal(sealed: string, context: string): Buffer {
  const [version, id = "", box = "", more] = sealed.split(".");
  const dataKey = opened().dataKeys.get(id);
  if (version !== "v1" || more !== undefined || !dataKey) throw new UnsealError("this was not sealed here");
  return decrypt(dataKey.key, box, context);
}

/** The data key under which this process seals now. */
export const sealingKeyId = (): string => sealingKey(opened()).id;

/** A keyed digest by which an equal value is found without being opened. Purposes (`"users.phone"`) do not match each other. */
export const blindIndex = (value: string, purpose: string, encoding: "base64url" | "hex" = "base64url"): string =>
  createHmac("sha256", digestKey(purpose)).update(value).digest(encoding);

/** The key of keyed digests for one purpose: every process has the same, and it outlives data keys and master keys. */
export function digestKey(purpose: string): KeyObject {
  const { root, indexKeys } = opened();
  let key = indexKeys.get(purpose);
  if (!key) indexKeys.set(purpose, (key = createSecretKey(expand(root, `feiqian blind index ${purpose}`))));
  return key;
}

/** Compares secrets in a time that tells nothing but their length. */
export function constantTimeEqual(a: string | Buffer, b: string | Buffer): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function opened(): Keyring {
  if (!keyring) throw new Error("the keyring is not open");
  return keyring;
}

function sealingKey({ ordered }: Keyring): DataKey {
  const settled = ordered.findLast(({ createdAt }) => createdAt <= now() - settlingMs);
  return settled ?? (ordered[0] as DataKey);
}

/** The expand step of HKDF with SHA-256 for 32 bytes. */
const expand = (root: KeyObject, info: string): Buffer =>
  createHmac("sha256", root).update(info).update(Buffer.of(1)).digest();

/** Reads the data keys again. Other processes hear of a change by notification. */
export async function reloadDataKeys(): Promise<void> {
  if (keyring) Object.assign(keyring, openAll(await readDataKeys(database()), keyring.master, keyring));
}

/** Those that are known already need not be opened: the master key may have changed since this process started. */
function openAll(rows: DataKeyRow[], master: KeyObject, known?: Keyring): Omit<Keyring, "master" | "indexKeys"> {
  let root = known?.root;
  const ordered: DataKey[] = [];
  for (const row of rows) {
    const { id, purpose, created_at } = row;
    if (purpose === "digest") root ??= createSecretKey(openDataKey(master, row));
    else {
      const key = known?.dataKeys.get(id)?.key ?? createSecretKey(openDataKey(master, row));
      ordered.push({ id, key, createdAt: created_at.getTime() });
    }
  }
  if (!root) throw new Error("the root of keyed digests is missing among the data keys");
  return { ordered, dataKeys: new Map(ordered.map((dataKey) => [dataKey.id, dataKey])), root };
}

const reloadOrLog = (): void => {
  reloadDataKeys().catch((error) => log.error({ err: error }, "data keys could not be read"));
};
onNotification("data_keys", { heard: reloadOrLog, missed: reloadOrLog });
