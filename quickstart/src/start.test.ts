import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { cloneDatabase } from "@feiqian/server/test/database.ts";
import { TOTP } from "otpauth";
import pg from "pg";
import { checkDatabase } from "./own-database.ts";
import { startPostgres } from "./postgres.ts";
import { commandOf, postmasterOf } from "./postmaster.ts";
import { textsFor } from "./texts.ts";

describe("npm start", () => {
  const home = aHome();
  let running: Start;
  let first: Credentials;
  let paymentId: string;
  after(() => running?.kill("SIGKILL"));

  test("on an empty folder ends with a paid code that its merchant can read", async () => {
    running = await aStart(home);
    first = credentialsOf(home);
    paymentId = /pay_[0-9a-z]{26}/.exec(running.said())?.[0] ?? "";
    const payment = await read(first, `/v1/payments/${paymentId}`);
    assert.deepEqual([payment.status, payment.method, payment.payer], ["succeeded", "wallet", first.users[0]?.id]);
    assert.match(
      running.said(),
      new RegExp(`curl .*${first.merchant.api_key}.* ${first.base_url}/v1/payments/${paymentId}`),
    );
  });

  test("leaves logins that open: two customers with money, an operator, an approver and an admin, two merchants", async () => {
    for (const { phone, password, device } of first.users) {
      const session = await send(first, "/v1/sessions", { phone, password, device: { id: device } });
      const { balances } = await read(first, "/v1/wallet", session.access_token);
      assert((balances[0]?.available ?? 0) > 0);
    }
    for (const { email, password, totp_secret, role } of first.staff) {
      // Each code works once, and the operator's of this half minute was used to make the demo.
      const totp = new TOTP({ secret: totp_secret }).generate({ timestamp: Date.now() + 30_000 });
      const session = await send(first, "/v1/staff/sessions", { email, password, totp });
      assert.equal(session.staff.role, role);
    }
    assert.deepEqual(
      first.staff.map(({ role }) => role),
      ["operator", "approver", "admin"],
    );
    const others = await read({ ...first, merchant: first.merchant_2 }, "/v1/payments");
    assert.deepEqual(others.data, []);
  });

  test("keeps what it writes to its owner", () => {
    assert.equal(statSync(home).mode & 0o777, 0o700);
    for (const file of readdirSync(home, { withFileTypes: true }).filter((entry) => entry.isFile()))
      assert.equal(statSync(join(home, file.name)).mode & 0o777, 0o600, file.name);
  });

  test("a second one in the same folder says that the first one runs", async () => {
    const second = spawnStart(home);
    assert.equal(await second.exit, 1);
    assert.match(second.said(), new RegExp(`runs already .*${running.pid}`));
  });

  test("starts the server again when it is killed", async () => {
    process.kill(serverOf(home), "SIGKILL");
    await eventually(() => running.said().includes("ended unexpectedly (SIGKILL)"));
    await eventually(async () => (await read(first, `/v1/payments/${paymentId}`)).status === "succeeded");
  });

  test("starts PostgreSQL again when it is killed; the server finds it", async () => {
    process.kill(postgresOf(home), "SIGKILL");
    await eventually(() => running.said().includes("PostgreSQL ended unexpectedly"));
    await eventually(async () => (await read(first, `/v1/payments/${paymentId}`)).status === "succeeded");
  });

  test("starts both again when both are killed", async () => {
    process.kill(postgresOf(home), "SIGKILL");
    process.kill(serverOf(home), "SIGKILL");
    await eventually(async () => (await read(first, `/v1/payments/${paymentId}`)).status === "succeeded");
  });

  test("killed by force takes its server along; the next start finds PostgreSQL and the data", async () => {
    const [server, postgres] = [serverOf(home), postgresOf(home)];
    running.kill("SIGKILL");
    await eventually(() => commandOf(server) === "");
    running = await aStart(home);
    assert.equal(postgresOf(home), postgres);
    assert.match(running.said(), /was still running/);
    assert.equal((await read(credentialsOf(home), `/v1/payments/${paymentId}`)).id, paymentId);
  });

  test("on SIGINT stops within ten seconds, leaves nothing running and exits with 0", async () => {
    const processes = [running.pid, serverOf(home), postgresOf(home)];
    const begun = performance.now();
    running.kill("SIGINT");
    running.kill("SIGINT"); // A terminal and npm may both pass it on.
    assert.equal(await running.exit, 0);
    assert(performance.now() - begun < 10_000);
    assert.deepEqual(processes.map(commandOf), ["", "", ""]);
    assert.equal(existsSync(join(home, "start.lock")), false);
  });

  test("started again shows the same data and only the address is new", async () => {
    running = await aStart(home);
    const now = credentialsOf(home);
    assert.deepEqual({ ...now, base_url: "" }, { ...first, base_url: "" });
    const { data } = await read(now, "/v1/payments");
    assert.deepEqual(
      data.map(({ id }) => id),
      [paymentId],
    );
    running.kill("SIGTERM");
    assert.equal(await running.exit, 0);
  });

  test("data of a version whose server owned its tables go on; their audit log is checked while it runs", async () => {
    const folder = realpathSync(join(home, "postgres"));
    await asOwner(folder, "drop owned by feiqian_app; drop role feiqian_app");
    running = await aStart(home);
    assert.equal((await read(credentialsOf(home), `/v1/payments/${paymentId}`)).id, paymentId);
    const isWhole = async () => /whole: \d+ entries, [1-9]\d* batches/.test((await audit(home)).said);
    await eventually(isWhole);
    await asOwner(folder, "delete from audit_log where action = 'merchant.created'");
    const tampered = await audit(home);
    assert.equal(tampered.code, 1);
    assert.match(tampered.said, /tampered with \(2\)[^]*entry at position \d+ of batch \d+ was removed/);
    running.kill("SIGTERM");
    assert.equal(await running.exit, 0);
    assert.equal((await audit(home)).code, 1, "also while nothing runs");
    assert.equal(postmasterOf(join(folder, "data")), undefined);
  });

  test("without the key that its secrets are sealed under does not touch the data, and says what to do", async () => {
    const key = join(home, "master.key");
    renameSync(key, `${key}.away`);
    const start = spawnStart(home);
    assert.equal(await start.exit, 1);
    assert.match(start.said(), /master\.key is missing.*--fresh/);
    renameSync(`${key}.away`, key);
  });

  test("--fresh asks, and where nobody can answer wants --yes", async () => {
    const start = spawnStart(home, {}, "--fresh");
    assert.equal(await start.exit, 1);
    assert.match(start.said(), /--yes/);
    assert.equal(credentialsOf(home).merchant.id, first.merchant.id);
  });

  test("a home that was deleted by hand is made anew, wherever its data lay", async () => {
    rmSync(home, { recursive: true });
    running = await aStart(home);
    first = credentialsOf(home);
    assert.equal((await read(first, "/v1/payments")).data.length, 1);
    running.kill("SIGINT");
    assert.equal(await running.exit, 0);
  });

  test("--fresh --yes begins anew", async () => {
    running = await aStart(home, {}, "--fresh", "--yes");
    const now = credentialsOf(home);
    assert.notEqual(now.merchant.id, first.merchant.id);
    assert.equal((await read(now, "/v1/payments")).data.length, 1);
    running.kill("SIGINT");
    assert.equal(await running.exit, 0);
  });
});

test("two starts at once in two folders don't disturb each other", async () => {
  const homes = [aHome(), aHome()] as const;
  const [one, two] = await Promise.all([aStart(homes[0]), aStart(homes[1])]);
  const [a, b] = homes.map(credentialsOf) as [Credentials, Credentials];
  assert.notEqual(a.base_url, b.base_url);
  one.kill("SIGINT");
  assert.equal(await one.exit, 0);
  assert.equal((await read(b, "/v1/payments")).data[0]?.status, "succeeded");
  two.kill("SIGINT");
  assert.equal(await two.exit, 0);
});

test("stopped in the middle of the first start leaves nothing running, and the next start gets there", async () => {
  const home = aHome();
  const start = spawnStart(home);
  await eventually(() => existsSync(join(home, "server.log")));
  const postgres = postgresOf(home);
  start.kill("SIGINT");
  assert.equal(await start.exit, 0);
  assert.equal(commandOf(postgres), "");
  const again = await aStart(home);
  assert.equal((await read(credentialsOf(home), "/v1/payments")).data.length, 1);
  again.kill("SIGINT");
  await again.exit;
});

test("a port that was asked for and is taken stops the start and names the setting", async () => {
  const thief = createServer().listen(0, "127.0.0.1");
  await once(thief, "listening");
  const { port } = thief.address() as { port: number };
  const start = spawnStart(aHome(), { PORT: String(port) });
  assert.equal(await start.exit, 1);
  assert.match(start.said(), new RegExp(`Port ${port} is taken. Set PORT`));
  thief.close();
});

test("a wrong setting of the server stops the start with its name and reason", async () => {
  const home = aHome();
  const start = spawnStart(home, { ISSUER_PREFIX: "10" });
  assert.equal(await start.exit, 1);
  assert.match(start.said(), /ISSUER_PREFIX: 10 belongs to another wallet/);
  assert.equal(postmasterOf(realpathSync(join(home, "postgres/data"))), undefined);
});

describe("with DATABASE_URL", () => {
  test("uses that server instead, keeps its data and never empties it", async () => {
    const home = aHome();
    const { url, drop } = await cloneDatabase();
    const start = await aStart(home, { DATABASE_URL: url, LANG: "zh_CN.UTF-8", LC_ALL: "" });
    assert.match(start.said(), /PostgreSQL 18\.\d+，位于 127\.0\.0\.1/);
    assert.equal(existsSync(join(home, "postgres")), false);
    assert.equal((await read(credentialsOf(home), "/v1/payments")).data.length, 1);
    start.kill("SIGINT");
    assert.equal(await start.exit, 0);
    const fresh = spawnStart(home, { DATABASE_URL: url }, "--fresh", "--yes");
    assert.equal(await fresh.exit, 1);
    await drop();
  });

  test("an older PostgreSQL than 15, or one that is not there, is named as the reason", async () => {
    const url = process.env.TEST_DATABASE_URL ?? "";
    const texts = textsFor({});
    await assert.rejects(checkDatabase(url, texts, 99), /that is PostgreSQL 18.*; 15 or newer is needed/);
    await assert.rejects(checkDatabase("postgres://nobody@127.0.0.1:1/x", texts), /can't connect: .*ECONNREFUSED/);
  });
});

interface Credentials {
  base_url: string;
  merchant: { id: string; api_key: string };
  merchant_2: { id: string; api_key: string };
  users: { id: string; phone: string; password: string; device: string }[];
  staff: { email: string; password: string; totp_secret: string; role: string }[];
}

interface Start {
  readonly pid: number;
  /** Its exit code, once it has ended. */
  readonly exit: Promise<number | null>;
  said(): string;
  kill(signal: NodeJS.Signals): void;
}

function spawnStart(home: string, env: NodeJS.ProcessEnv = {}, ...flags: string[]): Start {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, "start.ts"), ...flags], {
    env: { ...process.env, LC_ALL: "C", PORT: "0", LOG_LEVEL: "info", ...env, FEIQIAN_HOME: home },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text) => (said += text));
  const exit = once(child, "close").then(([code]) => code);
  return { pid: child.pid as number, exit, said: () => said, kill: (signal) => void child.kill(signal) };
}

/** Runs statements as the owner of the tables, on a PostgreSQL that is started for it unless it runs. */
async function asOwner(folder: string, statements: string): Promise<void> {
  const postgres = await startPostgres({ folder });
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(statements);
  await client.end();
  if (!postgres.attached) await postgres.stop();
}

/** What `npm run audit:verify` says and ends with. */
async function audit(home: string): Promise<{ code: number | null; said: string }> {
  const env = { ...process.env, LC_ALL: "C", FEIQIAN_HOME: home };
  const child = spawn(process.execPath, [join(import.meta.dirname, "audit.ts"), "verify"], { env });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const [code] = await once(child, "close");
  return { code, said };
}

/** Starts and waits until it says that it is ready. */
async function aStart(home: string, env: NodeJS.ProcessEnv = {}, ...flags: string[]): Promise<Start> {
  const start = spawnStart(home, env, ...flags);
  let hasEnded = false;
  void start.exit.then(() => (hasEnded = true));
  await eventually(() => start.said().includes("curl ") || hasEnded);
  assert(!hasEnded, start.said());
  return start;
}

function aHome(): string {
  const folder = mkdtempSync(join(tmpdir(), "feiqian-test-"));
  chmodSync(folder, 0o711); // PostgreSQL's own user must pass where root runs the tests.
  after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "home");
}

const credentialsOf = (home: string): Credentials => JSON.parse(readFileSync(join(home, "credentials.json"), "utf8"));

function postgresOf(home: string): number {
  const running = postmasterOf(realpathSync(join(home, "postgres/data")));
  assert(running, "PostgreSQL runs");
  return running.pid;
}

/** The server that became ready last, as its log tells. */
function serverOf(home: string): number {
  const lines = readFileSync(join(home, "server.log"), "utf8").trim().split("\n");
  return JSON.parse(lines.findLast((line) => line.includes('"msg":"ready"')) as string).pid;
}

/** What a test looks for in an answer. */
interface Answer {
  id: string;
  status: string;
  method: string;
  payer: string;
  data: { id: string; status: string }[];
  balances: { available: number }[];
  access_token: string;
  staff: { role: string };
}

async function read({ base_url, merchant }: Credentials, path: string, token = merchant.api_key): Promise<Answer> {
  return answerOf(await fetch(base_url + path, { headers: { authorization: `Bearer ${token}` } }));
}

async function send({ base_url }: Credentials, path: string, body: unknown): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  return answerOf(await fetch(base_url + path, { method: "POST", headers, body: JSON.stringify(body) }));
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}

/** Waits until something holds; failures on the way count as not yet. */
async function eventually(holds: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  for (const deadline = performance.now() + withinMs; ; await sleep(50)) {
    try {
      if (await holds()) return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    if (performance.now() > deadline) assert.fail("it did not happen in time");
  }
}
