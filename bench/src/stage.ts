import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "@feiqian/server/kit/migrate.ts";
import pg from "pg";

const logFiles = 128;

/** What {@link makeLogFiles} needs of the server, so that it keeps what was made. */
export const logSettings = { min_wal_size: `${logFiles * 16}MB` };

/**
 * A server that has run for a while writes its log into files that it used before. A new one makes each of them first, 16 MB of zeros, and
 * every commit waits meanwhile: so all are made beforehand.
 */
export async function makeLogFiles(serverUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  for (let n = 0; n < logFiles; n++) {
    await client.query("select pg_logical_emit_message(true, 'bench', 'a file is begun')");
    await client.query("select pg_switch_wal()");
  }
  await client.query("checkpoint");
  await client.end();
}

/** Makes an empty database on the server and gives its address. */
export async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** As {@link createDatabase}, with the platform's tables: its address for their owner, and for servers. */
export async function createMigratedDatabase(
  server: { url: string; applicationUrl: string },
  name: string,
): Promise<{ url: string; applicationUrl: string }> {
  const url = await createDatabase(server.url, name);
  const application = new URL(server.applicationUrl);
  application.pathname = `/${name}`;
  await migrate(url, application.href);
  return { url, applicationUrl: application.href };
}

/** A folder for logs and a master key, until it is removed. */
export async function makeFolder(): Promise<{ folder: string; masterKeyFile: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "feiqian-bench-"));
  const masterKeyFile = join(folder, "master-key");
  await writeFile(masterKeyFile, randomBytes(32).toString("base64"), { mode: 0o600 });
  return { folder, masterKeyFile, remove: () => rm(folder, { recursive: true, force: true }) };
}
