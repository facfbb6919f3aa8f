import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { now } from "@feiqian/server/kit/clock.ts";
import { configure } from "@feiqian/server/kit/config.ts";
import { openKeyring } from "@feiqian/server/kit/crypto.ts";
import { closeDatabase, openDatabase } from "@feiqian/server/kit/db.ts";
import { masterKey } from "@feiqian/server/kit/master-key.ts";
import { loadClock } from "@feiqian/server/kit/test-clock.ts";
import { purgeAuditLog, type Verification, verifyAuditLog } from "@feiqian/server/modules/identity";
import { auditTextsFor } from "./audit-texts.ts";
import { type Home, openHome, placeForPostgres, writePrivately } from "./home.ts";
import { startPostgres } from "./postgres.ts";

/**
 * `npm run audit:verify` compares the audit log with its chain, `npm run audit:purge` removes what was kept for its time. On the database of
 * `DATABASE_URL`, with `MASTER_KEY_FILE`, or on the one that `npm start` made, whether it runs or not.
 * Ends with 0 when the log is whole, 1 when it was tampered with, 2 when it could not be checked.
 */
const texts = auditTextsFor(process.env);
const mostShown = 50;
const sealedWithinMs = 600_000;

interface Place {
  readonly env: NodeJS.ProcessEnv;
  /** Where the head of the last time is kept. */
  readonly headFile: string | undefined;
  close(): Promise<void>;
}

process.exitCode = await main().catch((error: Error) => {
  console.error(`${texts.notChecked}\n${error.message || String(error.cause)}`);
  return 2;
});

async function main(): Promise<number> {
  const [command, known] = words();
  const place = await openPlace();
  try {
    const isPurge = command === "purge";
    const config = configure({ LOG_LEVEL: "warn", ...place.env });
    if (isPurge && !config.migrationDatabaseUrl) throw new Error(texts.noOwner);
    openDatabase({
      url: isPurge ? config.migrationDatabaseUrl : config.databaseUrl,
      connections: 2,
      statementTimeoutMs: 600_000,
    });
    await openKeyring(await masterKey(config));
    await loadClock();
    const verification = await verifyAuditLog(known ?? headIn(place));
    report(verification, known ?? headIn(place));
    if (verification.tampering.length > 0) return 1;
    if (isPurge) console.log(texts.removed(await purgeAuditLog()));
    if (place.headFile && verification.head) writePrivately(place.headFile, `${verification.head}\n`);
    return 0;
  } finally {
    await closeDatabase();
    await place.close();
  }
}

function words(): [command: string, head: string | undefined] {
  const { values, positionals } = parseArgs({ options: { head: { type: "string" } }, allowPositionals: true });
  const [command = "", ...more] = positionals;
  const isHead = values.head === undefined || /^\d+:[0-9a-f]{64}$/.test(values.head);
  if (!["verify", "purge"].includes(command) || more.length > 0 || !isHead) throw new Error(texts.badWords);
  return [command, values.head];
}

async function openPlace(): Promise<Place> {
  if (process.env.DATABASE_URL?.trim()) return { env: process.env, headFile: undefined, close: async () => {} };
  const folder = resolve(process.env.FEIQIAN_HOME || join(import.meta.dirname, "../../.feiqian"));
  if (!existsSync(join(folder, "postgres", "data"))) throw new Error(texts.noHome(folder));
  const home: Home = openHome(folder);
  const postgres = await startPostgres({ folder: await placeForPostgres(home) });
  return {
    env: {
      ...process.env,
      DATABASE_URL: postgres.applicationUrl,
      MIGRATION_DATABASE_URL: postgres.url,
      MASTER_KEY_FILE: home.masterKey,
      MODE: "test",
      TEST_CLOCK: "1",
    },
    headFile: join(folder, "audit-head"),
    close: async () => void (postgres.attached || (await postgres.stop())),
  };
}

function headIn({ headFile }: Place): string | undefined {
  return headFile && existsSync(headFile) ? readFileSync(headFile, "utf8").trim() : undefined;
}

function report({ tampering, rows, batches, purged, unsealed, head }: Verification, known: string | undefined): void {
  if (tampering.length === 0) console.log(texts.whole(rows, batches));
  else {
    console.error(texts.tampered(tampering.length));
    for (const item of tampering.slice(0, mostShown)) console.error(`  ${texts.found(item)}`);
    if (tampering.length > mostShown) console.error(`  ${texts.more(tampering.length - mostShown)}`);
  }
  if (unsealed.since) {
    console.log(texts.unsealed(unsealed.rows, unsealed.since.toISOString()));
    if (unsealed.since.getTime() < now() - sealedWithinMs) console.log(texts.notSealing);
  }
  if (purged > 0) console.log(texts.purged(purged));
  if (known) console.log(texts.since(known));
  if (head) console.log(`${texts.head(head)}${known ? "" : `\n${texts.keepHead}`}`);
}
