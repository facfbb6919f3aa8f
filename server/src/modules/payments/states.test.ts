import assert from "node:assert/strict";
import { test } from "node:test";
import { paymentMoves } from "./states.ts";

test("states only move forward: no way leads back to a state that was left", () => {
  const reach = (from: string, seen = new Set<string>()): Set<string> => {
    for (const to of paymentMoves[from as keyof typeof paymentMoves]) if (!seen.has(to)) reach(to, seen.add(to));
    return seen;
  };
  for (const state of Object.keys(paymentMoves)) assert.equal(reach(state).has(state), false, state);
});

test("what is decided stays decided", () => {
  assert.deepEqual([paymentMoves.succeeded, paymentMoves.failed, paymentMoves.closed], [[], [], []]);
});
