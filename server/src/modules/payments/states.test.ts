import assert from "node:assert/strict";
import { test } from "node:test";
import { paymentMoves, refundMoves } from "./states.ts";

test("states only move forward: no way leads back to a state that was left", () => {
  for (const moves of [paymentMoves, refundMoves] as Record<string, readonly string[]>[]) {
    const reach = (from: string, seen = new Set<string>()): Set<string> => {
      for (const to of moves[from] ?? []) if (!seen.has(to)) reach(to, seen.add(to));
      return seen;
    };
    for (const state of Object.keys(moves)) assert.equal(reach(state).has(state), false, state);
  }
});

test("what is decided stays decided", () => {
  assert.deepEqual([paymentMoves.succeeded, paymentMoves.failed, paymentMoves.closed], [[], [], []]);
});
