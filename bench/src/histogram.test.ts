import assert from "node:assert/strict";
import { test } from "node:test";
import { Histogram } from "./histogram.ts";

test("every percentile is at or above the true one, by less than one percent", () => {
  const histogram = new Histogram();
  const values = Array.from({ length: 20_000 }, (_, i) => Math.floor(1.0006 ** i) + (i % 97));
  for (const value of values) histogram.record(value);
  values.sort((a, b) => a - b);
  for (const share of [0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1]) {
    const exact = values[Math.ceil(values.length * share) - 1] as number;
    const told = histogram.percentile(share);
    assert.ok(told >= exact && told <= exact * 1.01, `${share}: ${told} for ${exact}`);
  }
  assert.equal(histogram.total, values.length);
  assert.equal(histogram.mostUs, values.at(-1));
});

test("values below 256 µs are kept exactly, odd ones are kept within the range", () => {
  const histogram = new Histogram();
  for (const value of [0, 1, 255, 256, -3, 2 ** 40]) histogram.record(value);
  assert.deepEqual(
    histogram.toJSON().map(([us, count]) => `${us}×${count}`),
    ["0×2", "1×1", "255×1", "257×1", `${2 ** 31 - 1}×1`],
  );
});

test("what travelled between processes counts the same", () => {
  const here = new Histogram();
  for (let us = 1; us < 1e6; us *= 1.1) here.record(us);
  const there = new Histogram(structuredClone(here.counts), here.mostUs);
  assert.equal(there.total, here.total);
  assert.equal(there.percentile(0.99), here.percentile(0.99));
});
