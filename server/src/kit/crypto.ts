import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { now } from "./clock.ts";
import { database, inTransaction, type Queryable, run, sql, type Transaction } from "./db.ts";
import { newId } from "./ids.ts";
import { log } from "./log.ts";
import { notify, onNotification } from "./notifications.ts";

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
  /** One a purpose. */
  indexKeys: Map<string, KeyObject>;
}

/** Sealed under a key that this keyring lacks, changed, or belonging elsewhere. Says nothing about the content. */
export class UnsealError extends Error {
  override name = "UnsealError";
}

const nonceBytes = 12;
const tagBytes = 16;
/** Processes hear of a new data key by notification; for this long nobody seals under it, so that all can open what is sealed. */
const settlingMs = 60_000;

let keyring: Keyring | undefined;

interface DataKeyRow {
  id: string;
  sealed_key: string;
  created_at: Date;
}
const readDataKeys = sql<DataKeyRow>(
  "crypto.read_data_keys",
  "select id, sealed_key, created_at from data_keys order by created_at, id",
);
const insertDataKey = sql("crypto.insert_data_key", "insert into data_keys (id, sealed_key) values ($1, $2)");
const lockDataKeys = sql("crypto.lock_data_keys", "lock table data_keys in share row exclusive mode");

/**
 * Opens the data keys of the database with the master key, and makes the first one of a new database.
 * Throws when the master key is not the one that the data keys were sealed under.
 */
export async function openKeyring(masterKey: Buffer): Promise<void> {
  if (masterKey.length !== 32) throw new Error("a master key has 32 bytes");
  const master = createSecretKey(masterKey);
  const rows = await inTransaction(async (tx) => {
    const known = await run(tx, readDataKeys);
    if (known.length > 0) return known;
    // Processes that start together on a new database must agree on one key.
    await run(tx, lockDataKeys);
    const made = await run(tx, readDataKeys);
    if (made.length > 0) return made;
    await makeDataKey(tx, master);
    return run(tx, readDataKeys);
  });
  keyring = { master, indexKeys: new Map(), ...openDataKeys(rows, master) };
}

/** Adds a data key; everything is sealed under it once every process knows it. Older ones still open what they sealed. */
export async function rotateDataKey(): Promise<string> {
  const { master } = opened();
  const id = await inTransaction(async (tx) => {
    await notify(tx, "data_keys", "rotated");
    return makeDataKey(tx, master);
  });
  await reload();
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

/** A keyed digest by which an equal value is found without being opened. Purposes (`"users.phone"`) do not match each other. */
export const blindIndex = (value: string, purpose: string, encoding: "base64url" | "hex" = "base64url"): string =>
  createHmac("sha256", digestKey(purpose)).update(value).digest(encoding);

/** The key of keyed digests for one purpose, derived from the master key: every process has the same. */
export function digestKey(purpose: string): KeyObject {
  const { master, indexKeys } = opened();
  let key = indexKeys.get(purpose);
  if (!key) {
    key = createSecretKey(Buffer.from(hkdfSync("sha256", master, "", `feiqian blind index ${purpose}`, 32)));
    indexKeys.set(purpose, key);
  }
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

async function makeDataKey(tx: Transaction, master: KeyObject): Promise<string> {
  const id = newId("dk");
  await run(tx, insertDataKey, [id, `v1.master.${encrypt(master, randomBytes(32), `data_keys ${id}`)}`]);
  return id;
}

async function reload(on: Queryable = database()): Promise<void> {
  if (keyring) Object.assign(keyring, openDataKeys(await run(on, readDataKeys), keyring.master));
}

function openDataKeys(rows: DataKeyRow[], master: KeyObject): Pick<Keyring, "dataKeys" | "ordered"> {
  const ordered = rows.map(({ id, sealed_key, created_at }) => {
    const key = createSecretKey(openDataKey(master, id, sealed_key));
    return { id, key, createdAt: created_at.getTime() };
  });
  return { ordered, dataKeys: new Map(ordered.map((dataKey) => [dataKey.id, dataKey])) };
}

function openDataKey(master: KeyObject, id: string, sealedKey: string): Buffer {
  try {
    return decrypt(master, sealedKey.replace(/^v1\.master\./, ""), `data_keys ${id}`);
  } catch (error) {
    throw new Error(`the master key does not open data key ${id}: it belongs to another database`, { cause: error });
  }
}

function encrypt(key: KeyObject, plain: string | Buffer, context: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
  const text = typeof plain === "string" ? cipher.update(plain, "utf8") : cipher.update(plain);
  return Buffer.concat([nonce, text, cipher.final(), cipher.getAuthTag()]).toString("base64url");
}

function decrypt(key: KeyObject, box: string, context: string): Buffer {
  const bytes = Buffer.from(box, "base64url");
  // One spelling only: decoding skips foreign characters, and leftover bits of the last one are ignored.
  if (bytes.length < nonceBytes + tagBytes || bytes.toString("base64url") !== box)
    throw new UnsealError("this was not sealed here");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  } catch (error) {
    throw new UnsealError("this was changed, or belongs elsewhere", { cause: error });
  }
}

const reloadOrLog = (): void => {
  reload().catch((error) => log.error({ err: error }, "data keys could not be read"));
};
onNotification("data_keys", { heard: reloadOrLog, missed: reloadOrLog });
