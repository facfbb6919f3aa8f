import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { useDatabase } from "#test/database.ts";
import { elsewhere, eventually } from "#test/elsewhere.ts";
import { aMerchantToken, tokenOf, useHttp } from "#test/http.ts";
import { clockOffset, now, setClockOffset } from "./clock.ts";
import { configure } from "./config.ts";
import { openKeyring } from "./crypto.ts";
import { database, inTransaction } from "./db.ts";
import { defineJob, enqueue, startJobs } from "./jobs.ts";
import { listenForNotifications } from "./notifications.ts";
import { loadClock, testClockRoutes } from "./test-clock.ts";

const { url } = useDatabase({ prepare: () => openKeyring(randomBytes(32)) });
const server = useHttp(testClockRoutes);
const folder = mkdtempSync(join(tmpdir(), "feiqian-clock-"));
after(() => rmSync(folder, { recursive: true }));
const masterKeyFile = join(folder, "master.key");
writeFileSync(masterKeyFile, "1f".repeat(31) + "00", { mode: 0o600 });

const hour = 3_600_000;
const token = aMerchantToken();
const move = (body: object) => server.call("POST", "/v1/test_clock", { token, body });
const withClock = (on: string) =>
  configure({
    DATABASE_URL: url(),
    MASTER_KEY_FILE: masterKeyFile,
    MODE: "test",
    TEST_CLOCK: on,
    LOG_LEVEL: process.env.LOG_LEVEL,
  });
const databaseNow = async (): Promise<number> => {
  const { rows } = await database().query<{ now: Date }>("select clock_now() as now");
  return rows[0]?.now.getTime() as number;
};
const close = (one: number, other: number) => assert.ok(Math.abs(one - other) < 2_000, `${one} and ${other}`);

beforeEach(async () => {
  withClock("1");
  await database().query("update test_clock set offset_ms = 0");
  setClockOffset(0);
});

test("the clock goes forward by an interval, for the process and for SQL, before the answer", async () => {
  const before = now();
  const { status, body } = await move({ advance_ms: 2 * hour });
  assert.deepEqual([status, body.object, body.offset_ms], [200, "test_clock", 2 * hour]);
  close(now(), before + 2 * hour);
  close(Date.parse(body.now), before + 2 * hour);
  close(await databaseNow(), before + 2 * hour);
  assert.equal((await move({ advance_ms: hour })).body.offset_ms, 3 * hour);
  const read = await server.call("GET", "/v1/test_clock", { token });
  assert.deepEqual([read.status, read.body.offset_ms], [200, 3 * hour]);
});

test("the clock goes forward to a moment", async () => {
  const to = new Date(now() + 5 * hour).toISOString();
  const { body } = await move({ now: to });
  close(Date.parse(body.now), Date.parse(to));
  close(await databaseNow(), Date.parse(to));
});

test("it never goes back, nor beyond what dates can show, and takes one way of saying it", async () => {
  for (const [body, code, param] of [
    [{ advance_ms: -1 }, "parameter_invalid", "/advance_ms"],
    [{ advance_ms: 0 }, "parameter_invalid", "/advance_ms"],
    [{ advance_ms: 1.5 }, "parameter_invalid", "/advance_ms"],
    [{ advance_ms: Number.MAX_SAFE_INTEGER }, "parameter_invalid", "/advance_ms"],
    [{ advance_ms: 200 * 365 * 24 * hour }, "parameter_invalid", "/advance_ms"],
    [{ now: new Date(now() - hour).toISOString() }, "parameter_invalid", "/now"],
    [{ now: "2201-01-01T00:00:00Z" }, "parameter_invalid", "/now"],
    [{ now: "tomorrow" }, "parameter_invalid", "/now"],
    [{}, "parameter_invalid", "/"],
    [{ advance_ms: 1, now: "2199-01-01T00:00:00Z" }, "parameter_invalid", "/"],
    [{ by: 1 }, "parameter_unknown", "/by"],
  ] as const) {
    const answer = await move(body);
    assert.deepEqual(
      [answer.status, answer.body.error?.code, answer.body.error?.param],
      [400, code, param],
      JSON.stringify(body),
    );
  }
  assert.equal(clockOffset(), 0);
});

test("moving at once adds up", async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => move({ advance_ms: 1_000 })));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal((await server.call("GET", "/v1/test_clock", { token })).body.offset_ms, 10_000);
});

test("where it is switched off nobody moves or reads it, and the error says so", async () => {
  withClock("0");
  for (const method of ["GET", "POST"]) {
    const { status, body } = await server.call(method, "/v1/test_clock", {
      token,
      body: method === "POST" ? { advance_ms: 1 } : undefined,
    });
    assert.deepEqual([status, body.error.code, body.error.type], [403, "test_clock_off", "permission"]);
  }
});

test("merchants and staff may move it, users and strangers may not", async () => {
  const staff = tokenOf({
    kind: "staff",
    staffId: "stf_1",
    sessionId: "ses_1",
    role: "operator",
    permissions: new Set(),
  });
  const user = tokenOf({ kind: "user", userId: "usr_1", sessionId: "ses_1", livemode: false });
  const asking = async (by?: string) =>
    (await server.call("GET", "/v1/test_clock", by === undefined ? {} : { token: by })).status;
  assert.deepEqual([await asking(staff), await asking(user), await asking()], [200, 403, 401]);
});

test("a process that starts later, and one that runs already, go by the same time", async (t) => {
  t.after(await listenForNotifications());
  assert.equal((await move({ advance_ms: hour })).status, 200);
  const output = await elsewhere(
    url(),
    `import { clockOffset } from "#kit/clock.ts";
     import { listenForNotifications } from "#kit/notifications.ts";
     import { loadClock } from "#kit/test-clock.ts";
     await loadClock();
     console.log(clockOffset());
     const stop = await listenForNotifications();
     await inTransaction(async (tx) => {
       await tx.query("update test_clock set offset_ms = offset_ms + ${hour}");
       await tx.query("select pg_notify('feiqian', 'test_clock moved')");
     });
     for (let i = 0; i < 1000 && clockOffset() !== ${2 * hour}; i++) await new Promise((resolve) => setTimeout(resolve, 5));
     console.log(clockOffset());
     await stop();`,
  ).output;
  assert.deepEqual(output.split("\n").map(Number), [hour, 2 * hour]);
  await eventually(() => clockOffset() === 2 * hour);
});

test("jobs come due with the clock: those of the time that passed, and no others", async (t) => {
  const done: string[] = [];
  defineJob<{ what: string }>("test.due", async ({ what }) => done.push(what));
  const jobs = await startJobs({ pollMs: 50 });
  t.after(() => jobs.stop());
  await move({ advance_ms: hour });
  await inTransaction(async (tx) => {
    await enqueue(tx, "test.due", { what: "tonight" }, { runAt: new Date(now() + 8 * hour) });
    await enqueue(tx, "test.due", { what: "tomorrow" }, { runAt: new Date(now() + 24 * hour) });
    await enqueue(tx, "test.due", { what: "now" }, { runAt: new Date(now()) });
  });
  await eventually(() => done.includes("now"));
  assert.deepEqual(done, ["now"]);
  await move({ advance_ms: 9 * hour });
  await eventually(() => done.includes("tonight"));
  assert.deepEqual(done, ["now", "tonight"]);
  await move({ advance_ms: 16 * hour });
  await eventually(() => done.includes("tomorrow"));
});

test("the offset is read at the start", async () => {
  await database().query("update test_clock set offset_ms = 5000");
  await Promise.all([loadClock(), loadClock()]);
  assert.equal(clockOffset(), 5_000);
});
