import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/elsewhere.ts";
import { elapsed } from "./clock.ts";
import { repeat } from "./loop.ts";

test("work is repeated with its pause, and at once while there is more", async () => {
  const rounds: number[] = [];
  const loop = repeat("test", 150, async () => rounds.push(elapsed()) < 3);
  await eventually(() => rounds.length >= 5);
  await loop.stop();
  const pauses = rounds.slice(1).map((at, i) => at - (rounds[i] as number));
  assert.ok((pauses[0] as number) < 100 && (pauses[1] as number) < 100, `at once: ${pauses.join()}`);
  assert.ok((pauses[2] as number) >= 149 && (pauses[3] as number) >= 149, `with a pause: ${pauses.join()}`);
});

test("a pause may change from round to round", async () => {
  const asked: number[] = [];
  const loop = repeat(
    "test",
    () => asked.push(elapsed()),
    async () => false,
  );
  await eventually(() => asked.length >= 4);
  await loop.stop();
});

test("work that fails is tried again, later each time, and is itself again once it succeeds", async () => {
  const rounds: number[] = [];
  const loop = repeat("test", 10, async () => {
    rounds.push(elapsed());
    if (rounds.length <= 3) throw new Error("not yet");
    return false;
  });
  await eventually(() => rounds.length >= 6);
  await loop.stop();
  const pauses = rounds.slice(1).map((at, i) => at - (rounds[i] as number));
  assert.ok((pauses[0] as number) >= 19 && (pauses[1] as number) >= 39 && (pauses[2] as number) >= 79, String(pauses));
});

test("stopping ends a pause at once and waits for the round that runs", async () => {
  const idle = repeat("test", 60_000, async () => false);
  const gate = Promise.withResolvers<void>();
  let ended = false;
  const busy = repeat("test", 60_000, async () => {
    await gate.promise;
    ended = true;
    return true;
  });
  await idle.stop();
  const stopping = busy.stop().then(() => ended);
  gate.resolve();
  assert.equal(await stopping, true);
});
