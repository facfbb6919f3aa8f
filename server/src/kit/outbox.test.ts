import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { useDatabase } from "#test/database.ts";
import { elsewhere, eventually } from "#test/elsewhere.ts";
import { database, inTransaction, type Transaction } from "./db.ts";
import { armFaultPoints, disarmFaultPoints } from "./fault-points.ts";
import { assertFeedsRise } from "./feed.ts";
import type { Loop } from "./loop.ts";
import { caughtUp, consume, emit, type NewEvent, type StoredEvent } from "./outbox.ts";

const { url } = useDatabase({
  connections: 30,
  prepare: async () => {
    await database().query(`
      create table things (id text primary key, version integer not null default 0);
      create table noticed (consumer text, n bigint generated always as identity, event_id text, object_id text, version integer);
      create table elsewhere (n integer)`);
  },
});
afterEach(disarmFaultPoints);

const anEvent = (objectId: string, object: object | string = {}): NewEvent => ({
  ownerId: "mch_1",
  livemode: false,
  type: "thing.changed",
  objectId,
  object,
});

/** Changes a thing and says so, as a command does: under the thing's row lock. */
async function change(tx: Transaction | pg.Client, id: string): Promise<void> {
  const { rows } = await (tx as pg.Client).query(
    "insert into things (id) values ($1) on conflict (id) do update set version = things.version + 1 returning version",
    [id],
  );
  await emit(tx as Transaction, [anEvent(id, { version: rows[0].version })]);
}

/** A consumer that writes down what it saw, in the transaction that moves its cursor. */
const aConsumer = (name: string, batch = 50, beforeEach?: (events: readonly StoredEvent[]) => void): Loop =>
  consume({
    name,
    batch,
    handle: async (tx, events) => {
      beforeEach?.(events);
      await (tx as unknown as pg.Client).query(
        `insert into noticed (consumer, event_id, object_id, version)
         select $1, e->>'id', e->>'objectId', (e->'object'->>'version')::integer from json_array_elements($2::json) e`,
        [name, JSON.stringify(events)],
      );
    },
  });

async function noticed(consumer: string): Promise<{ event_id: string; object_id: string; version: number }[]> {
  return (await database().query("select * from noticed where consumer = $1 order by n", [consumer])).rows;
}

async function sawEverythingOnce(consumer: string): Promise<void> {
  assert.ok(await caughtUp(consumer, 20_000), "the consumer caught up");
  const seen = await noticed(consumer);
  const { rows } = await database().query("select id from events order by position");
  assert.deepEqual(new Set(seen.map(({ event_id }) => event_id)), new Set(rows.map(({ id }) => id)));
  assert.equal(seen.length, rows.length);
  const versions = new Map<string, number>();
  for (const { object_id, version } of seen) {
    assert.equal(version, (versions.get(object_id) ?? -1) + 1, `${object_id} in the order in which it happened`);
    versions.set(object_id, version);
  }
}

async function aClient(t: { after: (end: () => Promise<void>) => void }): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url() });
  await client.connect();
  t.after(() => client.end());
  return client;
}

test("events are one statement however many, in the order given, with the object as it was given", async () => {
  const objects = [{ note: 'quotes " \\ { } , NULL 飞钱\n' }, '{"a" :  1}', {}];
  await inTransaction(async (tx) => {
    await emit(tx, []);
    await emit(
      tx,
      objects.map((object, i) => ({ ...anEvent(`thing_${i}`, object), ...(i === 2 && { id: "evt_given" }) })),
    );
  });
  const { rows } = await database().query(
    "select id, object_id, object::text, livemode, type, owner_id, created_at from events order by position",
  );
  assert.deepEqual(
    rows.map(({ object_id, object }) => [object_id, object]),
    [
      ["thing_0", JSON.stringify(objects[0])],
      ["thing_1", '{"a" :  1}'],
      ["thing_2", "{}"],
    ],
  );
  assert.match(rows[0].id, /^evt_[0-9a-z]{26}$/);
  assert.equal(rows[2].id, "evt_given");
  await database().query("truncate events");
});

test("what is rolled back was never told", async () => {
  await assert.rejects(
    inTransaction(async (tx) => {
      await change(tx, "undone");
      throw new Error("no");
    }),
  );
  const consumer = aConsumer("rollback");
  assert.ok(await caughtUp("rollback", 5_000));
  await consumer.stop();
  assert.deepEqual(await noticed("rollback"), []);
});

test("of one thing the earlier change comes first, even when a transaction with an older id made the later one", async (t) => {
  const [early, open, late] = [await aClient(t), await aClient(t), await aClient(t)];
  const consumer = aConsumer("order");
  t.after(() => consumer.stop());
  await early.query("begin; insert into elsewhere values (1)");
  await open.query("begin; insert into elsewhere values (2)");
  await late.query("begin");
  await change(late, "ordered");
  await late.query("commit");
  await change(early, "ordered");
  await early.query("commit");
  // The third transaction lies between the two ids and still runs: the younger change may not be passed by the older one's.
  assert.equal(await caughtUp("order", 300), false);
  assert.deepEqual(await noticed("order"), []);
  await open.query("rollback");
  await sawEverythingOnce("order");
});

test("a long transaction delays events but loses none", async (t) => {
  const long = await aClient(t);
  const consumer = aConsumer("long");
  t.after(() => consumer.stop());
  await long.query("begin");
  await change(long, "slow");
  for (let i = 0; i < 20; i++) await inTransaction((tx) => change(tx, `quick_${i}`));
  assert.equal(await caughtUp("long", 200), false);
  await long.query("commit");
  await sawEverythingOnce("long");
});

test("with writers short and long, failures and lost connections, nothing is lost, doubled or out of order", {
  timeout: 60_000,
}, async () => {
  const name = "storm";
  const random = (most: number) => Math.floor(Math.random() * most);
  let writing = true;
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let i = 0; i < 60; i++) {
      await inTransaction(async (tx) => {
        // Some take their id long before they change anything.
        if (random(3) === 0) await (tx as unknown as pg.Client).query("insert into elsewhere values ($1)", [writer]);
        if (random(4) === 0) await sleep(random(25));
        await change(tx, `stormy_${random(5)}`);
        if (random(6) === 0) await sleep(random(40));
        if (random(8) === 0) throw new Error("changed its mind");
      }).catch((error) => assert.match(String(error), /changed its mind|deadlock/));
    }
  });
  let loops = [aConsumer(name, 7), aConsumer(name, 7), aConsumer(name, 7)];
  const havoc = (async () => {
    while (writing) {
      await sleep(random(60));
      armFaultPoints(`feed.${random(2) ? "before" : "after"}_handle=error`);
      if (random(3) === 0)
        await database().query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and state <> 'idle' and query like '%event_cursors%' and pid <> pg_backend_pid()`,
        );
      if (random(3) === 0) {
        const [stopped, ...others] = loops as [Loop, ...Loop[]];
        await stopped.stop();
        loops = [...others, aConsumer(name, 7)];
      }
    }
  })();
  await Promise.all(writers);
  writing = false;
  await havoc;
  disarmFaultPoints();
  await sawEverythingOnce(name);
  await Promise.all(loops.map((loop) => loop.stop()));
});

for (const point of ["feed.before_handle", "feed.after_handle"])
  test(`a process killed at ${point} leaves its batch to the next, whole`, async (t) => {
    const name = `killed ${point}`;
    await inTransaction(async (tx) => {
      for (const id of ["k1", "k2", "k3"]) await change(tx, id);
    });
    const killed = elsewhere(
      url(),
      `import { armFaultPoints } from "#kit/fault-points.ts";
       import { consume } from "#kit/outbox.ts";
       armFaultPoints("${point}=kill+1");
       consume({ name: "${name}", batch: 2, handle: async (tx, events) => {
         for (const { id, objectId, object } of events)
           await tx.query("insert into noticed (consumer, event_id, object_id, version) values ($1, $2, $3, $4)",
             ["${name}", id, objectId, object.version]);
       } });
       await new Promise((resolve) => setTimeout(resolve, 20_000));`,
    );
    await assert.rejects(killed.output);
    assert.equal(killed.process.signalCode, "SIGKILL");
    const consumer = aConsumer(name);
    t.after(() => consumer.stop());
    await sawEverythingOnce(name);
  });

test("a batch that fails is tried again, and nothing passes it", async (t) => {
  let failures = 3;
  const consumer = aConsumer("stubborn", 2, () => {
    if (failures-- > 0) throw new Error("not yet");
  });
  t.after(() => consumer.stop());
  await sawEverythingOnce("stubborn");
  assert.ok(failures < 0);
});

test("a consumer by a new name gets everything from the first event on; two names do not disturb each other", async () => {
  const consumers = ["one", "two"].map((name) => aConsumer(name));
  await sawEverythingOnce("one");
  await sawEverythingOnce("two");
  await Promise.all(consumers.map((consumer) => consumer.stop()));
});

test("stopping waits for the batch at hand and leaves the rest", async () => {
  await inTransaction((tx) =>
    emit(
      tx,
      Array.from({ length: 5 }, (_, i) => anEvent(`s_${i}`, { version: 0 })),
    ),
  );
  let batches = 0;
  const consumer: Loop = aConsumer("stopped", 1, () => {
    batches++;
  });
  await eventually(() => batches > 0);
  await consumer.stop();
  const before = (await noticed("stopped")).length;
  assert.ok(before > 0 && before <= batches);
  assert.equal(await caughtUp("stopped", 50), false);
  assert.equal((await noticed("stopped")).length, before);
});

test("a copy of the database without its sequences is refused, and says what to run", async () => {
  await assertFeedsRise();
  await database().query("select setval('events_position_seq', 1)");
  await assert.rejects(assertFeedsRise(), /stands at 1, .* run: select setval\('events_position_seq', \d+\)/);
});
