import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { describeRound, describeViolations } from "./report.ts";
import { playRound } from "./round.ts";

test("a minute of every flow at once, on servers that die all the time: afterwards every promise holds", async (t) => {
  const seed = String(randomInt(1_000_000_000));
  t.diagnostic(`seed ${seed}: npm run torture -- --minutes 1 --seconds 60 --seed ${seed}`);
  await playRound({ seed, seconds: 60 }, async (round) => {
    for (const line of describeRound(round).split("\n")) t.diagnostic(line);
    assert.equal(round.violations.length, 0, `seed ${seed}\n\n${await describeViolations(round)}`);
    assert.deepEqual(round.damage.unexplained, [], "a server ended by itself");
    assert.ok(round.entries.size > 50, `only ${round.entries.size} commands`);
  });
});
