import assert from "node:assert/strict";
import { test } from "node:test";
import { useDatabase } from "#test/database.ts";
import { elsewhere, eventually } from "#test/elsewhere.ts";
import { Cache, type CacheOptions, invalidate } from "./cache.ts";
import { database, inTransaction } from "./db.ts";
import { listenForNotifications } from "./notifications.ts";

const { url } = useDatabase();
let made = 0;

/** A cache over a map that stands for the database, and what it loaded. */
function aCache(options: Partial<CacheOptions<string, string>> = {}, truth = new Map<string, string>()) {
  const loaded: string[] = [];
  const name = `cache_${++made}`;
  const load = async (key: string) => {
    loaded.push(key);
    return truth.get(key);
  };
  return { cache: new Cache<string, string>({ name, max: 100, ttlMs: 60_000, load, ...options }), truth, loaded, name };
}

test("a hit is synchronous, a miss is loaded once however many ask at the same time", async () => {
  const { cache, truth, loaded } = aCache();
  truth.set("a", "1");
  assert.deepEqual(await Promise.all([cache.get("a"), cache.get("a"), cache.get("a")]), ["1", "1", "1"]);
  assert.deepEqual(loaded, ["a"]);
  assert.equal(cache.get("a"), "1");
  assert.deepEqual(loaded, ["a"]);
});

test("what is not there is believed for a moment, not loaded by every request", async () => {
  const { cache, loaded } = aCache();
  assert.equal(await cache.get("nobody"), undefined);
  assert.equal(cache.get("nobody"), undefined);
  assert.deepEqual(loaded, ["nobody"]);
});

test("an entry is loaded again after its time", async () => {
  const { cache, truth, loaded } = aCache({ ttlMs: 1 });
  truth.set("a", "1");
  await cache.get("a");
  truth.set("a", "2");
  await eventually(async () => (await cache.get("a")) === "2");
  assert.ok(loaded.length >= 2);
});

test("over its bound the least recently used entry goes, and guessing at keys pushes nothing out", async () => {
  const { cache, truth, loaded } = aCache({ max: 3 });
  for (const key of ["a", "b", "c", "d"]) truth.set(key, key);
  for (const key of ["a", "b", "c"]) await cache.get(key);
  await cache.get("a");
  for (let guess = 0; guess < 50; guess++) await cache.get(`guess ${guess}`);
  await cache.get("d");
  loaded.length = 0;
  assert.deepEqual(
    ["a", "c", "d"].map((key) => cache.get(key)),
    ["a", "c", "d"],
  );
  await cache.get("b");
  assert.deepEqual(loaded, ["b"]);
});

test("a failure to load reaches everyone who waits, and is not kept", async () => {
  let failing = true;
  const { cache } = aCache({
    load: async () => {
      if (failing) throw new Error("away");
      return "back";
    },
  });
  const failed = await Promise.allSettled([cache.get("a"), cache.get("a")]);
  assert.deepEqual(
    failed.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  failing = false;
  assert.equal(await cache.get("a"), "back");
});

test("what was being loaded while it changed is not kept", async () => {
  const answers: ((value: string) => void)[] = [];
  const { cache } = aCache({ load: () => new Promise((resolve) => answers.push(resolve)) });
  const before = cache.get("a");
  cache.forget("a");
  const after = cache.get("a");
  answers[1]?.("new");
  assert.equal(await after, "new");
  answers[0]?.("old");
  assert.equal(await before, "old");
  assert.equal(cache.get("a"), "new");
});

test("an invalidation is seen in the own process as soon as its commit is answered, and not when it is rolled back", async () => {
  const { cache, truth, name } = aCache();
  truth.set("a", "1");
  await cache.get("a");
  truth.set("a", "2");
  await assert.rejects(
    inTransaction(async (tx) => {
      await invalidate(tx, name, "a");
      throw new Error("rolled back");
    }),
  );
  assert.equal(cache.get("a"), "1");
  await inTransaction((tx) => invalidate(tx, name, "a"));
  assert.equal(await cache.get("a"), "2");
});

test("an invalidation by another process arrives, for its key and its cache alone", async (t) => {
  t.after(await listenForNotifications());
  const { cache, truth, name, loaded } = aCache();
  const other = aCache();
  truth.set("key with blanks", "1").set("b", "1");
  other.truth.set("key with blanks", "1");
  await Promise.all([cache.get("key with blanks"), cache.get("b"), other.cache.get("key with blanks")]);
  truth.set("key with blanks", "2").set("b", "2");
  other.truth.set("key with blanks", "2");
  await elsewhere(
    url(),
    `import { invalidate } from "#kit/cache.ts";
     await inTransaction((tx) => invalidate(tx, "${name}", "key with blanks"));`,
  ).output;
  await eventually(async () => (await cache.get("key with blanks")) === "2");
  assert.equal(cache.get("b"), "1");
  assert.equal(other.cache.get("key with blanks"), "1");
  assert.deepEqual(loaded, ["key with blanks", "b", "key with blanks"]);
});

test("when the listening connection was lost it comes back by itself, and everything is read anew", async (t) => {
  t.after(await listenForNotifications());
  const { cache, truth, name } = aCache();
  truth.set("a", "1");
  await cache.get("a");
  truth.set("a", "2");
  await database().query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'",
  );
  await eventually(async () => (await cache.get("a")) === "2");
  truth.set("a", "3");
  await eventually(async () => {
    await elsewhereInvalidates(name, "a");
    return (await cache.get("a")) === "3";
  });
});

/** As another process would: without the own process's immediate forgetting. */
const elsewhereInvalidates = (name: string, key: string) =>
  database().query("select pg_notify('feiqian', $1)", [`cache ${name} ${key}`]);

test("two caches can't have one name", () => {
  const { name } = aCache();
  assert.throws(() => aCache({ name }), /two caches/);
});
