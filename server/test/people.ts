import assert from "node:assert/strict";
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import pg from "pg";
import { authenticateBy } from "#kit/access.ts";
import { clockOffset, now, setClockOffset } from "#kit/clock.ts";
import { config, configure, readMasterKey } from "#kit/config.ts";
import { openKeyring } from "#kit/crypto.ts";
import { closeDatabase, database, openDatabase } from "#kit/db.ts";
import { createHttp, type Http } from "#kit/http.ts";
import { openMessage, recipientHash } from "#kit/messages.ts";
import { listenForNotifications } from "#kit/notifications.ts";
import {
  authenticateStaff,
  authenticateUser,
  createStaff,
  identityRoutes,
  openSigningKeys,
  type Role,
} from "#modules/identity";
import { appCode } from "#test/authenticator.ts";
import { cloneDatabase } from "#test/database.ts";

export interface Answer {
  status: number;
  headers: Headers;
  /** Tests look into answers of every shape. */
  body: any;
}

export interface Asking {
  token?: string;
  headers?: Record<string, string>;
}

/** Gives the calling test file a database of its own and a server that has the identity routes, and more where asked for. */
export function useServer(more: (app: Http) => void = () => {}) {
  let base = "";
  let stop = async () => {};
  before(async () => {
    const { url, drop } = await cloneDatabase();
    const folder = await mkdtemp(join(tmpdir(), "feiqian-test-"));
    const masterKey = join(folder, "master.key");
    await writeFile(masterKey, randomBytes(32).toString("hex"), { mode: 0o600 });
    configure({ DATABASE_URL: url, MASTER_KEY_FILE: masterKey, MODE: "test", TEST_CLOCK: "1", LOG_LEVEL: "fatal" });
    openDatabase({ url });
    await openKeyring(readMasterKey(masterKey));
    await openSigningKeys();
    const stopListening = await listenForNotifications();
    for (const authenticate of [authenticateUser, authenticateStaff]) authenticateBy(authenticate);
    const app = createHttp();
    identityRoutes(app);
    more(app);
    base = await app.listen({ host: "127.0.0.1", port: 0 });
    stop = async () => {
      await app.close();
      await stopListening();
      await closeDatabase();
      await drop();
      await rm(folder, { recursive: true });
    };
  });
  after(() => stop());

  async function ask(method: string, path: string, body?: unknown, { token, headers }: Asking = {}): Promise<Answer> {
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
  /** As a browser on this machine sees a page of this server. */
  const origin = () => base.replace("127.0.0.1", "localhost");
  return { ask, origin, base: () => base, ...factories(ask) };
}

type Ask = (method: string, path: string, body?: unknown, asking?: Asking) => Promise<Answer>;

function factories(ask: Ask) {
  /** A registered user who is signed in. */
  async function aUser(wanted: Record<string, unknown> = {}) {
    const phone = aPhone();
    const password = randomUUID();
    const user = ok(await ask("POST", "/v1/users", { phone, password, ...wanted }));
    const signIn = async (device?: object) => ok(await ask("POST", "/v1/sessions", { phone, password, device }));
    const session = await signIn();
    const token: string = session.access_token;
    return {
      id: user.id as string,
      phone,
      password,
      user,
      session,
      token,
      signIn,
      /** Signs in with password and whatever else is given; the answer may be a refusal. */
      tryToSignIn: (more: object = {}) => ask("POST", "/v1/sessions", { phone, password, ...more }),
      ask: (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
        ask(method, path, body, { token, ...(headers && { headers }) }),
    };
  }

  /** As {@link aUser}, with an authenticator app that is switched on. Its first code is used up. */
  async function aUserWithTotp(wanted: Record<string, unknown> = {}) {
    const user = await aUser(wanted);
    const { secret } = ok(await user.ask("POST", "/v1/users/me/totp", { password: user.password }));
    const totp = (steps = 0) => appCode(secret, steps);
    const { recovery_codes } = ok(await user.ask("POST", "/v1/users/me/totp/confirm", { code: totp(-1) }));
    return { ...user, secret: secret as string, totp, recoveryCodes: recovery_codes as string[] };
  }

  /** Signs in where new devices are challenged: by the password, and then by the code that is sent. */
  async function signInFromNewDevice(login: { phone: string; password: string }) {
    const { details } = refused(await ask("POST", "/v1/sessions", login), 403, "mfa_required");
    const answer = { challenge: details.challenge, one_time_code: await codeSentTo(login.phone) };
    return ok(await ask("POST", "/v1/sessions/challenge", answer));
  }

  /** A member of staff, not signed in yet. */
  async function aStaff(role: Role = "operator") {
    const email = `${randomUUID()}@example.com`;
    const password = randomUUID();
    const staff = await createStaff({ email, password, role });
    const totp = (steps = 0) => appCode(staff.totpSecret, steps);
    const signIn = (code = totp()) => ask("POST", "/v1/staff/sessions", { email, password, totp: code });
    return { ...staff, email, password, totp, signIn };
  }
  return { aUser, aUserWithTotp, signInFromNewDevice, aStaff };
}

/** A mainland mobile number that nobody else in the test has. */
export const aPhone = (): string => `+861${randomInt(3, 10)}${String(randomInt(1e9)).padStart(9, "0")}`;

/** The body of an answer that must be a success. */
export function ok({ status, body }: Answer) {
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

/** Asserts status and error code, and gives the error. */
export function refused({ status, body }: Answer, expected: number, code: string) {
  assert.deepEqual([status, body.error?.code], [expected, code], JSON.stringify(body));
  return body.error;
}

/** Statements that are sent when it suits them, not by a request. */
const behindRequests = /^(security_signals|rate_limits)\./;

/** The names of the statements that requests of this process send while something is done. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const names: string[] = [];
  const query = Reflect.get(pg.Client.prototype, "query") as (...given: unknown[]) => unknown;
  const seen = function (this: pg.Client, ...given: unknown[]): unknown {
    const [config] = given as [{ name?: string } | string | undefined];
    if (typeof config === "object" && config.name && !behindRequests.test(config.name)) names.push(config.name);
    return query.apply(this, given);
  };
  Reflect.set(pg.Client.prototype, "query", seen);
  try {
    await work();
  } finally {
    Reflect.set(pg.Client.prototype, "query", query);
  }
  return names;
}

/** A secret of Standard Webhooks. */
const aWebhookSecret = (): string => `whsec_${randomBytes(32).toString("base64")}`;

/** Does something as a live server that can send mail and texts; nobody sends them, so they can be read. */
export async function asLive<T>(work: () => Promise<T>): Promise<T> {
  const { databaseUrl, masterKeyFile } = config();
  const env = { DATABASE_URL: databaseUrl, MASTER_KEY_FILE: masterKeyFile, LOG_LEVEL: "fatal" };
  configure({
    ...env,
    MODE: "live",
    SMTP_URL: "smtps://mail.example.com",
    MAIL_FROM: "noreply@example.com",
    SMS_GATEWAY_URL: "https://sms.example.com",
    SMS_GATEWAY_SECRET: aWebhookSecret(),
  });
  try {
    return await work();
  } finally {
    configure({ ...env, MODE: "test", TEST_CLOCK: "1" });
  }
}

/** Moves the platform's clock forward, in this process and in SQL. */
export async function advance(seconds: number): Promise<void> {
  const offset = clockOffset() + Math.round(seconds * 1000);
  await database().query("update test_clock set offset_ms = $1", [offset]);
  setClockOffset(offset);
}

/** Moves the clock to the beginning of a TOTP step, so that none ends amid a test. */
export const nextTotpStep = (): Promise<void> => advance(30 - ((now() / 1000) % 30));

/** Guesses wrong until the next attempt has to wait for eight seconds. */
export async function exhaust(guessWrong: () => Promise<unknown>): Promise<void> {
  for (const pause of [0, 0, 0, 0, 0, 1, 2, 4]) {
    await advance(pause);
    await guessWrong();
  }
}

export const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** The error codes of answers, sorted; `ok` for a success. */
export function codesOf(answers: readonly Answer[]): string[] {
  const codes: string[] = answers.map(({ body }) => body.error?.code ?? "ok");
  return codes.sort();
}

/** What the platform wrote to a phone or an email, newest first. */
export async function messagesTo(to: string) {
  const recipient = recipientHash(to.includes("@") ? { email: to } : { phone: to });
  const { rows } = await database().query<{ id: string; sealed_message: string }>(
    "select id, sealed_message from messages where recipient = $1 order by id desc",
    [recipient],
  );
  return rows.map(({ id, sealed_message }) => openMessage(id, sealed_message));
}

/** The newest one-time code that a phone or an email got. */
export async function codeSentTo(to: string): Promise<string> {
  const code = (await messagesTo(to)).find(({ kind }) => kind === "one_time_code")?.values?.code;
  assert.ok(code, `no code was sent to ${to}`);
  return code;
}
