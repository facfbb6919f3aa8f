import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Postgres } from "@feiqian/quickstart/postgres.ts";
import { bySystem } from "@feiqian/server/kit/audit.ts";
import { elapsed, now } from "@feiqian/server/kit/clock.ts";
import { configure, readMasterKey } from "@feiqian/server/kit/config.ts";
import { openKeyring } from "@feiqian/server/kit/crypto.ts";
import { closeDatabase, inTransaction, openDatabase } from "@feiqian/server/kit/db.ts";
import { firstEventId, newId } from "@feiqian/server/kit/ids.ts";
import { emit } from "@feiqian/server/kit/outbox.ts";
import { createApiKey, createMerchant } from "@feiqian/server/modules/merchants";
import { cpuMsOf } from "./cpu-time.ts";
import { Histogram } from "./histogram.ts";
import { startServers } from "./servers.ts";
import { createMigratedDatabase, makeFolder } from "./stage.ts";

/**
 * (e) Events to one webhook endpoint that answers at once, while another endpoint of the same merchant, which hears of every one of them
 * too, never answers. From the event's commit to the message at its receiver.
 */
export interface WebhooksResult {
  /** Events a second that were written. */
  readonly written: number;
  /** Messages a second that the fast endpoint got, from the first event to the last message. */
  readonly perSecond: number;
  readonly messages: number;
  /** Of them, those that came more than once. */
  readonly doubles: number;
  /** Microseconds of processor time an event, written and sent to both. */
  readonly cpuUs: Readonly<Record<"server" | "postgres", number>>;
  /** Milliseconds from the commit to the receiver. */
  readonly latency: Readonly<Record<"p50" | "p99" | "max", number>>;
}

export interface WebhooksOptions {
  readonly postgres: Postgres;
  readonly seconds: number;
  /** Events a second. */
  readonly rate: number;
  readonly signal: AbortSignal;
}

const eventsAtOnce = 50;
const arriveWithinMs = 60_000;
const livemode = false;

export async function measureWebhooks({ postgres, seconds, rate, signal }: WebhooksOptions): Promise<WebhooksResult> {
  await using stage = new AsyncDisposableStack();
  const { folder, masterKeyFile, remove } = await makeFolder();
  stage.defer(remove);
  const { url: databaseUrl, applicationUrl } = await createMigratedDatabase(postgres, "bench_webhooks");
  const settings = { MODE: "test", LOOPBACK_URLS: "1" };
  configure({ DATABASE_URL: databaseUrl, MASTER_KEY_FILE: masterKeyFile, LOG_LEVEL: "warn", ...settings });
  openDatabase({ url: databaseUrl, connections: 4 });
  stage.defer(closeDatabase);
  await openKeyring(readMasterKey(masterKeyFile));
  const servers = await startServers({ count: 1, databaseUrl: applicationUrl, masterKeyFile, folder, settings });
  stage.defer(() => servers.stop());

  const arrivals = new Map<string, number>();
  let messages = 0;
  const fast = await listen(stage, (request, response) => {
    const id = String(request.headers["webhook-id"]);
    messages++;
    if (!arrivals.has(id)) arrivals.set(id, elapsed());
    request.resume().on("end", () => response.writeHead(204).end());
  });
  const hanging = await listen(stage, (request) => void request.resume());
  const merchantId = await openShop(servers.url, [fast, hanging]);

  const committed = new Map<string, number>();
  const cpuMs = () => ({ server: cpuMsOf(servers.pids), postgres: cpuMsOf([postgres.pid]) });
  const cpuBefore = cpuMs();
  const began = elapsed();
  for (const total = seconds * rate; committed.size < total; ) {
    signal.throwIfAborted();
    for (const id of await writeEvents(merchantId)) committed.set(id, elapsed());
    await sleep(Math.max(0, began + (committed.size / rate) * 1_000 - elapsed()));
  }
  const written = committed.size / ((elapsed() - began) / 1_000);
  for (const deadline = elapsed() + arriveWithinMs; arrivals.size < committed.size; await sleep(5)) {
    signal.throwIfAborted();
    if (elapsed() > deadline) throw new Error(`of ${committed.size} events ${arrivals.size} arrived`);
  }
  const cpuAfter = cpuMs();
  const cpuUs = (who: "server" | "postgres") => ((cpuAfter[who] - cpuBefore[who]) * 1_000) / committed.size;
  const ended = Math.max(...arrivals.values());
  const latency = new Histogram();
  for (const [id, at] of committed) latency.record(((arrivals.get(id) ?? at) - at) * 1_000);
  const ms = (share: number): number => latency.percentile(share) / 1_000;
  return {
    written,
    perSecond: committed.size / ((ended - began) / 1_000),
    messages,
    doubles: messages - arrivals.size,
    cpuUs: { server: cpuUs("server"), postgres: cpuUs("postgres") },
    latency: { p50: ms(0.5), p99: ms(0.99), max: latency.mostUs / 1_000 },
  };
}

async function listen(stage: AsyncDisposableStack, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stage.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A merchant whose endpoints hear of payments. */
async function openShop(serverUrl: string, urls: readonly string[]): Promise<string> {
  const { merchantId, secret } = await inTransaction(async (tx) => {
    const merchant = await createMerchant(
      tx,
      { name: "Shop", mcc: "5812", country: "CN", city: "Hangzhou" },
      bySystem("bench"),
    );
    const keeper = { kind: "merchant", merchantId: merchant.id, livemode, keyId: "", scopes: null } as const;
    return {
      merchantId: merchant.id,
      secret: (await createApiKey(tx, keeper, { name: "server" }, bySystem("bench"))).secret,
    };
  });
  for (const url of urls) {
    const answer = await fetch(`${serverUrl}/v1/webhook_endpoints`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify({ url, events: ["payment.*"] }),
    });
    if (!answer.ok) throw new Error(`an endpoint was refused: ${await answer.text()}`);
  }
  return merchantId;
}

/** Writes events as payments do, with objects as theirs; gives their ids. */
async function writeEvents(merchantId: string): Promise<string[]> {
  const events = Array.from({ length: eventsAtOnce }, () => {
    const object = aPayment(merchantId);
    const id = firstEventId(object.id);
    return { id, ownerId: merchantId, livemode, type: "payment.succeeded", objectId: object.id, object };
  });
  await inTransaction((tx) => emit(tx, events));
  return events.map(({ id }) => id);
}

/** A payment as API.md shows it. */
function aPayment(merchant: string) {
  const id = newId("pay");
  const at = new Date(now()).toISOString();
  const money = { amount: 1_250, amount_captured: 1_250, amount_refunded: 0, fee: 8, total: 1_250, net: 1_242 };
  const places = { merchant, store: null, terminal: null, payer: newId("usr") };
  return {
    id,
    object: "payment",
    status: "succeeded",
    ...money,
    currency: "CNY",
    out_trade_no: id,
    subject: "x".repeat(120),
    method: "wallet",
    channel: null,
    ...places,
    failure: null,
    action: null,
    receipt: `/v1/receipts/${id}`,
    livemode,
    created_at: at,
    succeeded_at: at,
    expires_at: null,
    metadata: {},
  };
}
