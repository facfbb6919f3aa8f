import { now } from "./clock.ts";
import { reloadDataKeys, rotateDataKey, seal, sealingKeyId, settlingMs, unseal } from "./crypto.ts";
import { dataKeysChanged, lockDataKeys, readDataKeys } from "./data-keys.ts";
import { database, first, inTransaction, run, type Transaction, textArray } from "./db.ts";
import { faultPoint } from "./fault-points.ts";
import { log } from "./log.ts";
import { type Loop, repeat } from "./loop.ts";
import {
  claimResealing,
  deleteDataKey,
  moveResealing,
  pauseResealings,
  planResealing,
  type ResealStatements,
  readResealings,
  resealStatements,
} from "./reseal-sql.ts";
import { type SealedTable, sealedTables } from "./sealed-columns.ts";
import { type SubjectKey, sealFor, subjectKeys } from "./subject-keys.ts";

/** Statements keep their rows locked for no longer than so many rows take. */
const batchSize = 200;
/** Twice the time that processes have to hear of a data key: nobody seals under an older one any more. */
const settledMs = 2 * settlingMs;

/**
 * Adds a data key and has every sealed value of the database sealed under it, by the workers and while the platform runs. Gives the
 * key's id. It goes on where it was after any stop; {@link retireDataKey} tells when nothing is left under an older key.
 */
export async function rotateKeys(): Promise<string> {
  const id = await rotateDataKey();
  await run(database(), planResealing, [id, textArray([...sealedTables().keys()])]);
  return id;
}

/** Stops the sealing anew where it is, or lets it go on. */
export const pauseResealing = (paused: boolean): Promise<unknown> => run(database(), pauseResealings, [paused]);

/** How far it has come, a row a table. */
export const resealingProgress = () => run(database(), readResealings);

/** Seals anew what a rotation left, batch by batch. Several workers may do so at once, each on a table of its own. */
export const resealLoop = (): Loop => repeat("keys.reseal", 5_000, resealBatch);

/** One batch of one table in a transaction of its own. True when there may be more. */
export async function resealBatch(): Promise<boolean> {
  return inTransaction(async (tx) => {
    const claimed = await first(tx, claimResealing, [settledMs]);
    // This process may not have heard of the key yet.
    if (!claimed || sealingKeyId() !== claimed.dataKeyId) return false;
    const { dataKeyId, tableName, position } = claimed;
    const table = sealedTables().get(tableName);
    if (!table) throw new Error(`no module of this version declares the sealed columns ${tableName}`);
    const statements = statementsOf(tableName, table);
    const rows = await (position
      ? run(tx, statements.next, [batchSize, ...position])
      : run(tx, statements.first, [batchSize]));
    const { resealed, unreadable } = await resealRows(tx, table, statements, rows, dataKeyId);
    await faultPoint("keys.resealed_batch");
    const last = rows.at(-1);
    const reached = last ? Object.keys(table.key).map((column) => last[column] ?? "") : position;
    const finished = rows.length < batchSize;
    await run(tx, moveResealing, [dataKeyId, tableName, reached && textArray(reached), resealed, unreadable, finished]);
    return true;
  });
}

type Row = Record<string, string | null>;

/** What is sealed under the wanted key already, and what is no sealed value (a column may hold both), stays as it is. */
async function resealRows(
  tx: Transaction,
  table: SealedTable,
  statements: ResealStatements,
  rows: readonly Row[],
  dataKeyId: string,
): Promise<{ resealed: number; unreadable: number }> {
  const subjects = await subjectsOf(tx, table, rows);
  let [resealed, unreadable] = [0, 0];
  for (const [column, contextOf] of Object.entries(table.columns)) {
    const changes: { row: Row; stale: string; fresh: string }[] = [];
    for (const row of rows) {
      const stale = row[column];
      if (!stale?.startsWith("v1.") || (!table.subject && stale.startsWith(`v1.${dataKeyId}.`))) continue;
      const context = contextOf(row as Record<string, string>);
      try {
        const plain = unseal(stale, context);
        const subject = table.subject === undefined ? undefined : subjects.get(row[table.subject] ?? "");
        if (table.subject !== undefined && !subject) continue;
        changes.push({
          row,
          stale,
          fresh: subject ? sealFor(subject, plain.toString("utf8"), context) : seal(plain, context),
        });
      } catch (error) {
        unreadable++;
        log.error({ table: table.table, column, err: error }, "a sealed value does not open and stays as it is");
      }
    }
    if (changes.length === 0) continue;
    resealed += changes.length;
    // Compare-and-set: who changed a value meanwhile wins, and has sealed it under the new key.
    await run(tx, statements.replace.get(column) as NonNullable<ReturnType<typeof statements.replace.get>>, [
      textArray(changes.map(({ fresh }) => fresh)),
      textArray(changes.map(({ stale }) => stale)),
      ...Object.keys(table.key).map((name) => textArray(changes.map(({ row }) => row[name] ?? null))),
    ]);
  }
  return { resealed, unreadable };
}

async function subjectsOf(tx: Transaction, { subject, columns }: SealedTable, rows: readonly Row[]) {
  if (subject === undefined) return new Map<string, SubjectKey>();
  const old = rows.filter((row) => Object.keys(columns).some((column) => row[column]?.startsWith("v1.")));
  return old.length === 0
    ? new Map<string, SubjectKey>()
    : subjectKeys(
        tx,
        old.map((row) => row[subject] ?? ""),
      );
}

/** A data key can't go yet; the message says why. */
export class DataKeyInUse extends Error {
  override name = "DataKeyInUse";
}

/**
 * Removes a data key for good. Throws {@link DataKeyInUse} while anything is sealed under it, and for the newest one, of which a process
 * may not have heard yet that it is not.
 */
export async function retireDataKey(id: string): Promise<void> {
  await inTransaction(async (tx) => {
    await lockDataKeys(tx);
    const keys = (await readDataKeys(tx)).filter(({ purpose }) => purpose === "seal");
    const newest = keys.at(-1);
    if (!keys.some((key) => key.id === id)) throw new DataKeyInUse(`there is no data key ${id}`);
    if (newest?.id === id) throw new DataKeyInUse(`${id} is the newest data key; rotate first`);
    if (!newest || newest.created_at.getTime() > now() - settledMs)
      throw new DataKeyInUse(
        `${newest?.id} is so new that processes may still seal under an older key; wait two minutes`,
      );
    for (const [name, table] of sealedTables())
      for (const [column, uses] of statementsOf(name, table).uses)
        if ((await first(tx, uses, [`v1.${id}.`]))?.used)
          throw new DataKeyInUse(`${table.table}.${column} holds values that are sealed under ${id}`);
    await run(tx, deleteDataKey, [id]);
    await dataKeysChanged(tx);
  });
  await reloadDataKeys();
}

const made = new Map<string, ResealStatements>();

function statementsOf(name: string, table: SealedTable): ResealStatements {
  let statements = made.get(name);
  if (!statements) made.set(name, (statements = resealStatements(name, table)));
  return statements;
}
