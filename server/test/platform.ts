import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { TOTP } from "otpauth";
import { configure } from "#kit/config.ts";
import { createStaff } from "#modules/identity";
import { openPlatform, type Platform } from "../src/roles/platform.ts";
import { cloneDatabase } from "./database.ts";

/** An answer as a client sees it. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint: answers are read by tests that know their shape
  body: any;
}

export interface CallOptions {
  token?: string;
  /** `Idempotency-Key`; made afresh for a POST unless given; `null`: not sent. */
  key?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The whole platform in this process, on a database of its own, listening on a free port. */
export interface TestPlatform {
  readonly url: string;
  readonly databaseUrl: string;
  /** Environment with which another process serves the same database. */
  readonly env: Record<string, string>;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** A signed-in operator's token. */
  operator(): Promise<string>;
}

/** Opens a platform before the file's tests and closes it after them. `env` overrides settings. */
export function usePlatform(env: Record<string, string> = {}): TestPlatform {
  let platform: Platform | undefined;
  let url = "";
  let settings: Record<string, string> = {};
  let drop = async () => {};
  let operator: Promise<string> | undefined;
  const folder = mkdtempSync(join(tmpdir(), "feiqian-test-"));

  before(async () => {
    const database = await cloneDatabase();
    drop = database.drop;
    settings = { ...testSettings(folder, database.url), ...env };
    platform = await openPlatform(configure(settings));
    url = platform.address ?? "";
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
      return settings.DATABASE_URL as string;
    },
    get env() {
      return settings;
    },
    call,
    operator: () => (operator ??= signInOperator(call)),
  };
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
    LOG_LEVEL: process.env.LOG_LEVEL ?? "error",
  };
}

/** One request to a listening server. */
export async function callApi(url: string, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { token, body, key = method === "POST" ? randomUUID() : null } = options;
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(key && { "idempotency-key": key }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get("content-type")?.includes("json");
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}

async function signInOperator(call: TestPlatform["call"]): Promise<string> {
  const email = `operator-${randomUUID()}@example.com`;
  const password = randomBytes(16).toString("base64url");
  const { totpSecret } = await createStaff({ email, password, role: "operator" });
  const totp = new TOTP({ secret: totpSecret }).generate();
  const { body } = await call("POST", "/v1/staff/sessions", { body: { email, password, totp }, key: null });
  return body.access_token;
}
