import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import pg from "pg";
import { useDatabase } from "#test/database.ts";
import { eventually } from "#test/elsewhere.ts";
import { aProxy } from "#test/proxy.ts";
import {
  afterCommit,
  CommitUnknown,
  closeDatabase,
  database,
  first,
  inTransaction,
  isOutage,
  isUniqueViolation,
  openDatabase,
  plainArray,
  rowArray,
  run,
  sql,
  sqlState,
  type Transaction,
  textArray,
} from "./db.ts";

const { url } = useDatabase({
  prepare: async () => {
    await database().query("create table boxes (id text primary key, n integer not null)");
    await database().query("insert into boxes values ('a', 0), ('b', 0)");
    await database().query("create type parcel as (n bigint, label text, fragile boolean, at timestamptz)");
  },
});

const add = sql("test.add", "update boxes set n = n + 1 where id = $1");
const read = sql<{ n: number }>("test.read", "select n from boxes where id = $1");
const put = sql("test.put", "insert into boxes values ($1, 0)");
const contentOf = async (id: string) => (await first(database(), read, [id]))?.n;
const onItsOwn = (text: string) => sql(`test.${text.length}.${text.slice(0, 40)}`, text);
const pidOf = async (tx: Transaction) =>
  (await first(tx, sql<{ pid: number }>("test.pid", "select pg_backend_pid() as pid")))?.pid;
const terminate = (pid: number | undefined) => database().query("select pg_terminate_backend($1)", [pid]);

/** Opens the database by another address or with other limits until the test ends. */
async function reopen(
  t: { after: (end: () => Promise<void>) => void },
  options: Partial<Parameters<typeof openDatabase>[0]>,
) {
  await closeDatabase();
  openDatabase({ url: url(), ...options });
  t.after(async () => {
    await closeDatabase();
    openDatabase({ url: url() });
  });
}

test("what a transaction did is there after it, and nothing of it when it throws", async () => {
  await inTransaction((tx) => run(tx, put, ["kept"]));
  await assert.rejects(
    inTransaction(async (tx) => {
      await run(tx, put, ["lost"]);
      throw new Error("changed its mind");
    }),
    /changed its mind/,
  );
  assert.equal(await contentOf("kept"), 0);
  assert.equal(await contentOf("lost"), undefined);
});

test("a failure that the work swallows does not pass for a commit", async () => {
  await assert.rejects(
    inTransaction(async (tx) => {
      await run(tx, put, ["swallowed"]);
      await run(tx, put, ["a"]).catch((error) => assert.ok(isUniqueViolation(error)));
    }),
    /had failed already/,
  );
  assert.equal(await contentOf("swallowed"), undefined);
});

test("deadlocks are tried again until both sides are through", async () => {
  let both = 0;
  const meeting = Promise.withResolvers<void>();
  const crossing = (one: string, other: string) =>
    inTransaction(async (tx) => {
      await run(tx, add, [one]);
      if (++both === 2) meeting.resolve();
      await meeting.promise;
      await run(tx, add, [other]);
    });
  const before = (await contentOf("a")) as number;
  await Promise.all([crossing("a", "b"), crossing("b", "a")]);
  assert.ok(both > 2, "one of them was tried again");
  assert.equal(await contentOf("a"), before + 2);
});

test("serialization failures are tried again until every one is through", async () => {
  const before = (await contentOf("a")) as number;
  let tries = 0;
  await Promise.all(
    Array.from({ length: 4 }, () =>
      inTransaction(
        async (tx) => {
          tries++;
          await run(tx, read, ["a"]);
          await run(tx, add, ["a"]);
        },
        { isolation: "serializable" },
      ),
    ),
  );
  assert.equal(await contentOf("a"), before + 4);
  assert.ok(tries >= 4);
});

test("a conflict that stays is told after five tries", async () => {
  let tries = 0;
  await assert.rejects(
    inTransaction(async (tx) => {
      tries++;
      await run(tx, onItsOwn("do $$ begin raise exception 'again' using errcode = '40001'; end $$"));
    }),
    (error) => sqlState(error) === "40001" && isOutage(error),
  );
  assert.equal(tries, 5);
});

test("what follows a commit is done once it is certain, and not when the transaction fails", async () => {
  const done: string[] = [];
  await inTransaction(async (tx) => {
    afterCommit(tx, () => done.push("first"));
    afterCommit(tx, () => done.push("second"));
    assert.deepEqual(done, []);
  });
  assert.deepEqual(done, ["first", "second"]);
  await assert.rejects(
    inTransaction(async (tx) => {
      afterCommit(tx, () => done.push("never"));
      throw new Error("no");
    }),
  );
  await inTransaction(async () => {});
  assert.deepEqual(done, ["first", "second"]);
});

test("a backend that is ended while it commits leaves the outcome unknown, not failed", async () => {
  await database().query(`
    create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return null; end $$;
    create constraint trigger slowly after insert on boxes deferrable initially deferred
      for each row when (new.id like 'slow%') execute function slowly()`);
  let pid: number | undefined;
  const committing = inTransaction(async (tx) => {
    pid = await pidOf(tx);
    await run(tx, put, ["slow"]);
  });
  committing.catch(() => {});
  await eventually(async () => {
    const { rows } = await database().query(
      "select from pg_stat_activity where pid = $1 and query = 'commit' and wait_event = 'PgSleep'",
      [pid],
    );
    return rows.length === 1;
  });
  await terminate(pid);
  await assert.rejects(committing, CommitUnknown);
  assert.equal(await contentOf("slow"), undefined);
});

for (const [moment, outcome] of [
  ["before", undefined],
  ["after", 0],
] as const)
  test(`a connection that is lost just ${moment} the server hears the commit leaves the outcome unknown`, async (t) => {
    const proxy = await aProxy(url());
    t.after(() => proxy.close());
    await reopen(t, { url: proxy.url });
    const id = `cut ${moment}`;
    await assert.rejects(
      inTransaction(async (tx) => {
        await run(tx, put, [id]);
        proxy.cutNextCommit(moment);
      }),
      (error) => error instanceof CommitUnknown && isOutage(error),
    );
    // The pool goes on with another connection, and the outcome can be looked up.
    await eventually(async () => (await contentOf(id)) === outcome);
    await inTransaction((tx) => run(tx, add, ["a"]));
  });

test("connections that were ended while idle or in use do no harm beyond their own transaction", async () => {
  await Promise.all(Array.from({ length: 5 }, () => inTransaction(pidOf)));
  const admin = new pg.Client({ connectionString: url() });
  await admin.connect();
  const endAll = () =>
    admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
  await endAll();
  await eventually(() => database().idleCount === 0);
  assert.equal(typeof (await contentOf("a")), "number");

  const lost = inTransaction(async (tx) => {
    await run(tx, put, ["in use"]);
    await endAll();
    await run(tx, add, ["in use"]);
  });
  await assert.rejects(lost, isOutage);
  assert.equal(await contentOf("in use"), undefined);
  await admin.end();
});

test("a statement and the wait for a lock end in time, and leave the connection usable", async (t) => {
  await reopen(t, { statementTimeoutMs: 150, lockTimeoutMs: 50, connections: 2 });
  await assert.rejects(
    run(database(), onItsOwn("select pg_sleep(5)")),
    (error) => sqlState(error) === "57014" && isOutage(error),
  );
  await inTransaction(async (tx) => {
    await run(tx, add, ["a"]);
    await assert.rejects(run(database(), add, ["a"]), (error) => sqlState(error) === "55P03" && isOutage(error));
  });
  assert.equal(typeof (await contentOf("a")), "number");
});

test("a server that can't be reached is an outage, a wrong statement is not", async (t) => {
  await reopen(t, { url: "postgres://postgres@127.0.0.1:1/none" });
  await assert.rejects(contentOf("a"), isOutage);
  await assert.rejects(inTransaction(pidOf), isOutage);
  await reopen(t, {});
  await assert.rejects(run(database(), onItsOwn("select nonsense")), (error) => !isOutage(error));
  await assert.rejects(run(database(), put, ["a"]), (error) => !isOutage(error) && isUniqueViolation(error));
});

test("whole numbers arrive exactly or not at all", async () => {
  const numbers = sql<{ big: number; numeric: bigint }>(
    "test.numbers",
    "select $1::bigint as big, $2::numeric as numeric",
  );
  assert.deepEqual(await first(database(), numbers, [String(Number.MAX_SAFE_INTEGER), "90071992547409930"]), {
    big: Number.MAX_SAFE_INTEGER,
    numeric: 90071992547409930n,
  });
  await assert.rejects(first(database(), numbers, ["9007199254740992", "1"]), RangeError);
  assert.equal(typeof (await contentOf("a")), "number");
});

test("array literals carry any text and null to the server and back", async () => {
  const echo = sql<{ texts: (string | null)[] }>("test.texts", "select $1::text[] as texts");
  const text = fc.string({ unit: "grapheme" }).map((any) => any.replaceAll("\0", ""));
  const odd = fc.constantFrom("NULL", "null", "", " ", "{}", '"', "\\", "a,b", "\n", "飞钱");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(text, odd, fc.constant(null))), async (texts) => {
      assert.deepEqual((await first(database(), echo, [textArray(texts)]))?.texts, texts);
    }),
  );
  assert.deepEqual((await first(database(), echo, [plainArray(["a", null, "b_1"])]))?.texts, ["a", null, "b_1"]);
  assert.equal(plainArray([1, true, null]), "{1,true,NULL}");
});

test("rows arrive as one array with every text, number, time and nothing as it was", async () => {
  const echo = sql<{ rows: unknown[][] }>(
    "test.echo_rows",
    "select array_agg(json_build_array(p.n::text, p.label, p.fragile, p.at)) as rows from unnest($1::parcel[]) p",
  );
  const text = fc.string({ unit: "grapheme" }).filter((it) => !it.includes("\u0000"));
  const odd = fc.constantFrom("NULL", "", " ", "{}", "()", '"', "\\", '\\"', "a,b", "\n", "飞钱", "O'Neil");
  const label = fc.oneof(text, odd, fc.constant(null));
  const row = fc.tuple(fc.oneof(fc.maxSafeInteger(), fc.constant(null)), label, fc.boolean());
  const at = new Date("2026-11-21T08:00:00.123Z");
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1 }), async (rows) => {
      const [echoed] = await run(database(), echo, [rowArray(rows, (it) => [...it, at])]);
      const expected = rows.map(([n, ...rest]) => [n === null ? null : String(n), ...rest]);
      assert.deepEqual(
        echoed?.rows.map((it) => it.slice(0, 3)),
        expected,
      );
      for (const it of echoed?.rows ?? []) assert.equal(new Date(it[3] as string).getTime(), at.getTime());
    }),
  );
  assert.equal(
    rowArray([], () => []),
    "{}",
  );
});
