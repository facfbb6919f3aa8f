import { type ChildProcess, fork } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { TOTP } from "otpauth";
import { now } from "#kit/clock.ts";
import { configure } from "#kit/config.ts";
import { createStaff, type Role } from "#modules/identity";
import { openPlatform, type Platform } from "../src/roles/platform.ts";
import { type Answer, type CallOptions, callApi } from "./call.ts";
import { cloneDatabase } from "./database.ts";

export { type Answer, type CallOptions, callApi } from "./call.ts";

/** What the factories work with. */
export interface Client {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** A signed-in operator's token. */
  operator(): Promise<string>;
  /** Of the one who agrees to what the operator may not do alone. */
  approver(): Promise<string>;
}

/** A member of staff with a session. */
export interface SignedIn {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly totpSecret: string;
  readonly token: string;
}

/** The whole platform in this process, on a database of its own, listening on a free port. */
export interface TestPlatform extends Client {
  readonly url: string;
  /** As the owner of its tables, a superuser; the platform itself runs as a role that can't change the past. */
  readonly databaseUrl: string;
  /** Takes somebody on, past all routes, and signs in. */
  signIn(role: Role): Promise<SignedIn>;
  /** Environment with which another process serves the same database. */
  readonly env: Record<string, string>;
}

/** Opens a platform before the file's tests and closes it after them. `env` overrides settings. */
export function usePlatform(env: Record<string, string> = {}): TestPlatform {
  let platform: Platform | undefined;
  let url = "";
  let settings: Record<string, string> = {};
  let ownerUrl = "";
  let drop = async () => {};
  const folder = mkdtempSync(join(tmpdir(), "feiqian-test-"));

  before(async () => {
    const database = await cloneDatabase();
    drop = database.drop;
    settings = { ...testSettings(folder, database.applicationUrl), ...env };
    ownerUrl = database.url;
    platform = await openPlatform(configure(settings));
    url = platform.address;
  });
  after(async () => {
    await platform?.close();
    await drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const call = (method: string, path: string, options: CallOptions = {}) => callApi(url, method, path, options);
  return {
    get url() {
      return url;
    },
    get databaseUrl() {
      return ownerUrl;
    },
    get env() {
      return settings;
    },
    call,
    operator: signedIn(call, "operator"),
    approver: signedIn(call, "approver"),
    signIn: (role) => signInStaff(call, role),
  };
}

/**
 * Another process that serves the same database, for races that one process would settle by itself. To be called in a
 * `describe`: it ends with that, before the database goes.
 */
export function useSecondServer(platform: TestPlatform): Pick<Client, "call"> {
  let child: ChildProcess | undefined;
  let address = "";
  before(async () => {
    const main = new URL("../src/main.ts", import.meta.url);
    child = fork(main, { env: { ...process.env, ...platform.env }, stdio: ["ignore", "ignore", "inherit", "ipc"] });
    [{ address }] = (await once(child, "message")) as [{ address: string }];
  });
  after(async () => {
    child?.kill("SIGTERM");
    if (child) await once(child, "close");
  });
  return { call: (method, path, options) => callApi(address, method, path, options) };
}

/** Settings of a test server: a free port, a fresh master key, the test clock. */
export function testSettings(folder: string, databaseUrl: string): Record<string, string> {
  const masterKeyFile = join(folder, `master-${randomUUID()}.key`);
  writeFileSync(masterKeyFile, randomBytes(32).toString("base64"), { mode: 0o600 });
  return {
    DATABASE_URL: databaseUrl,
    MASTER_KEY_FILE: masterKeyFile,
    MODE: "test",
    PORT: "0",
    TEST_CLOCK: "1",
    LOOPBACK_URLS: "1",
    LOG_LEVEL: process.env.LOG_LEVEL ?? "error",
  };
}

/** A member of staff who signs in when first asked for, and again when a test that moved the clock has outlived the token. */
export function signedIn(call: Client["call"], role: Role): () => Promise<string> {
  let token: Promise<string> | undefined;
  let since = 0;
  return () => {
    if (!token || now() > since + 60_000) {
      since = now();
      token = signInStaff(call, role).then(({ token }) => token);
    }
    return token;
  };
}

/** Takes somebody on, past all routes, and signs in. */
async function signInStaff(call: Client["call"], role: Role): Promise<SignedIn> {
  const email = `${role}-${randomUUID()}@example.com`;
  const password = randomBytes(16).toString("base64url");
  const { totpSecret } = await createStaff({ email, password, role });
  const totp = new TOTP({ secret: totpSecret }).generate({ timestamp: now() });
  const { body } = await call("POST", "/v1/staff/sessions", { body: { email, password, totp }, key: null });
  return { id: body.staff.id, email, password, totpSecret, token: body.access_token };
}
