import { createHash, createHmac, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { after, before } from "node:test";
import pg from "pg";
import { insertOnly, readOnly } from "#kit/application-role.ts";
import { clockOffset, setClockOffset } from "#kit/clock.ts";
import { closeDatabase, database, openDatabase } from "#kit/db.ts";
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

/** Moves the platform's clock forward, in this process and in SQL. */
export async function moveClock(seconds: number): Promise<void> {
  setClockOffset(clockOffset() + Math.round(seconds * 1_000));
  await database().query("update test_clock set offset_ms = $1", [clockOffset()]);
}

export interface ClonedDatabase {
  /** As its owner, a superuser. */
  readonly url: string;
  /** As the role that servers run as. */
  readonly applicationUrl: string;
  readonly drop: () => Promise<void>;
}

/** A fresh migrated database: its addresses, and how to remove it. */
export async function cloneDatabase(): Promise<ClonedDatabase> {
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
  const url = withDatabase(adminUrl, name);
  return { url, applicationUrl: asApplication(url), drop };
}

/** One role for all databases of the test server: roles belong to the server. Who may ask as its superuser knows the password. */
function asApplication(url: string): string {
  const changed = new URL(url);
  changed.password = createHmac("sha256", changed.password).update("application").digest("base64url");
  changed.username = "feiqian_test_application";
  return changed.href;
}

/** The template is made once for a set of migrations, whoever comes first; its name is their digest. */
async function makeTemplate(admin: pg.Client, url: string): Promise<string> {
  const folder = new URL("../migrations/", import.meta.url);
  const digest = createHash("sha256").update(JSON.stringify([insertOnly, readOnly]));
  for (const file of readdirSync(folder).sort()) digest.update(file).update(readFileSync(new URL(file, folder)));
  const template = `template_${digest.digest("hex").slice(0, 16)}`;
  await admin.query("select pg_advisory_lock(7262)");
  try {
    const { rowCount } = await admin.query("select from pg_database where datname = $1 and datistemplate", [template]);
    if (rowCount === 0) {
      await admin.query(`drop database if exists ${template}`);
      await admin.query(`create database ${template}`);
      const templateUrl = withDatabase(url, template);
      await migrate(templateUrl, asApplication(templateUrl));
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
