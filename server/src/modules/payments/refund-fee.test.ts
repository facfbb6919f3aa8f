import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { feeToReturn } from "./refund-fee.ts";

const most = Number.MAX_SAFE_INTEGER;
const aPayment = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: most })),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([amountCaptured, share]) => ({ amountCaptured, fee: Math.floor(amountCaptured * share) }));
/** Part of what is left, and whether that refund fails in the end, at once or after the next one. */
const steps = fc.array(
  fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), fails: fc.constantFrom("no", "now", "later") }),
  { maxLength: 30 },
);

test("part refunds give back the whole fee, no more and no less, whatever failed on the way", () => {
  fc.assert(
    fc.property(aPayment, steps, (payment, planned) => {
      const state = { ...payment, amountRefunded: 0, feeReturned: 0 };
      let late: { amount: number; fee: number }[] = [];
      const give = (amount: number) => {
        const fee = feeToReturn(state, amount);
        assert.ok(fee >= 0 && Number.isSafeInteger(fee));
        state.amountRefunded += amount;
        state.feeReturned += fee;
        assert.ok(state.feeReturned <= state.fee);
        return { amount, fee };
      };
      const takeBack = ({ amount, fee }: { amount: number; fee: number }) => {
        state.amountRefunded -= amount;
        state.feeReturned -= fee;
      };
      for (const { share, fails } of planned) {
        const left = state.amountCaptured - state.amountRefunded;
        if (left === 0) break;
        const done = give(Math.min(left, Math.floor(left * share) + 1));
        for (const before of late) takeBack(before);
        late = [];
        if (fails === "now") takeBack(done);
        if (fails === "later") late.push(done);
      }
      for (const before of late) takeBack(before);
      const left = state.amountCaptured - state.amountRefunded;
      if (left > 0) give(left);
      assert.equal(state.feeReturned, state.fee);
    }),
  );
});

test("each part gives back its share of the fee, to one unit", () => {
  fc.assert(
    fc.property(aPayment, fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 10 }), (payment, amounts) => {
      const state = { ...payment, amountRefunded: 0, feeReturned: 0 };
      for (const amount of amounts) {
        if (state.amountRefunded + amount > state.amountCaptured) break;
        const fee = feeToReturn(state, amount);
        assert.ok(Math.abs(fee - (state.fee * amount) / state.amountCaptured) <= 1 + 1e-6);
        state.amountRefunded += amount;
        state.feeReturned += fee;
      }
    }),
  );
});
