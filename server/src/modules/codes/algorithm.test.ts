import assert from "node:assert/strict";
import { randomBytes, webcrypto } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import {
  codeDigits,
  codeKey,
  codesPerStep,
  findStep,
  formatCode,
  stepAt,
  stepEndsAt,
  stepIsCurrent,
  stepSeconds,
  wasCode,
} from "./algorithm.ts";
import published from "./vectors.json" with { type: "json" };

const rawKey = (base64url: string): Buffer => Buffer.from(base64url, "base64url");
const aKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const anyStep = fc.integer({ min: 0, max: 2 ** 43 });
/** A step whose time in milliseconds every computation keeps exact. */
const timedStep = fc.integer({ min: 1_000, max: 2 ** 37 });
const anyN = fc.integer({ min: 0, max: codesPerStep - 1 });

/** The format once more, from `docs/payment-codes.md` alone: WebCrypto and big integers. */
async function digitsByWebCrypto(raw: Buffer, step: number, n: number): Promise<{ digits: string; mac: string }> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await webcrypto.subtle.importKey("raw", new Uint8Array(raw), algorithm, false, ["sign"]);
  const message = Buffer.from(step.toString(16).padStart(16, "0") + n.toString(16).padStart(2, "0"), "hex");
  const mac = Buffer.from(await webcrypto.subtle.sign("HMAC", key, message)).toString("hex");
  const offset = Number.parseInt(mac.slice(-1), 16);
  const value = BigInt(`0x${mac.slice(offset * 2, offset * 2 + 8)}`) % 2n ** 31n;
  return { digits: (value % 10_000_000n).toString().padStart(7, "0"), mac };
}

test("every published vector comes out, with its expiry", () => {
  assert.ok(published.vectors.length >= 40);
  for (const { key, alias, step, n, digits, code, shown_from, expires_at } of published.vectors) {
    assert.equal(codeDigits(codeKey(rawKey(key)), step, n), digits);
    assert.equal(formatCode(published.issuer_prefix, Number(alias), codeKey(rawKey(key)), step, n), code);
    assert.equal(code.length, 18);
    assert.equal(stepAt(shown_from * 1000), step);
    assert.equal(stepEndsAt(step), expires_at * 1000);
  }
});

test("the vectors cover steps beyond 2^32, each n, each offset, and leading zeros", () => {
  const { vectors } = published;
  assert.ok(vectors.some(({ step }) => step > 2 ** 31 && step < 2 ** 32) && vectors.some(({ step }) => step > 2 ** 32));
  assert.deepEqual(new Set(vectors.map(({ n }) => n)), new Set([0, 1, 2]));
  assert.equal(new Set(vectors.map(({ offset }) => offset)).size, 16);
  assert.ok(
    vectors.some(({ digits }) => digits.startsWith("000")) && vectors.some(({ alias }) => alias.startsWith("0")),
  );
  assert.equal(new Set(vectors.map(({ key }) => key)).size, 5);
});

test("an implementation on WebCrypto gives the published codes and macs", async () => {
  for (const { key, step, n, digits, mac } of published.vectors) {
    assert.deepEqual(await digitsByWebCrypto(rawKey(key), step, n), { digits, mac });
  }
});

test("an implementation on WebCrypto agrees for any key, step and n", async () => {
  await fc.assert(
    fc.asyncProperty(aKey, anyStep, anyN, async (raw, step, n) => {
      assert.equal((await digitsByWebCrypto(raw, step, n)).digits, codeDigits(codeKey(raw), step, n));
    }),
    { numRuns: 300 },
  );
});

test("the published acceptance table holds", () => {
  for (const { key, code, at, accepted, why } of published.acceptance) {
    const match = findStep(codeKey(rawKey(key)), code.slice(11), at * 1000);
    assert.equal(match !== undefined && stepIsCurrent(match.step, at * 1000), accepted, why);
  }
});

test("a code is accepted from the start of its step to the end of the next, at no other time", () => {
  const hours = 2 * 3_600_000;
  fc.assert(
    fc.property(aKey, timedStep, anyN, fc.integer({ min: -hours, max: hours }), (raw, step, n, distanceMs) => {
      const key = codeKey(raw);
      const digits = codeDigits(key, step, n);
      const at = step * stepSeconds * 1000 + distanceMs;
      const match = findStep(key, digits, at);
      const accepted = match !== undefined && stepIsCurrent(match.step, at);
      if (distanceMs >= 0 && distanceMs < 60_000) assert.ok(accepted);
      // What is accepted at another time is another code that happens to have the same digits.
      else assert.ok(!accepted || (match.step !== step && codeDigits(key, match.step, match.n) === digits));
    }),
    { numRuns: 2_000 },
  );
});

test("a code of one step is never accepted after the next step has ended", () => {
  fc.assert(
    fc.property(timedStep, fc.nat(), (step, laterMs) => {
      assert.equal(stepIsCurrent(step, stepEndsAt(step) - 1), true);
      assert.equal(stepIsCurrent(step, stepEndsAt(step) + laterMs), false);
    }),
  );
});

test("a process whose clock is five seconds off still finds a code that is current by the judging clock", () => {
  const skew = fc.integer({ min: -5_000, max: 5_000 });
  fc.assert(
    fc.property(aKey, timedStep, anyN, fc.integer({ min: 0, max: 59_999 }), skew, (raw, step, n, ageMs, skewMs) => {
      const key = codeKey(raw);
      const match = findStep(key, codeDigits(key, step, n), step * stepSeconds * 1000 + ageMs + skewMs);
      assert.ok(match);
    }),
    { numRuns: 1_000 },
  );
});

test("a code is recognised as expired for ten minutes", () => {
  const key = codeKey(randomBytes(32));
  const step = 58_809_600;
  const digits = codeDigits(key, step, 2);
  assert.equal(wasCode(key, digits, stepEndsAt(step)), true);
  assert.equal(wasCode(key, digits, stepEndsAt(step) + 9 * 60_000), true);
  assert.equal(wasCode(key, digits, stepEndsAt(step) + 11 * 60_000), false);
});

test("a key of another length is refused", () => {
  for (const length of [0, 16, 31, 33, 64]) assert.throws(() => codeKey(randomBytes(length)), RangeError);
});
