import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Till } from "@feiqian/bench/journal.ts";
import { type Phone, Phones } from "@feiqian/bench/phones.ts";
import { freePort } from "@feiqian/quickstart/ports.ts";
import { startPostgres } from "@feiqian/quickstart/postgres.ts";
import { configure, readMasterKey } from "@feiqian/server/kit/config.ts";
import { openKeyring } from "@feiqian/server/kit/crypto.ts";
import { closeDatabase, inTransaction, openDatabase } from "@feiqian/server/kit/db.ts";
import { newId } from "@feiqian/server/kit/ids.ts";
import { migrate } from "@feiqian/server/kit/migrate.ts";
import { enrolCodeKeys } from "@feiqian/server/modules/codes";
import { post } from "@feiqian/server/modules/ledger";
import { platformAccount } from "@feiqian/server/modules/merchants";
import { openWallet, walletAccount } from "@feiqian/server/modules/wallets";
import { aShop } from "@feiqian/server/test/factories.ts";
import { type Client, callApi, signedIn, testSettings } from "@feiqian/server/test/platform.ts";
import { ServerProcess } from "./server-process.ts";

/** A platform that a bad day is about to happen to: a durable PostgreSQL of its own, merchants, and customers with money. */
export interface World extends Client {
  readonly url: string;
  readonly databaseUrl: string;
  readonly tills: readonly Till[];
  readonly phones: Phones;
  readonly payers: readonly string[];
  /** Each payer's money in the beginning, in minor units. */
  readonly money: number;
  /** Starts a server; all of them listen on the world's port. `log` names its log. */
  startServer(env?: Record<string, string>, log?: string): Promise<ServerProcess>;
  /** The file of a log. */
  logOf(log: string): string;
  /** A folder that is removed with the world. */
  readonly folder: string;
  /** Ends PostgreSQL as a power cut does, and starts it again on the same data. */
  crashPostgres(): Promise<void>;
  close(): Promise<void>;
}

const currency = "CNY";
const money = 10_000_000;

/** Makes the world by the platform's own means. The calling process keeps the database open, to look at the books. */
export async function openWorld({ tills = 4, payers = 2_000, env: own = {} } = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "feiqian-torture-"));
  // PostgreSQL may run as another user, who has to get through to its own folder.
  chmodSync(folder, 0o711);
  const cluster = join(folder, "postgres");
  let postgres = await startPostgres({ folder: cluster });
  const port = await freePort();
  const limits = { DAILY_CODE_LIMIT: String(money * 2), SMALL_PAYMENT_LIMIT: "100000" };
  const env = { ...testSettings(folder, postgres.applicationUrl), ...limits, ...own, PORT: String(port) };
  await migrate(postgres.url, postgres.applicationUrl);
  const config = configure(env);
  openDatabase({ url: postgres.url });
  await openKeyring(readMasterKey(config.masterKeyFile));
  const url = `http://127.0.0.1:${port}`;
  const call: Client["call"] = (method, path, options) => callApi(url, method, path, options);
  const client: Client = { call, operator: signedIn(call, "operator"), approver: signedIn(call, "approver") };
  const logOf = (log: string) => join(folder, `${log}.log`);
  const startServer: World["startServer"] = (more = {}, log = "server") =>
    ServerProcess.start({ ...env, ...more }, logOf(log));
  const server = await startServer();
  const shops = await Promise.all(Array.from({ length: tills }, () => aShop(client)));
  const people = payers > 0 ? await enrolPayers(payers) : { users: [], phones: [] };
  await server.terminate();
  return {
    ...client,
    startServer,
    logOf,
    folder,
    url,
    databaseUrl: postgres.applicationUrl,
    tills: shops.map(({ id, key }) => ({ merchantId: id, apiKey: key })),
    phones: new Phones(config.issuerPrefix, people.phones),
    payers: people.users,
    money,
    async crashPostgres() {
      process.kill(postgres.pid, "SIGKILL");
      while (postgres.isRunning()) await sleep(5);
      postgres = await startPostgres({ folder: cluster, port: postgres.port });
    },
    async close() {
      await closeDatabase();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Users with a wallet, money in it, and a phone that shows codes offline. */
async function enrolPayers(count: number): Promise<{ users: string[]; phones: Phone[] }> {
  const users = Array.from({ length: count }, () => newId("usr"));
  const phones = await inTransaction(async (tx) => {
    for (const id of users) await openWallet(tx, { id, livemode: false });
    const topUps = users.map((id) => ({
      id: newId("txn"),
      debitAccountId: platformAccount("bank_clearing", currency, false),
      creditAccountId: walletAccount(id, currency),
      amount: money,
      currency,
      code: "top_up",
    }));
    await post(tx, topUps, { careful: false });
    return enrolCodeKeys(
      tx,
      users.map((userId) => ({ userId, deviceId: newId("dev"), livemode: false })),
    );
  });
  return { users, phones };
}
