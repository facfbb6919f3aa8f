import { availableParallelism, cpus, release, type as systemType, totalmem } from "node:os";
import pg from "pg";
import type { Results } from "./report.ts";

/** What the figures were measured on. */
export async function describeMachine(databaseUrl: string): Promise<Results["machine"]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>("show server_version");
  await client.end();
  return {
    cpus: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${systemType()} ${release()}`,
    node: process.version,
    postgres: rows[0]?.server_version ?? "unknown",
  };
}
