import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { after, before } from "node:test";
import pg from "pg";
import { closeDatabase, openDatabase } from "#kit/db.ts";
import { migrate } from "#kit/migrate.ts";

const adminUrl = process.env.TEST_DATABASE_URL;

/**
 * Gives the calling test file a database of its own, cloned from a migrated template, opened as the process's database.
 * What else must be there before the first test is `prepare`'s: hooks of a file do not wait for each other.
 */
export function useDatabase(options: { connections?: number; prepare?: () => Promise<void> } = {}): {
  url: () => string;
} {
  let url = "";
  let drop = async () => {};
  before(async () => {
    const made = await cloneDatabase();
    url = made.url;
    drop = made.drop;
    openDatabase({ url, connections: options.connections ?? 10 });
    await options.prepare?.();
  });
  after(async () => {
    await closeDatabase();
    await drop();
  });
  return { url: () => url };
}

/** A fresh migrated database: its address, and how to remove it. */
export async function cloneDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  if (!adminUrl) throw new Error("TEST_DATABASE_URL is not set; `npm test` sets it");
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  const template = await makeTemplate(admin, adminUrl);
  const name = `t_${randomUUID().replaceAll("-", "")}`;
  await admin.query(`create database ${name} template ${template} strategy file_copy`);
  await admin.end();
  const drop = async () => {
    const client = new pg.Client({ connectionString: adminUrl });
    await client.connect();
    await client.query(`drop database if exists ${name} with (force)`);
    await client.end();
  };
  return { url: withDatabase(adminUrl, name), drop };
}

/** The template is made once for a set of migrations, whoever comes first; its name is their digest. */
async function makeTemplate(admin: pg.Client, url: string): Promise<string> {
  const folder = new URL("../migrations/", import.meta.url);
  const digest = createHash("sha256");
  for (const file of readdirSync(folder).sort()) digest.update(file).update(readFileSync(new URL(file, folder)));
  const template = `template_${digest.digest("hex").slice(0, 16)}`;
  await admin.query("select pg_advisory_lock(7262)");
  try {
    const { rowCount } = await admin.query("select from pg_database where datname = $1 and datistemplate", [template]);
    if (rowCount === 0) {
      await admin.query(`drop database if exists ${template}`);
      await admin.query(`create database ${template}`);
      await migrate(withDatabase(url, template));
      await admin.query(`alter database ${template} with is_template true`);
    }
  } finally {
    await admin.query("select pg_advisory_unlock(7262)");
  }
  return template;
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
