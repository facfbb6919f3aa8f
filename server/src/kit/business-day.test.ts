import assert from "node:assert/strict";
import { test } from "node:test";
import { businessDay, endOfBusinessDay, localTime, startOfBusinessDay } from "./business-day.ts";

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

test("where the clock skips midnight or shows it twice, the day ends when the next one begins", () => {
  // Cairo goes from 00:00 to 01:00 on 24 April 2026, and from 24:00 back to 23:00 on 29 October.
  assert.equal(endOfBusinessDay(at("2026-04-23T10:00:00Z"), "Africa/Cairo"), at("2026-04-23T22:00:00Z"));
  assert.equal(localTime(at("2026-04-23T22:00:00Z"), "Africa/Cairo"), "2026-04-24 01:00:00");
  assert.equal(endOfBusinessDay(at("2026-10-29T10:00:00Z"), "Africa/Cairo"), at("2026-10-29T22:00:00Z"));
  assert.equal(localTime(at("2026-10-29T21:30:00Z"), "Africa/Cairo"), "2026-10-29 23:30:00");
});

test("every day of every kind of zone begins where the one before ends, and its first and last moment are its own", () => {
  const zones = [
    "Asia/Shanghai",
    "America/New_York",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Australia/Lord_Howe",
    "America/Santiago",
    "UTC",
  ];
  for (const zone of zones) {
    for (let n = 0; n < 366; n++) {
      const day = new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);
      const [start, end] = [startOfBusinessDay(day, zone), endOfBusinessDay(startOfBusinessDay(day, zone), zone)];
      assert.deepEqual([businessDay(start, zone), businessDay(end - 1, zone)], [day, day], zone);
      assert.equal(businessDay(start - 1, zone) < day, true);
      const next = new Date(Date.UTC(2026, 0, 2 + n)).toISOString().slice(0, 10);
      assert.equal(end, startOfBusinessDay(next, zone), `${day} in ${zone}`);
    }
  }
});
