import assert from "node:assert/strict";
import { test } from "node:test";
import { useDatabase } from "#test/database.ts";
import { eventually } from "#test/elsewhere.ts";
import { aProxy } from "#test/proxy.ts";
import { elapsed } from "./clock.ts";
import { closeDatabase, database, inTransaction, openDatabase } from "./db.ts";
import { defineJob, enqueue, startJobs } from "./jobs.ts";
import type { Loop } from "./loop.ts";

const { url } = useDatabase({ connections: 20 });

const done: unknown[] = [];
let failures = 0;
let gate = Promise.resolve();
defineJob<{ what: string }>("test.note", async ({ what }) => done.push(what));
defineJob<{ what: string }>("test.stubborn", async ({ what }) => {
  if (failures-- > 0) throw new Error("not yet");
  done.push(what);
});
defineJob<{ what: string }>("test.slow", async ({ what }) => {
  done.push(`${what} began`);
  await gate;
  done.push(`${what} ended`);
});

const inTime = (ms: number) => new Date(Date.now() + ms);
const note = (what: string, options = {}) => inTransaction((tx) => enqueue(tx, "test.note", { what }, options));
const saw = (what: string) => done.filter((one) => one === what).length;

async function running(
  t: { after: (end: () => Promise<void>) => void },
  use: (jobs: Loop) => Promise<void> = async () => {},
): Promise<void> {
  const jobs = await startJobs({ pollMs: 100 });
  t.after(() => jobs.stop());
  await use(jobs);
}

test("jobs run again when a database that was away is back, and stopping does not wait for one that stays away", async (t) => {
  const proxy = await aProxy(url());
  await closeDatabase();
  openDatabase({ url: proxy.url, connections: 20 });
  t.after(async () => {
    await closeDatabase();
    openDatabase({ url: url(), connections: 20 });
    await proxy.close();
  });
  const jobs = await startJobs({ pollMs: 100 });
  await note("before");
  await eventually(() => saw("before") === 1);
  proxy.away();
  await new Promise((resolve) => setTimeout(resolve, 500));
  proxy.back();
  await note("after");
  await eventually(() => saw("after") === 1, 15_000);
  proxy.away();
  const started = elapsed();
  await jobs.stop();
  assert.ok(elapsed() - started < 8_000);
});

test("a job runs once its transaction has committed, not before and not when it is rolled back", async (t) => {
  await running(t);
  await assert.rejects(
    inTransaction(async (tx) => {
      await enqueue(tx, "test.note", { what: "undone" });
      throw new Error("no");
    }),
  );
  await inTransaction(async (tx) => {
    await enqueue(tx, "test.note", { what: "committed" });
    await note("other");
    await eventually(() => saw("other") === 1);
    assert.equal(saw("committed"), 0);
  });
  await eventually(() => saw("committed") === 1);
  assert.equal(saw("undone"), 0);
});

test("a job waits for its time", async (t) => {
  await running(t);
  const started = elapsed();
  await note("later", { runAt: inTime(400) });
  await note("never", { runAt: inTime(3_600_000) });
  await eventually(() => saw("later") === 1);
  assert.ok(elapsed() - started >= 390);
  assert.equal(saw("never"), 0);
});

test("a later job with the same key takes the earlier one's place", async (t) => {
  await note("first", { key: "one", runAt: inTime(3_600_000) });
  await note("second", { key: "one" });
  await running(t);
  await eventually(() => saw("second") === 1);
  await eventually(
    async () => (await database().query("select from graphile_worker.jobs where key = 'one'")).rowCount === 0,
  );
  assert.equal(saw("first"), 0);
});

test("a job that fails is tried again", async (t) => {
  failures = 1;
  await running(t);
  await inTransaction((tx) => enqueue(tx, "test.stubborn", { what: "after all" }));
  await eventually(() => saw("after all") === 1, 10_000);
});

test("stopping waits for the job that runs; what is enqueued afterwards waits for the next start", async () => {
  const opening = Promise.withResolvers<void>();
  gate = opening.promise;
  const jobs = await startJobs({ pollMs: 100 });
  await inTransaction((tx) => enqueue(tx, "test.slow", { what: "job" }));
  await eventually(() => saw("job began") === 1);
  let stopped = false;
  const stopping = jobs.stop().then(() => {
    stopped = true;
  });
  await inTransaction(async () => {});
  assert.equal(stopped, false);
  opening.resolve();
  await stopping;
  await note("too late");
  assert.deepEqual([saw("job ended"), saw("too late")], [1, 0]);
});

test("what was left runs with the next start, and connections that are lost do not end it", async (t) => {
  await running(t);
  await eventually(() => saw("too late") === 1);
  await database().query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  await eventually(() =>
    note("after the loss").then(
      () => true,
      () => false,
    ),
  );
  await eventually(() => saw("after the loss") >= 1, 10_000);
});

test("two processes share the work: each job runs in one of them", async (t) => {
  await running(t);
  await running(t);
  await inTransaction(async (tx) => {
    for (let i = 0; i < 40; i++) await enqueue(tx, "test.note", { what: `shared ${i}` });
  });
  await eventually(() => Array.from({ length: 40 }, (_, i) => saw(`shared ${i}`)).every((times) => times === 1));
});

test("two jobs can't have one name", () => {
  assert.throws(() => defineJob("test.note", async () => {}), /two jobs/);
});
