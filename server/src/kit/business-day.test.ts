import assert from "node:assert/strict";
import { test } from "node:test";
import { businessDay, endOfBusinessDay } from "./business-day.ts";

const at = (time: string): number => Date.parse(time);

test("a business day belongs to the operator's zone, not to UTC", () => {
  assert.equal(businessDay(at("2026-11-21T15:59:59.999Z"), "Asia/Shanghai"), "2026-11-21");
  assert.equal(businessDay(at("2026-11-21T16:00:00Z"), "Asia/Shanghai"), "2026-11-22");
  assert.equal(businessDay(at("2026-11-21T04:59:59Z"), "America/New_York"), "2026-11-20");
});

test("a business day ends at the next midnight of its zone", () => {
  assert.equal(
    new Date(endOfBusinessDay(at("2026-11-21T10:00:00.123Z"), "Asia/Shanghai")).toISOString(),
    "2026-11-21T16:00:00.000Z",
  );
  assert.equal(
    new Date(endOfBusinessDay(at("2026-12-31T16:00:00Z"), "Asia/Shanghai")).toISOString(),
    "2027-01-01T16:00:00.000Z",
  );
});

test("a day with a change of daylight saving time ends at its own midnight", () => {
  assert.equal(
    new Date(endOfBusinessDay(at("2026-03-29T00:30:00Z"), "Europe/Berlin")).toISOString(),
    "2026-03-29T22:00:00.000Z",
  );
  assert.equal(
    new Date(endOfBusinessDay(at("2026-10-25T00:30:00Z"), "Europe/Berlin")).toISOString(),
    "2026-10-25T23:00:00.000Z",
  );
});
