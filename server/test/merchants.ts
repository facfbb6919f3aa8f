import { fork } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { authenticateBy } from "#kit/access.ts";
import type { StaffActor } from "#kit/actor.ts";
import { keepApprovalsBy } from "#kit/approvable.ts";
import { configure, readMasterKey } from "#kit/config.ts";
import { openKeyring } from "#kit/crypto.ts";
import { closeDatabase, database, inTransaction, openDatabase } from "#kit/db.ts";
import { createHttp } from "#kit/http.ts";
import { listenForNotifications } from "#kit/notifications.ts";
import { askApproval, createStaff, identityRoutes, type Role } from "#modules/identity";
import { authenticateKey, merchantRoutes, openPlatformAccounts } from "#modules/merchants";
import { cloneDatabase } from "#test/database.ts";
import { type Answer, type Asking, ok } from "#test/people.ts";

export type Env = Record<string, string>;

/** A staff token of these tests: it carries its permissions. */
export const staff = (...permissions: string[]): Asking => ({ token: `staff ${permissions.join(",")}` });
export const operator = staff("merchants:read", "merchants:write", "pricing:write", "keys:read", "keys:write");

/** Whose acts these are, and who agrees to what takes two. */
let [makerId, checkerId] = ["", ""];

function authenticateTestStaff(token: string): StaffActor | undefined {
  if (!token.startsWith("staff ")) return undefined;
  const permissions = new Set(token.slice(6).split(","));
  const isChecker = permissions.has("approvals:write");
  const who = isChecker ? { staffId: checkerId, role: "approver" } : { staffId: makerId, role: "operator" };
  return { kind: "staff", sessionId: "ses_0", permissions, ...who };
}

/** With a session that is fresh. */
async function takeOn(role: Role): Promise<string> {
  const { id } = await createStaff({ email: `${randomUUID()}@example.com`, password: randomUUID(), role });
  await database().query(
    `insert into sessions (owner_id, owner_kind, id, livemode, address, family_hash, token_hash, expires_at, ends_at)
     values ($1, 'staff', 'ses_0', false, '', '', '', 'infinity', 'infinity')`,
    [id],
  );
  return id;
}

/** A server with the merchants' routes on a free port. */
export async function openMerchantsServer(env: Env): Promise<{ base: string; close: () => Promise<void> }> {
  const config = configure(env);
  openDatabase({ url: config.databaseUrl });
  await openKeyring(readMasterKey(config.masterKeyFile));
  await inTransaction((tx) => openPlatformAccounts(tx, config.currency));
  [makerId, checkerId] = await Promise.all([takeOn("operator"), takeOn("approver")]);
  keepApprovalsBy(askApproval);
  const stopListening = await listenForNotifications();
  for (const authenticate of [authenticateKey, authenticateTestStaff]) authenticateBy(authenticate);
  const app = createHttp();
  merchantRoutes(app);
  identityRoutes(app);
  const base = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    base,
    close: async () => {
      await app.close();
      await stopListening();
      await closeDatabase();
    },
  };
}

/** Gives the calling test file a database of its own and a server that has the merchants' routes. */
export function useMerchants(settings: Env = {}) {
  let base = "";
  let env: Env = {};
  let stop = async () => {};
  before(async () => {
    const { url, drop } = await cloneDatabase();
    const folder = await mkdtemp(join(tmpdir(), "feiqian-test-"));
    const masterKeyFile = join(folder, "master.key");
    await writeFile(masterKeyFile, randomBytes(32).toString("hex"), { mode: 0o600 });
    env = { DATABASE_URL: url, MASTER_KEY_FILE: masterKeyFile, MODE: "test", LOG_LEVEL: "fatal", ...settings };
    const server = await openMerchantsServer(env);
    base = server.base;
    stop = async () => {
      await server.close();
      await drop();
      await rm(folder, { recursive: true });
    };
  });
  after(() => stop());
  const ask: Ask = async (...asked) => agreed(base, await request(base, ...asked));
  return { ask, env: () => env, base: () => base, ...factories(ask) };
}

type Ask = (method: string, path: string, body?: unknown, asking?: Asking) => Promise<Answer>;

export async function request(
  base: string,
  method: string,
  path: string,
  body?: unknown,
  { token, headers }: Asking = {},
): Promise<Answer> {
  const response = await fetch(base + path, {
    method,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
}

/** What takes two is agreed to by another; gives the answer that the maker would have had at once. */
async function agreed(base: string, asked: Answer): Promise<Answer> {
  if (asked.status !== 202) return asked;
  const { id, digest } = asked.body;
  const answer = await request(base, "POST", `/v1/approvals/${id}/approve`, { digest }, staff("approvals:write"));
  const { status, result, failure, secret } = answer.body;
  if (status === "failed") return { ...answer, status: 409, body: { error: failure } };
  if (status !== "approved") return answer;
  if (!secret) return { ...answer, body: result };
  const fetched = await request(base, "POST", `/v1/approvals/${id}/result`, {}, operator);
  return { ...fetched, body: fetched.body.result };
}

const someMerchant = { name: "Test shop", mcc: "5411", country: "CN", city: "Hangzhou" };

function factories(ask: Ask) {
  const aMerchant = async (wanted: Record<string, unknown> = {}) =>
    ok(await ask("POST", "/v1/merchants", { ...someMerchant, ...wanted }, operator));

  /** A key of a merchant, made by staff, with its secret. */
  const aKey = async (merchant: string, wanted: Record<string, unknown> = {}) =>
    ok(await ask("POST", "/v1/api_keys", { merchant, name: "Server", ...wanted }, operator));

  /** A merchant with a key that may do everything. */
  async function aShop(wanted: Record<string, unknown> = {}) {
    const merchant = await aMerchant(wanted);
    const key = await aKey(merchant.id);
    const asking = { token: key.secret as string };
    return {
      id: merchant.id as string,
      merchant,
      key,
      ask: (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
        ask(method, path, body, { ...asking, ...(headers && { headers }) }),
      aStore: async (terms: Record<string, unknown> = {}) =>
        ok(await ask("POST", "/v1/stores", { name: "West Lake", ...terms }, asking)),
      aTerminal: async (store: string, terms: Record<string, unknown> = {}) =>
        ok(await ask("POST", "/v1/terminals", { store, name: "Counter 1", ...terms }, asking)),
    };
  }
  return { aMerchant, aKey, aShop };
}

export const idsOf = (objects: readonly { id: string }[]): string[] => objects.map(({ id }) => id);

/** Another process that serves the same database; gives its address and how to end it. */
export async function aSecondProcess(env: Env): Promise<{ ask: Ask; base: string; stop: () => Promise<void> }> {
  const child = fork(new URL("merchants-process.ts", import.meta.url), { env: { ...process.env, ...env } });
  const [base] = (await once(child, "message")) as [string];
  return {
    base,
    ask: (...asked) => request(base, ...asked),
    stop: async () => {
      child.disconnect();
      await once(child, "exit");
    },
  };
}
