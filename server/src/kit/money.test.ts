import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  currencies,
  divideHalfEven,
  exponentOf,
  feeOf,
  formatAmount,
  isCurrency,
  splitByLargestRemainder,
} from "./money.ts";

const amounts = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const weights = fc.array(amounts, { minLength: 1, maxLength: 40 }).filter((all) => all.some((weight) => weight > 0));

test("parts add up to the total, each within one unit of its exact share", () => {
  fc.assert(
    fc.property(amounts, weights, (total, shares) => {
      const parts = splitByLargestRemainder(total, shares);
      const sum = shares.reduce((so, weight) => so + BigInt(weight), 0n);
      assert.equal(parts.length, shares.length);
      assert.equal(
        parts.reduce((so, part) => so + part, 0),
        total,
      );
      parts.forEach((part, i) => {
        const off = BigInt(part) * sum - BigInt(total) * BigInt(shares[i] as number);
        assert.ok(off < sum && off > -sum, `part ${i} is ${part}`);
      });
    }),
  );
});

test("a bigger weight never gets a smaller part, and equal remainders favour the earlier part", () => {
  fc.assert(
    fc.property(amounts, weights, (total, shares) => {
      const parts = splitByLargestRemainder(total, shares);
      for (let i = 0; i < parts.length; i++)
        for (let j = 0; j < parts.length; j++)
          if ((shares[i] as number) > (shares[j] as number)) assert.ok((parts[i] as number) >= (parts[j] as number));
    }),
  );
  assert.deepEqual(splitByLargestRemainder(100, [1, 1, 1]), [34, 33, 33]);
  assert.deepEqual(splitByLargestRemainder(2, [0, 1, 0, 1]), [0, 1, 0, 1]);
  assert.deepEqual(splitByLargestRemainder(0, [3, 4]), [0, 0]);
});

test("what can't be split is refused: no weight, a negative or broken one, a negative total", () => {
  for (const [total, shares] of [
    [10, []],
    [10, [0, 0]],
    [10, [1, -1]],
    [10, [0.5]],
    [-1, [1]],
    [1.5, [1]],
    [2 ** 53, [1]],
  ] as const)
    assert.throws(() => splitByLargestRemainder(total, shares), RangeError);
});

test("fees round half to even", () => {
  const half = { rateBps: 5_000, fixed: 0 };
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7].map((amount) => feeOf(amount, half)),
    [0, 1, 2, 2, 2, 3, 4],
  );
  assert.equal(feeOf(1_250, { rateBps: 60, fixed: 0 }), 8, "7.5 goes up to the even 8");
  assert.equal(feeOf(1_083, { rateBps: 60, fixed: 0 }), 6, "6.498 goes down");
});

test("a fee is within half a unit of its exact value, also where the product passes 2^53", () => {
  fc.assert(
    fc.property(amounts, fc.nat({ max: 10_000 }), (amount, rateBps) => {
      const off = BigInt(feeOf(amount, { rateBps, fixed: 0 })) * 10_000n - BigInt(amount) * BigInt(rateBps);
      assert.ok(off <= 5_000n && off >= -5_000n);
    }),
  );
});

test("a plan's least and most hold after the fixed part", () => {
  assert.equal(feeOf(100, { rateBps: 60, fixed: 5, min: 10 }), 10);
  assert.equal(feeOf(1_000_000, { rateBps: 60, fixed: 5, max: 500 }), 500);
  assert.equal(feeOf(1_000_000, { rateBps: 60, fixed: 5, min: null, max: null }), 6_005);
  assert.throws(() => feeOf(1.5, { rateBps: 60, fixed: 0 }), RangeError);
  assert.throws(() => feeOf(100, { rateBps: 0.6, fixed: 0 }), RangeError);
});

test("halves go to the even integer on both sides of zero", () => {
  assert.deepEqual(
    [-5n, -3n, -1n, 1n, 3n, 5n].map((numerator) => divideHalfEven(numerator, 2n)),
    [-2, -2, 0, 0, 2, 2],
  );
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 60n), 2n ** 60n), fc.bigInt(2n ** 8n, 2n ** 20n), (numerator, denominator) => {
      const off = (BigInt(divideHalfEven(numerator, denominator)) * denominator - numerator) * 2n;
      assert.ok(off <= denominator && off >= -denominator);
    }),
  );
});

test("an amount is shown with every place of its currency, exactly", () => {
  assert.equal(formatAmount(123_450, "CNY"), "1234.50");
  assert.equal(formatAmount(5, "CNY"), "0.05");
  assert.equal(formatAmount(-5, "CNY"), "-0.05");
  assert.equal(formatAmount(0, "KWD"), "0.000");
  assert.equal(formatAmount(1_234, "JPY"), "1234");
  assert.equal(formatAmount(Number.MAX_SAFE_INTEGER, "CNY"), "90071992547409.91");
  assert.throws(() => formatAmount(1, "XXX"), RangeError);
  assert.throws(() => formatAmount(0.5, "CNY"), RangeError);
});

test("currencies are what people pay with: no metals, no test codes, each with its ISO 4217 exponent", () => {
  assert.deepEqual(["CNY", "JPY", "KWD", "XAF", "CLF"].map(exponentOf), [2, 0, 3, 0, 4]);
  assert.deepEqual(["XAU", "XTS", "XXX", "XDR", "ABC", "cny", ""].filter(isCurrency), []);
  assert.ok(currencies().length > 150);
});
