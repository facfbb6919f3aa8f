import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as later } from "node:timers/promises";
import { Turns } from "./turns.ts";

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

test("what has one key happens one after the other, in the order it came; other keys don't wait", async () => {
  const turns = new Turns({ mostWaiting: 100 });
  const running = new Map<string, number>();
  const order: number[] = [];
  let most = 0;
  const work = (key: string, n: number) => async () => {
    running.set(key, (running.get(key) ?? 0) + 1);
    assert.equal(running.get(key), 1);
    most = Math.max(
      most,
      [...running.values()].reduce((a, b) => a + b),
    );
    await later();
    if (key === "a") order.push(n);
    running.set(key, 0);
    return n;
  };
  const answers = await Promise.all(times(20, (n) => turns.take(n % 2 ? "a" : "b", work(n % 2 ? "a" : "b", n))));
  assert.deepEqual(
    answers,
    times(20, (n) => n),
  );
  assert.deepEqual(
    order,
    times(10, (n) => 2 * n + 1),
  );
  assert.equal(most, 2);
});

test("a failure is its own: the next one has its turn", async () => {
  const turns = new Turns({ mostWaiting: 100 });
  const failing = turns.take("a", () => Promise.reject(new Error("mine")));
  const next = turns.take("a", async () => "fine");
  await assert.rejects(failing, /mine/);
  assert.equal(await next, "fine");
});

test("when too many wait for a key one more is told at once, and later there is room again", async () => {
  const turns = new Turns({ mostWaiting: 2 });
  const both = times(2, () => turns.take("a", later));
  await assert.rejects(turns.take("a", later), { code: "overloaded" });
  await turns.take("b", later);
  await Promise.all(both);
  await turns.take("a", later);
});
