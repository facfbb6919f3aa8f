import pg from "pg";
import { log } from "./log.ts";
import { gauge } from "./metrics.ts";
import { isTracing, traced } from "./tracing.ts";

/**
 * The one way to PostgreSQL: a pool, transactions that retry what PostgreSQL asks to retry, and named statements.
 * Every statement is a constant with a name (prepared once a connection); values travel as parameters only.
 */
export interface Statement<Row> {
  readonly name: string;
  readonly text: string;
  /** Never set: carries the row's type. */
  readonly row?: Row;
}

/** Declares a statement. `name` is unique in the code base: `"payments.insert"`. Statements live in a module's `sql.ts`. */
export const sql = <Row = Record<string, never>>(name: string, text: string): Statement<Row> => ({ name, text });

/** What a statement runs on: an open transaction or, for a single read, the pool. */
export interface Queryable {
  query(config: { name: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
}
export interface Transaction extends Queryable {
  readonly transaction: true;
}

/** Runs one statement and gives its rows. */
export async function run<Row>(on: Queryable, statement: Statement<Row>, values: unknown[] = []): Promise<Row[]> {
  const { name, text } = statement;
  if (!isTracing()) return (await on.query({ name, text, values })).rows as Row[];
  const attributes = { "db.system.name": "postgresql", "db.query.summary": name };
  return (await traced(name, attributes, () => on.query({ name, text, values }))).rows as Row[];
}

/** Runs one statement and gives its first row, or nothing. */
export async function first<Row>(
  on: Queryable,
  statement: Statement<Row>,
  values: unknown[] = [],
): Promise<Row | undefined> {
  return (await run(on, statement, values))[0];
}

pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} is beyond 2^53 - 1`);
  return value;
});
pg.types.setTypeParser(pg.types.builtins.NUMERIC, (text) => BigInt(text));

let pool: pg.Pool | undefined;

gauge("feiqian_database_connections", "Connections of the pool, and who waits for one.", ["state"], () =>
  pool
    ? [
        [["busy"], pool.totalCount - pool.idleCount],
        [["idle"], pool.idleCount],
        [["waiting"], pool.waitingCount],
      ]
    : [],
);

export interface DatabaseOptions {
  url: string;
  /** Most connections of this process. */
  connections?: number;
  statementTimeoutMs?: number;
  lockTimeoutMs?: number;
}

/** A pool whose connections may be lost: without listeners that would end the process. */
export function openPool(config: pg.PoolConfig & { pipeline?: boolean }): pg.Pool {
  const opened = new pg.Pool(config);
  opened.on("error", (error) => log.warn({ error: error.message }, "an idle database connection was lost"));
  // One in use between two statements: whoever uses it hears of it at the next one.
  opened.on("connect", (client) => client.on("error", () => {}));
  return opened;
}

export function openDatabase(options: DatabaseOptions): void {
  if (pool) throw new Error("the database is open already");
  pool = openPool({
    connectionString: options.url,
    max: options.connections ?? 10,
    // Statements that are sent one after the other without waiting travel together.
    pipeline: true,
    application_name: "feiqian",
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    options: [
      `-c statement_timeout=${options.statementTimeoutMs ?? 30_000}`,
      `-c lock_timeout=${options.lockTimeoutMs ?? 5_000}`,
      "-c idle_in_transaction_session_timeout=30000",
      "-c timezone=UTC",
    ].join(" "),
  });
}

export async function closeDatabase(): Promise<void> {
  const closing = pool;
  pool = undefined;
  await closing?.end();
}

/** The pool, for single reads and for what must see each connection (jobs, listeners). */
export function database(): pg.Pool {
  if (!pool) throw new Error("the database is not open");
  return pool;
}

const retryable = new Set(["40001", "40P01"]);
const attempts = 5;

/** PostgreSQL's five-letter code of an error, or nothing when it was not PostgreSQL that spoke. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

export const isUniqueViolation = (error: unknown): boolean => sqlState(error) === "23505";

/**
 * The commit was sent and the connection was lost before its answer: the work may or may not be on disk.
 * Whoever catches this looks the outcome up by a unique key; it must not be guessed.
 */
export class CommitUnknown extends Error {
  override name = "CommitUnknown";
}

/**
 * The database could not do it now, whatever was asked: connections lost, refused or used up, a server that stops or starts, a lock or
 * statement that took too long, an unknown outcome of a commit, conflicts between transactions. The same work may succeed later.
 */
export function isOutage(error: unknown): boolean {
  if (error instanceof CommitUnknown) return true;
  const state = sqlState(error);
  if (state) return /^(08|40|53|57|58|55P03)/.test(state);
  const { code, syscall, message } = error as { code?: string; syscall?: string; message?: string };
  return (
    syscall === "connect" ||
    syscall === "getaddrinfo" ||
    ["ECONNRESET", "EPIPE", "ETIMEDOUT"].includes(code ?? "") ||
    /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
      message ?? "",
    )
  );
}

export interface TransactionOptions {
  isolation?: "read committed" | "repeatable read" | "serializable";
}

/**
 * Runs `work` in one transaction; serialization failures and deadlocks are tried again, up to five times in all.
 * `work` must have no effect outside the transaction. Throws {@link CommitUnknown} when the outcome of the commit is not known.
 */
export async function inTransaction<T>(
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(work, options);
    } catch (error) {
      if (attempt === attempts || !retryable.has(sqlState(error) ?? "")) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * attempt));
    }
  }
}

const sentWithCommit = new WeakMap<object, { name: string; text: string; values: unknown[] }[]>();

/**
 * The transaction for writes whose rows nobody needs before its end: they go out together with the commit, in one round trip, and
 * what is wrong with them is thrown by {@link inTransaction} instead of here.
 */
export function withCommit(tx: Transaction): Transaction {
  return {
    transaction: true,
    query(config) {
      const waiting = sentWithCommit.get(tx);
      if (waiting) waiting.push(config);
      else sentWithCommit.set(tx, [config]);
      return Promise.resolve({ rows: [] });
    },
  };
}

/** Sends what waits for the commit, and the commit. Throws what failed first; gives PostgreSQL's word for what it did. */
async function commit(client: pg.PoolClient): Promise<string> {
  const last = sentWithCommit.get(client) ?? [];
  const sent = [...last.map((config) => client.query(config)), client.query("commit")];
  const answers = await Promise.allSettled(sent);
  const failed = answers.find((answer) => answer.status === "rejected");
  if (failed) throw failed.reason;
  const [done] = answers.slice(-1) as [PromiseFulfilledResult<pg.QueryResult>];
  return done.value.command;
}

const actsAfterCommit = new WeakMap<object, (() => void)[]>();

/** Has something done in this process right after the commit, before anybody hears of it; nothing is done when the transaction fails. */
export function afterCommit(tx: Transaction, act: () => void): void {
  const acts = actsAfterCommit.get(tx);
  if (acts) acts.push(act);
  else actsAfterCommit.set(tx, [act]);
}

/**
 * A part of a transaction that can fail alone: its writes are undone and the rest goes on. What it left for the commit is sent at its end,
 * so that its fate is known here. Conflicts that PostgreSQL asks to retry must be thrown on, to {@link inTransaction}.
 */
export async function nested<T>(tx: Transaction, work: (part: Transaction) => Promise<T>): Promise<T> {
  const part: Transaction = { transaction: true, query: (config) => tx.query(config) };
  await run(tx, savepoint);
  try {
    const result = await work(part);
    for (const config of sentWithCommit.get(part) ?? []) await tx.query(config);
    await run(tx, releaseSavepoint);
    for (const act of actsAfterCommit.get(part) ?? []) afterCommit(tx, act);
    return result;
  } catch (error) {
    // A lost connection can't be rolled back either: what went wrong first is what is told.
    await Promise.all([run(tx, rollbackToSavepoint), run(tx, releaseSavepoint)]).catch(() => {});
    throw error;
  }
}

const savepoint = sql("db.savepoint", "savepoint part");
const releaseSavepoint = sql("db.release_savepoint", "release savepoint part");
const rollbackToSavepoint = sql("db.rollback_to_savepoint", "rollback to savepoint part");

class Undo extends Error {}

/** Does `work` to see whether it can be done, and undoes it. Throws what it throws. */
export async function rehearse(tx: Transaction, work: (part: Transaction) => Promise<unknown>): Promise<void> {
  const undo = new Undo("the rehearsal is over");
  try {
    await nested(tx, async (part) => {
      await work(part);
      throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
  }
}

async function once<T>(work: (tx: Transaction) => Promise<T>, { isolation }: TransactionOptions): Promise<T> {
  const client = await database().connect();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on("error", onError);
  let committing = false;
  try {
    // Sent with the first statement, which fails too when this does.
    const begun = client.query(isolation ? `begin isolation level ${isolation}` : "begin");
    begun.catch(() => {});
    const result = await work(client as unknown as Transaction);
    committing = true;
    const command = await commit(client);
    committing = false;
    // PostgreSQL answers so when a statement had failed and `work` went on as if it had not.
    if (command !== "COMMIT") throw new Error("the transaction had failed already and was rolled back");
    for (const act of actsAfterCommit.get(client) ?? []) act();
    return result;
  } catch (error) {
    if (committing && endsConnection(error)) {
      broken ??= error as Error;
      throw new CommitUnknown("the connection was lost while committing", { cause: error });
    }
    if (!broken) await client.query("rollback").catch((lost: Error) => (broken = lost));
    throw error;
  } finally {
    actsAfterCommit.delete(client);
    sentWithCommit.delete(client);
    client.off("error", onError);
    client.release(broken);
  }
}

/** PostgreSQL ends a session with FATAL, also between writing a commit down and saying so. */
const endsConnection = (error: unknown): boolean =>
  !(error instanceof pg.DatabaseError) || error.severity === "FATAL" || error.severity === "PANIC";

/**
 * An array parameter as PostgreSQL's array literal, several times faster than the driver's own for thousands of rows.
 * For texts of our own making (ids, codes, states) that hold no quote, comma, brace, backslash or blank and are not `NULL`.
 */
export const plainArray = (values: readonly (string | number | boolean | null)[]): string =>
  `{${values.map((v) => v ?? "NULL").join(",")}}`;

/** As {@link plainArray} for any text. */
export function textArray(values: readonly (string | null)[]): string {
  let literal = "{";
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (i > 0) literal += ",";
    literal += value === null || value === undefined ? "NULL" : `"${value.replace(/["\\]/g, "\\$&")}"`;
  }
  return `${literal}}`;
}

type Field = string | number | boolean | Date | null;

/**
 * Many rows as one array parameter of a composite type, a field for each of its columns in their order. `unnest` of one array of rows
 * costs PostgreSQL a quarter of what an array for each column does, which it takes apart one after the other.
 */
export function rowArray<Item>(items: readonly Item[], fieldsOf: (item: Item) => readonly Field[]): string {
  let literal = "{";
  for (const item of items) {
    literal += literal === "{" ? '"(' : ',"(';
    const fields = fieldsOf(item);
    for (let i = 0; i < fields.length; i++) literal += i === 0 ? field(fields[i]) : `,${field(fields[i])}`;
    literal += ')"';
  }
  return `${literal}}`;
}

const plain = /^[^\s"\\,()]+$/;

function field(value: Field | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return plain.test(value) ? value : quoted(value);
  return value instanceof Date ? value.toISOString() : String(value);
}

/** Quoted as a field of a row, and that again as an element of an array. */
const quoted = (text: string): string =>
  `\\"${text.replace(/["\\]/g, (sign) => (sign === '"' ? '\\\\\\"' : "\\\\\\\\"))}\\"`;
