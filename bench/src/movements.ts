import { randomInt, randomUUID } from "node:crypto";
import type { Postgres } from "@feiqian/quickstart/postgres.ts";
import { bySystem } from "@feiqian/server/kit/audit.ts";
import { configure, readMasterKey } from "@feiqian/server/kit/config.ts";
import { openKeyring } from "@feiqian/server/kit/crypto.ts";
import { closeDatabase, inTransaction, openDatabase } from "@feiqian/server/kit/db.ts";
import { newId } from "@feiqian/server/kit/ids.ts";
import { post } from "@feiqian/server/modules/ledger";
import { createApiKey, createMerchant, platformAccount } from "@feiqian/server/modules/merchants";
import { walletAccount } from "@feiqian/server/modules/wallets";
import { auditBooks } from "./audit.ts";
import { encodeRequest, type LoadRequest } from "./connection.ts";
import { runLoad } from "./load.ts";
import { startServers } from "./servers.ts";
import { createMigratedDatabase, makeFolder } from "./stage.ts";

/**
 * (g) What is no scan, over HTTP on one server process: wallet to wallet with the PIN, which is one argon2id each, and refunds in part, of many
 * merchants and of one, whose refunds take turns.
 */
export interface MovementFigure {
  readonly what: "transfers" | "refunds of many merchants" | "refunds of one merchant";
  readonly connections: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly latency: Readonly<Record<"p50" | "p99" | "max", number>>;
}

export interface MovementsOptions {
  readonly postgres: Postgres;
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly tell: (figure: MovementFigure) => void;
}

const connections = 32;
const people = 32;
const currency = "CNY";
const livemode = false;
const pin = "402917";
const money = 100_000_000;

interface Person {
  readonly id: string;
  readonly token: string;
}
interface Shop {
  readonly key: string;
  /** A payment that is large enough to be refunded a cent at a time. */
  readonly payment: string;
}

export async function measureMovements({
  postgres,
  seconds,
  signal,
  tell,
}: MovementsOptions): Promise<MovementFigure[]> {
  await using stage = new AsyncDisposableStack();
  const { folder, masterKeyFile, remove } = await makeFolder();
  stage.defer(remove);
  const { url: databaseUrl, applicationUrl } = await createMigratedDatabase(postgres, "bench_movements");
  const settings = {
    MODE: "test",
    SMALL_PAYMENT_LIMIT: "1000000000",
    DAILY_CODE_LIMIT: "1000000000",
    DAILY_TRANSFER_LIMIT: "1000000000",
  };
  configure({ DATABASE_URL: databaseUrl, MASTER_KEY_FILE: masterKeyFile, LOG_LEVEL: "warn", ...settings });
  openDatabase({ url: databaseUrl, connections: 4 });
  stage.defer(closeDatabase);
  await openKeyring(readMasterKey(masterKeyFile));
  const servers = await startServers({ count: 1, databaseUrl: applicationUrl, masterKeyFile, folder, settings });
  stage.defer(() => servers.stop());
  const ask = askAt(servers.url);
  const payers = await inBatches(people, () => aPerson(ask));
  const shops = await inBatches(people, (n) => aShop(ask, payers[n] as Person));

  const figures: MovementFigure[] = [];
  const measure = async (what: MovementFigure["what"], next: (n: number) => LoadRequest): Promise<void> => {
    let sent = 0;
    const makeRequest = () => next(sent++);
    const load = { url: servers.url, connections, warmUpMs: 500, durationMs: seconds * 1_000, signal };
    const { perSecond, latency, statuses } = await runLoad({ ...load, makeRequest });
    const failed = [...statuses].filter(([status]) => status !== 200);
    if (failed.length > 0) throw new Error(`${what} were answered with ${JSON.stringify(failed)}`);
    const ms = (share: number): number => latency.percentile(share) / 1_000;
    const figure = {
      what,
      connections,
      perSecond,
      latency: { p50: ms(0.5), p99: ms(0.99), max: latency.mostUs / 1_000 },
    };
    figures.push(figure);
    tell(figure);
  };
  const request = (path: string, token: string, body: object): LoadRequest => {
    const headers = { Authorization: `Bearer ${token}`, "Idempotency-Key": randomUUID() };
    return { bytes: encodeRequest(new URL(servers.url), "POST", path, headers, body) };
  };
  await measure("transfers", (n) => {
    const [from, to] = [payers[n % people] as Person, payers[(n + 1) % people] as Person];
    return request("/v1/transfers", from.token, { to: { user: to.id }, amount: 1, currency, pin });
  });
  const refund = ({ key, payment }: Shop): LoadRequest =>
    request("/v1/refunds", key, { payment, amount: 1, out_refund_no: randomUUID() });
  await measure("refunds of many merchants", (n) => refund(shops[n % people] as Shop));
  await measure("refunds of one merchant", () => refund(shops[0] as Shop));
  await auditBooks();
  return figures;
}

type Ask = (method: string, path: string, token: string | undefined, body: object) => Promise<Record<string, unknown>>;

const askAt =
  (url: string): Ask =>
  async (method, path, token, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        "content-type": "application/json",
        "idempotency-key": randomUUID(),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path} was refused: ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };

/** As many as hash their passwords at once. */
async function inBatches<T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) {
    const from = made.length;
    made.push(...(await Promise.all(Array.from({ length: Math.min(8, count - from) }, (_, n) => make(from + n)))));
  }
  return made;
}

/** Somebody with a session, a PIN and money. */
async function aPerson(ask: Ask): Promise<Person> {
  const [phone, password] = [`+86139${String(randomInt(100_000_000)).padStart(8, "0")}`, randomUUID()];
  const id = (await ask("POST", "/v1/users", undefined, { phone, password })).id as string;
  const token = (await ask("POST", "/v1/sessions", undefined, { phone, password })).access_token as string;
  await ask("PUT", "/v1/users/me/payment_pin", token, { pin, password });
  const [debitAccountId, creditAccountId] = [
    platformAccount("bank_clearing", currency, livemode),
    walletAccount(id, currency),
  ];
  const topUp = { id: newId("txn"), debitAccountId, creditAccountId, amount: money, currency, code: "top_up" };
  await inTransaction((tx) => post(tx, [topUp], { careful: true }));
  return { id, token };
}

/** A merchant that has been paid a lot by somebody. */
async function aShop(ask: Ask, payer: Person): Promise<Shop> {
  const key = await inTransaction(async (tx) => {
    const terms = { name: "Shop", mcc: "5812", country: "CN", city: "Hangzhou" };
    const { id: merchantId } = await createMerchant(tx, terms, bySystem("bench"));
    const keeper = { kind: "merchant", merchantId, livemode, keyId: "", scopes: null } as const;
    return (await createApiKey(tx, keeper, { name: "server" }, bySystem("bench"))).secret;
  });
  const { code } = await ask("POST", "/v1/payment_codes", payer.token, {});
  const order = { amount: money / 10, currency, out_trade_no: randomUUID(), code };
  return { key, payment: (await ask("POST", "/v1/payments", key, order)).id as string };
}
