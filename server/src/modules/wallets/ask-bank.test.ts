import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { inTransaction } from "#kit/db.ts";
import { armFaultPoints, disarmFaultPoints } from "#kit/fault-points.ts";
import { Refused } from "#kit/idempotency.ts";
import { eventsOf } from "#kit/read-events.ts";
import { aheadOfBank, ask, bankRounds, hear, pass } from "#test/bank.ts";
import { elsewhere, eventually } from "#test/elsewhere.ts";
import { aPayer, booksBalance, ok, type Payer } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { createTopUp, createWithdrawal } from "./create-movement.ts";
import { testAccounts } from "./embedded-bank-accounts.ts";
import type { Movement } from "./movement.ts";
import { readMovements } from "./read-movements.ts";
import { readWallet } from "./read-wallet.ts";
import type { MovementStatus } from "./states.ts";

const platform = usePlatform({ ROLES: "api" });

describe("a worker that is killed", () => {
  for (const point of [
    "wallets.before_bank",
    "bank.after_books",
    "wallets.after_bank",
    "wallets.outcome_before_commit",
  ]) {
    test(`at ${point}: another one finds out from the bank, and the money moves once`, async () => {
      const payer = await aPayer(platform, { money: 1_000 });
      const given = await aheadOfBank();
      const { id } = await ok(payer.topUp(700));
      const worker = elsewhere(
        platform.databaseUrl,
        `
        const { configure } = await import("#kit/config.ts");
        configure(${JSON.stringify({ ...platform.env, FAULT_POINTS: `${point}=kill` })});
        const { askBank, embeddedBank } = await import("#modules/wallets");
        await askBank(embeddedBank());`,
      );
      await assert.rejects(worker.output);
      assert.equal(worker.process.signalCode, "SIGKILL");
      assert.equal((await ok(payer.get(`/v1/topups/${id}`))).status, "pending");
      await pass(16);
      // PostgreSQL may take a moment to notice that the worker and its locks are gone.
      await eventually(async () => {
        await ask();
        return (await ok(payer.get(`/v1/topups/${id}`))).status === "succeeded";
      });
      assert.equal(await payer.balance(), 1_700);
      assert.equal(await aheadOfBank(), given);
      await booksBalance();
    });
  }
});

const points = ["wallets.before_bank", "bank.after_books", "wallets.after_bank", "wallets.outcome_before_commit"];
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant("topUp" as const),
      account: fc.constantFrom(...Object.keys(testAccounts)),
      amount: fc.integer({ min: 1, max: 900 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant("withdraw" as const),
      account: fc.constantFrom(...Object.keys(testAccounts)),
      amount: fc.integer({ min: 1, max: 900 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom("ask" as const, "hear" as const, "both" as const) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("pass" as const), seconds: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("fail" as const), point: fc.constantFrom(...points) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Past the routes, whose access tokens end sooner than these stories. */
const actorOf = ({ id: userId }: Payer) => ({ kind: "user" as const, userId, livemode: false, sessionId: "ses_0" });

async function take(payer: Payer, wanted: Step): Promise<void> {
  switch (wanted.act) {
    case "topUp":
      await inTransaction((tx) => createTopUp(tx, actorOf(payer), { ...wanted, currency: "CNY" }));
      return;
    case "withdraw":
      // Refused when the wallet holds less: that is right as well.
      await inTransaction((tx) => createWithdrawal(tx, actorOf(payer), { ...wanted, currency: "CNY" })).catch((error) =>
        assert.ok(error instanceof Refused, error),
      );
      return;
    case "ask":
      return ask();
    case "hear":
      await hear();
      return;
    case "both":
      await Promise.all([ask(), hear(), ask()]);
      return;
    case "pass":
      return pass(wanted.seconds);
    case "fail":
      return armFaultPoints(`${wanted.point}=error`);
  }
}

test("whatever happens in whatever order, the bank's books and ours agree in the end, and so does the wallet", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const payer = await aPayer(platform, { money: 2_000 });
      const given = await aheadOfBank();
      for (const one of steps) await take(payer, one);
      disarmFaultPoints();
      for (let n = 0; n < 4; n++) {
        await pass(500);
        await bankRounds();
      }
      assert.equal(await aheadOfBank(), given);
      const all = async (type: Movement["type"]) =>
        (await readMovements(actorOf(payer), type, { limit: 100 }, (movement) => movement)).data;
      const [ups, downs] = [await all("topup"), await all("withdrawal")];
      const sum = (movements: Movement[], status: string) =>
        movements.filter((one) => one.status === status).reduce((total, { amount }) => total + amount, 0);
      const owed = ups.reduce((total, { amountOwed }) => total + amountOwed, 0);
      const [wallet] = (await readWallet(actorOf(payer))).balances;
      assert.equal(wallet?.available, 2_000 + sum(ups, "succeeded") - sum(downs, "succeeded") + owed);
      assert.equal(sum(ups, "pending") + sum(downs, "pending"), 0);
      for (const one of [...ups, ...downs]) await assertHistory(one);
      await booksBalance();
    }),
    { numRuns: 12, ...(process.env.SEED && { seed: Number(process.env.SEED) }) },
  );
});

const histories: Record<MovementStatus, string[]> = {
  pending: ["pending"],
  succeeded: ["pending", "succeeded"],
  failed: ["pending", "failed"],
  returned: ["pending", "succeeded", "returned"],
};

/** Each state was told once and in its order, and the last one told is the one that can be read. */
async function assertHistory({ id, ownerId, livemode, status }: Movement): Promise<void> {
  const events = await eventsOf({ ownerId, livemode }, id);
  const told = events
    .sort((a, b) => a.position - b.position)
    .map(({ type }) => type.slice(type.indexOf(".") + 1))
    .filter((what) => !what.startsWith("late_money"));
  assert.deepEqual(told, histories[status], id);
}
