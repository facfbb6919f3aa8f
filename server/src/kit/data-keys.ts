import { createHmac, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { decrypt, encrypt } from "./cipher.ts";
import { inTransaction, type Queryable, run, sql, type Transaction } from "./db.ts";
import { newId } from "./ids.ts";
import { notify } from "./notifications.ts";

/**
 * The keys that lie in the database, each sealed under the master key: those that seal, and the one that the keys of keyed digests are
 * derived from. That one never changes, so that what was printed or stored stays valid when the master key does.
 */
export interface DataKeyRow {
  id: string;
  purpose: "seal" | "digest";
  sealed_key: string;
  created_at: Date;
}

const selectDataKeys = sql<DataKeyRow>(
  "crypto.read_data_keys",
  "select id, purpose, sealed_key, created_at from data_keys order by created_at, id",
);
const insertDataKey = sql(
  "crypto.insert_data_key",
  "insert into data_keys (id, purpose, sealed_key) values ($1, $2, $3)",
);
const replaceDataKey = sql("crypto.replace_data_key", "update data_keys set sealed_key = $2 where id = $1");
const lockStatement = sql("crypto.lock_data_keys", "lock table data_keys in share row exclusive mode");

/** Oldest first. */
export const readDataKeys = (on: Queryable): Promise<DataKeyRow[]> => run(on, selectDataKeys);

/** Nobody else makes, reseals or removes a data key until the transaction ends. */
export const lockDataKeys = (tx: Transaction): Promise<unknown> => run(tx, lockStatement);

/** Has every process read the data keys again, once the transaction commits. */
export const dataKeysChanged = (tx: Transaction): Promise<void> => notify(tx, "data_keys", "changed");

/** What a process works with: made first if this is a new database, so that processes that start together agree. */
export async function ensureDataKeys(masterKey: Buffer): Promise<DataKeyRow[]> {
  return inTransaction(async (tx) => {
    const known = await readDataKeys(tx);
    if (isComplete(known)) return known;
    await lockDataKeys(tx);
    await complete(tx, masterKey);
    return readDataKeys(tx);
  });
}

/**
 * Seals every data key under another master key, in one transaction; what they sealed and all keyed digests stay as they are. Gives how
 * many there were: none when it was done before. Processes that run go on, and need the new master key at their next start.
 */
export async function rotateMasterKey(from: Buffer, to: Buffer): Promise<number> {
  const [before, after] = [masterKeyOf(from), masterKeyOf(to)];
  return inTransaction(async (tx) => {
    await lockDataKeys(tx);
    const rows = await readDataKeys(tx);
    if (isComplete(rows) && rows.every((row) => opens(row, after))) return 0;
    await complete(tx, from);
    const all = await readDataKeys(tx);
    for (const row of all)
      await run(tx, replaceDataKey, [row.id, sealDataKey(after, row.id, openDataKey(before, row))]);
    return all.length;
  });
}

export function masterKeyOf(bytes: Buffer): KeyObject {
  if (bytes.length !== 32) throw new Error("a master key has 32 bytes");
  return createSecretKey(bytes);
}

export async function makeDataKey(
  tx: Transaction,
  master: KeyObject,
  purpose: DataKeyRow["purpose"] = "seal",
  key: Buffer = randomBytes(32),
): Promise<string> {
  const id = newId("dk");
  await run(tx, insertDataKey, [id, purpose, sealDataKey(master, id, key)]);
  return id;
}

/** Throws when the master key is not the one that it was sealed under. */
export function openDataKey(master: KeyObject, { id, sealed_key }: DataKeyRow): Buffer {
  try {
    return decrypt(master, sealed_key.replace(/^v1\.master\./, ""), `data_keys ${id}`);
  } catch (error) {
    throw new Error(`the master key does not open data key ${id}: it belongs to another database`, { cause: error });
  }
}

const sealDataKey = (master: KeyObject, id: string, key: Buffer): string =>
  `v1.master.${encrypt(master, key, `data_keys ${id}`)}`;

function opens(row: DataKeyRow, master: KeyObject): boolean {
  try {
    return openDataKey(master, row).length > 0;
  } catch {
    return false;
  }
}

const isComplete = (rows: readonly DataKeyRow[]): boolean =>
  (["seal", "digest"] as const).every((purpose) => rows.some((row) => row.purpose === purpose));

/**
 * Makes what a database lacks: a first data key, and the root of keyed digests. A database that has data keys and no root has digests
 * already, whose root is the extract step of HKDF (RFC 5869) from the master key of that time.
 */
async function complete(tx: Transaction, masterKey: Buffer): Promise<void> {
  const rows = await readDataKeys(tx);
  const master = createSecretKey(masterKey);
  for (const row of rows) openDataKey(master, row);
  const isNew = rows.length === 0;
  if (isNew) await makeDataKey(tx, master);
  if (rows.some(({ purpose }) => purpose === "digest")) return;
  const root = isNew ? randomBytes(32) : createHmac("sha256", Buffer.alloc(32)).update(masterKey).digest();
  await makeDataKey(tx, master, "digest", root);
}
