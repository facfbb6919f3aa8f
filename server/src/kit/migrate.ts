import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import pg from "pg";
import { bindApplicationRole } from "./application-role.ts";
import { migrateJobs } from "./jobs.ts";

const folder = new URL("../../migrations/", import.meta.url);

/** Names of the migrations that this version has, in order. */
export const migrationFiles = async (): Promise<string[]> =>
  (await readdir(folder)).filter((file) => /^\d{4}_\w+\.sql$/.test(file)).sort();

/** An old migration's text differs from what was applied: the start stops, because nobody can tell what the database looks like. */
export class MigrationChanged extends Error {
  override name = "MigrationChanged";
}

/**
 * Brings the database up to the newest numbered file of `server/migrations`, each in a transaction of its own, under an
 * advisory lock so that processes that start together wait for the first; then the job queue's own schema. The role of `applicationUrl`
 * gets its rights on what there is then. Gives the names of the files it applied.
 */
export async function migrate(url: string, applicationUrl: string = url): Promise<string[]> {
  const files = await migrationFiles();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(7261)");
    // A role that may make nothing is good enough where there is nothing to make.
    const { rows: found } = await client.query("select to_regclass('schema_migrations') is not null as is_there");
    if (!found[0].is_there)
      await client.query(
        "create table schema_migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())",
      );
    const { rows } = await client.query<{ name: string; checksum: string }>(
      "select name, checksum from schema_migrations",
    );
    const applied = new Map(rows.map((row) => [row.name, row.checksum]));
    const unknown = rows.find((row) => !files.includes(row.name));
    if (unknown)
      throw new MigrationChanged(
        `the database has migration ${unknown.name}, which this version does not know: it belongs to a newer version`,
      );
    const done: string[] = [];
    for (const file of files) {
      const text = await readFile(new URL(file, folder), "utf8");
      const checksum = createHash("sha256").update(text).digest("hex");
      const before = applied.get(file);
      if (before === checksum) continue;
      if (before)
        throw new MigrationChanged(`migration ${file} was changed after it had been applied; write a new one instead`);
      await apply(client, file, text, checksum);
      done.push(file);
    }
    await migrateJobs(url);
    await bindApplicationRole(client, applicationUrl);
    return done;
  } finally {
    await client.end();
  }
}

async function apply(client: pg.Client, file: string, text: string, checksum: string): Promise<void> {
  await client.query("begin");
  try {
    await client.query(text);
    await client.query("insert into schema_migrations (name, checksum) values ($1, $2)", [file, checksum]);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw new Error(`migration ${file} failed: ${(error as Error).message}`, { cause: error });
  }
}
