import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OutgoingRefused } from "#kit/outgoing.ts";
import { judgeAnswer, judgeFailure, retryAfterMs } from "./judge-attempt.ts";

const nowMs = Date.UTC(2026, 10, 21, 8);
const judge = (status: number, headers: Record<string, string> = {}, attempts = 0) =>
  judgeAnswer({ status, headers, body: "said" }, attempts, nowMs);

describe("an answer", () => {
  test("of 2xx is a success, any other a failure; 410 is the end", () => {
    for (const status of [200, 201, 202, 204, 299])
      assert.deepEqual([judge(status).status, judge(status).error], ["succeeded", null], String(status));
    for (const status of [100, 301, 302, 307, 400, 401, 404, 409, 429, 500, 502, 503, 504])
      assert.deepEqual([judge(status).status, judge(status).error], ["pending", "status"], String(status));
    const gone = judge(410);
    assert.deepEqual([gone.status, gone.gone, gone.waitMs], ["failed", true, null]);
  });

  test("puts off by Retry-After, in seconds or as a date, with 429 and 503 only, never nearer than the schedule nor past a day", () => {
    const hour = 3_600_000;
    const at = new Date(nowMs + hour).toUTCString();
    const table: [status: number, header: string, attempts: number, leastMs: number][] = [
      [429, "3600", 0, hour],
      [503, "3600", 0, hour],
      [503, at, 0, hour],
      [500, "3600", 0, 5_000],
      [429, "1", 4, 5 * hour],
      [429, "99999999", 0, 24 * hour],
      [429, "soon", 0, 5_000],
      [429, "-5", 0, 5_000],
      [429, new Date(nowMs - hour).toUTCString(), 0, 5_000],
    ];
    for (const [status, header, attempts, leastMs] of table) {
      const { waitMs } = judge(status, { "retry-after": header }, attempts);
      assert.ok(waitMs !== null && waitMs >= leastMs && waitMs <= leastMs * 1.1, `${status} ${header}: ${waitMs}`);
    }
  });

  test("is shown by its first kilobyte, without what can't be kept", () => {
    const shown = (body: string) => judgeAnswer({ status: 200, headers: {}, body }, 0, nowMs).excerpt;
    assert.equal(shown("a\u0000b"), "ab");
    assert.equal(shown("x".repeat(2_000)), "x".repeat(1_024));
    assert.equal(shown("钱".repeat(2_000)), "钱".repeat(341));
    assert.equal(shown(""), "");
  });
});

describe("no answer", () => {
  test("says why", () => {
    const named = (error: object) => judgeFailure(error, 0).error;
    assert.equal(named(new DOMException("late", "TimeoutError")), "timeout");
    assert.equal(named(Object.assign(new Error("x"), { code: "UND_ERR_CONNECT_TIMEOUT" })), "timeout");
    assert.equal(named(Object.assign(new Error("x"), { code: "ECONNREFUSED" })), "connection_failed");
    assert.equal(named(Object.assign(new Error("x"), { code: "ENOTFOUND" })), "connection_failed");
    assert.equal(named(new OutgoingRefused("private")), "address_refused");
  });

  test("leads to ten attempts within some three days, each with a jitter of its own", () => {
    const total = retryAfterMs.reduce((sum, ms) => sum + ms, 0);
    assert.equal(total, ((75 * 60 + 35) * 60 + 5) * 1_000);
    const waits = Array.from({ length: 50 }, () => judgeFailure(new Error("x"), 1).waitMs);
    assert.ok(new Set(waits).size > 10);
    assert.deepEqual(
      [judgeFailure(new Error("x"), 8).status, judgeFailure(new Error("x"), 9).status],
      ["pending", "failed"],
    );
  });
});
