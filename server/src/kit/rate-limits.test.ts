import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { moveClock, useDatabase } from "#test/database.ts";
import { openKeyring } from "./crypto.ts";
import { database } from "./db.ts";
import { type Policies, parsePolicies, presetText } from "./rate-limit-policies.ts";
import { RateLimits } from "./rate-limits.ts";
import { purgeRateLimits } from "./rate-limits-sql.ts";

useDatabase({ prepare: () => openKeyring(randomBytes(32)) });

const policies = (text: string): Policies => parsePolicies(text);
const rows = async () => (await database().query("select level from rate_limits")).rows as { level: number }[];

/** Asks so often, one after the other; gives how often there was room. */
async function ask(limits: RateLimits, subject: string, times: number): Promise<number> {
  let taken = 0;
  for (let i = 0; i < times; i++) {
    const bucket = limits.bucket("users", subject);
    assert.ok(bucket);
    if (await limits.take(bucket)) taken++;
  }
  return taken;
}

test("the quota goes in at once, then what has leaked out: whoever waits has it whole again", async () => {
  const limits = new RateLimits(policies("users=80/3600"));
  assert.equal(await ask(limits, "ann", 100), 80);
  assert.equal(await ask(limits, "bo", 1), 1);
  await moveClock(450);
  assert.equal(await ask(limits, "ann", 100), 10);
  await moveClock(7_200);
  assert.equal(await ask(limits, "ann", 100), 80);
});

test("processes share a quota: together they let in no more than an eighth for each other above it", async () => {
  const processes = [1, 2, 3, 4].map(() => new RateLimits(policies("users=160/3600")));
  const taken = await Promise.all(processes.map((limits) => ask(limits, "carl", 160)));
  const all = taken.reduce((sum, n) => sum + n, 0);
  assert.ok(all >= 160 && all <= 160 + 3 * 20, `${all} let in by ${taken.join(" + ")}`);
  assert.equal((await ask(new RateLimits(policies("users=160/3600")), "carl", 100)) <= 20, true);
});

test("a thousand requests at once of one subject wait for one answer, and the quota holds", async () => {
  const limits = new RateLimits(policies("users=400/3600"));
  const asked = Array.from({ length: 1_000 }, async () => limits.take(limits.bucket("users", "dora") as never));
  const taken = (await Promise.all(asked)).filter(Boolean).length;
  assert.equal(taken, 400);
});

test("several processes that each stay below the rate are limited by their sum", async () => {
  const processes = [1, 2, 3].map(() => new RateLimits(policies("users=100/1000")));
  let taken = 0;
  // A tenth of a request leaks out a second; each process sees 0.8 of that.
  for (let round = 0; round < 100; round++) {
    await moveClock(100);
    for (const limits of processes) taken += await ask(limits, "emil", 8);
    for (const limits of processes) await limits.tell();
  }
  const leaked = 100 * 10;
  assert.ok(taken >= leaked && taken <= leaked + 100 + 3 * 12, `${taken} of ${100 * 3 * 8} let in`);
});

test("who asks little costs no query and no row", async () => {
  await database().query("delete from rate_limits");
  const limits = new RateLimits(policies("users=1600/60"));
  for (let i = 0; i < 500; i++) assert.equal(limits.take(limits.bucket("users", `user ${i}`) as never), true);
  assert.equal(await ask(limits, "busy", 99), 99);
  await limits.tell();
  assert.deepEqual(await rows(), []);
  assert.equal(await ask(limits, "busy", 1), 1);
  await limits.tell();
  assert.deepEqual(await rows(), [{ level: 100 }]);
});

test("while the database does not take it each process counts alone, and none waits or lets more in than its quota", async () => {
  await database().query("alter table rate_limits rename to hidden");
  const limits = new RateLimits(policies("users=80/3600"));
  assert.equal(await ask(limits, "frida", 200), 80);
  await database().query("alter table hidden rename to rate_limits");
  await moveClock(2);
  assert.equal(await ask(limits, "frida", 1), 0);
});

test("a limit that is off counts nothing; subjects of different limits do not meet", async () => {
  const limits = new RateLimits(policies("users=off,staff=1/3600,reads=1/3600"));
  assert.equal(limits.bucket("users", "gina"), undefined);
  for (const name of ["staff", "reads"] as const) {
    assert.equal(await limits.take(limits.bucket(name, "gina") as never), true);
    assert.equal(await limits.take(limits.bucket(name, "gina") as never), false);
  }
});

test("a flood of subjects pushes out the oldest of its own limit alone", async () => {
  const limits = new RateLimits(policies("users=1/3600,staff=1/3600"));
  for (const name of ["users", "staff"] as const) await limits.take(limits.bucket(name, "hugo") as never);
  for (let i = 0; i < 10_000; i++) limits.bucket("users", `flood ${i}`);
  assert.equal(limits.bucket("users", "hugo")?.level, 0);
  assert.equal(Math.round(limits.bucket("staff", "hugo")?.level ?? 0), 1);
});

test("what nobody added to for an hour is forgotten; names are keyed digests", async () => {
  const buckets = async () =>
    (await database().query("select bucket from rate_limits")).rows.map(({ bucket }) => bucket);
  const before = await buckets();
  const limits = new RateLimits(policies("users=10/3600"));
  await ask(limits, "203.0.113.9", 5);
  await limits.tell();
  const [told] = (await buckets()).filter((bucket) => !before.includes(bucket));
  const { rows: written } = await database().query("select * from rate_limits where bucket = $1", [told]);
  assert.equal(written.length, 1);
  assert.doesNotMatch(JSON.stringify(written), /203\.0\.113|users/);
  await moveClock(3_500);
  await purgeRateLimits();
  assert.ok((await buckets()).includes(told));
  await moveClock(200);
  await purgeRateLimits();
  assert.ok(!(await buckets()).includes(told));
});

test("RATE_LIMITS overrides the presets by name; what is wrong in it is named", () => {
  assert.deepEqual(parsePolicies(presetText), parsePolicies(""));
  const { users, staff, reads } = parsePolicies(" users=5/10 , staff=off");
  assert.deepEqual([users, staff, reads], [{ quota: 5, seconds: 10 }, null, parsePolicies("").reads]);
  for (const wrong of [
    "user=1/1",
    "users=1",
    "users=0/1",
    "users=1/0",
    "users=1/3601",
    "users=-1/1",
    "toString=1/1",
    "off",
  ])
    assert.throws(() => parsePolicies(wrong), new RegExp(wrong.replace(/\W/g, "\\$&")));
});
