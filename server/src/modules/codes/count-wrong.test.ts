import assert from "node:assert/strict";
import { test } from "node:test";
import { database, inTransaction } from "#kit/db.ts";
import { ApiError } from "#kit/errors.ts";
import { newId } from "#kit/ids.ts";
import { anEnrolledDevice, enrolled, useCodes } from "#test/codes.ts";
import { advance } from "#test/people.ts";
import { assertMayScan, countWrong, type Guess } from "./count-wrong.ts";

useCodes();

const minute = 60;
const count = (guesses: readonly Guess[]) => inTransaction((tx) => countWrong(tx, guesses));
const times = (number: number, alias: number | null, subject: string): Guess[] =>
  Array.from({ length: number }, () => ({ alias, subject }));

async function countedFor(alias: number): Promise<number> {
  const { rows } = await database().query<{ counted: number }>(
    "select cardinality(wrong_at) as counted from code_aliases where alias = $1",
    [alias],
  );
  return rows[0]?.counted as number;
}

const isLocked = async (subject: string): Promise<boolean> => {
  try {
    await assertMayScan(subject);
    return false;
  } catch (error) {
    assert.ok(error instanceof ApiError && error.code === "code_scanning_locked" && error.status === 429);
    return true;
  }
};

/** Other processes hear of a lock a moment after its commit. */
async function untilLocked(subject: string): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!(await isLocked(subject))) {
    assert.ok(performance.now() < deadline, "the lock was not heard of");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("the fifth wrong code in ten minutes locks an alias, the fourth does not", async () => {
  const { alias } = await anEnrolledDevice();
  for (let i = 0; i < 4; i++) assert.deepEqual((await count(times(1, alias, newId("trm")))).aliases, []);
  assert.deepEqual((await count(times(1, alias, newId("trm")))).aliases, [alias]);
});

test("the ten minutes slide: old guesses fall out one by one", async () => {
  const { alias } = await anEnrolledDevice();
  const guess = async () => (await count(times(1, alias, newId("trm")))).aliases.length;
  for (let i = 0; i < 4; i++) {
    assert.equal(await guess(), 0);
    await advance(2 * minute);
  }
  await advance(3 * minute);
  assert.equal(await guess(), 0, "the first is eleven minutes old");
  assert.equal(await guess(), 1, "the second is nine minutes old");
});

test("while an alias is locked nothing is counted; afterwards it has five guesses again", async () => {
  const { alias } = await anEnrolledDevice();
  const subject = () => newId("trm");
  await count(times(5, alias, subject()));
  await advance(9 * minute);
  assert.deepEqual((await count(times(5, alias, subject()))).aliases, []);
  await advance(2 * minute);
  assert.deepEqual((await count(times(4, alias, subject()))).aliases, []);
  assert.deepEqual((await count(times(1, alias, subject()))).aliases, [alias]);
});

test("a batch counts exactly: each alias and subject in it by its own number", async () => {
  const [four, five, thirty] = (await enrolled(3)).map(({ alias }) => alias) as [number, number, number];
  const [calm, busy] = [newId("trm"), newId("key")];
  const guesses = [
    ...times(4, four, calm),
    ...times(5, five, busy),
    ...times(30, thirty, busy),
    ...times(15, null, calm),
  ];
  const locked = await count(guesses);
  assert.deepEqual(new Set(locked.aliases), new Set([five, thirty]));
  assert.deepEqual(locked.subjects, [busy]);
  assert.equal(await countedFor(four), 4);
});

test("forty wrong codes at once, each in a transaction of its own: five count, one locks", async () => {
  const { alias } = await anEnrolledDevice();
  const subject = newId("trm");
  const results = await Promise.all(times(40, alias, subject).map((guess) => count([guess])));
  assert.equal(results.filter(({ aliases }) => aliases.length > 0).length, 1);
  assert.equal(results.filter(({ subjects }) => subjects.length > 0).length, 1);
  assert.equal(await countedFor(alias), 5);
});

test("batches that guess at the same aliases in other orders all get through", async () => {
  const aliases = (await enrolled(60)).map(({ alias }) => alias);
  const batch = (order: number[]) => order.map((alias) => ({ alias, subject: newId("trm") }));
  await Promise.all([1, 2, 3, 4].map((i) => count(batch(i % 2 ? aliases : aliases.toReversed()))));
  for (const alias of aliases) assert.equal(await countedFor(alias), 4);
});

test("twenty wrong codes lock a terminal's scanning for ten minutes, in every process", async () => {
  const terminal = newId("trm");
  assert.equal(await isLocked(terminal), false);
  assert.deepEqual((await count(times(19, null, terminal))).subjects, []);
  assert.equal(await isLocked(terminal), false);
  assert.deepEqual((await count(times(1, null, terminal))).subjects, [terminal]);
  await untilLocked(terminal);
  assert.equal(await isLocked(newId("trm")), false);
  await advance(9 * minute);
  assert.equal(await isLocked(terminal), true);
  await advance(minute + 1);
  assert.equal(await isLocked(terminal), false);
});

test("a locked terminal is told the seconds to wait", async () => {
  const terminal = newId("trm");
  await count(times(20, null, terminal));
  await assert.rejects(
    async () => assertMayScan(terminal),
    (error: ApiError) => (error.retryAfter ?? 0) > 590 && (error.retryAfter ?? 0) <= 600,
  );
});

test("a terminal that this process knows is let through without a query", async (t) => {
  const terminal = newId("trm");
  await assertMayScan(terminal);
  const query = t.mock.method(database(), "query");
  assert.equal(assertMayScan(terminal), undefined);
  assert.equal(query.mock.callCount(), 0);
});

test("guesses at aliases that nobody has count against the terminal alone", async () => {
  const terminal = newId("trm");
  const locked = await count(times(20, 999_999_999, terminal));
  assert.deepEqual(locked, { aliases: [], subjects: [terminal] });
});
