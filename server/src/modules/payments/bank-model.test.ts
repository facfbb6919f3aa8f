import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { database } from "#kit/db.ts";
import { armFaultPoints, disarmFaultPoints } from "#kit/fault-points.ts";
import { aheadOfBank, ask, bankRounds, hear, pass } from "#test/bank.ts";
import { aShop, booksBalance, ok, type Shop } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { attemptsAt } from "./attempts-sql.ts";
import { expirePayments } from "./expire-payments.ts";

const platform = usePlatform({ ROLES: "api" });

const accounts = [
  "ba_test_ok",
  "ba_test_late",
  "ba_test_refused",
  "ba_test_late_refused",
  "ba_test_returned",
  "ba_test_lost_answer",
  "ba_test_late_money",
  "ba_test_late_payout",
];
const points = ["wallets.before_bank", "bank.after_books", "wallets.after_bank", "wallets.outcome_before_commit"];
/** Which of three orders. */
const n = fc.integer({ min: 0, max: 2 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant("pay" as const), n, source: fc.constantFrom(...accounts) }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant("refund" as const), n, amount: fc.integer({ min: 1, max: 700 }) }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom("close" as const, "query" as const), n }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom("ask" as const, "hear" as const, "all" as const), n }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("pass" as const), seconds: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("fail" as const), point: fc.constantFrom(...points) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Ordered {
  id: string;
  payment_key: string;
}

/** What is refused here is refused rightly: what must hold is looked at in the end. */
async function take(shop: Shop, orders: readonly Ordered[], wanted: Step): Promise<void> {
  const order = "n" in wanted ? (orders[wanted.n] as Ordered) : undefined;
  const asked = async (path: string, body?: object) => {
    const { status, body: said } = await platform.call("POST", path, { token: shop.key, body });
    assert.ok(status < 500, JSON.stringify(said));
  };
  switch (wanted.act) {
    case "pay": {
      const body = { payment_key: order?.payment_key, method: "bank", source: wanted.source };
      const { status, body: said } = await platform.call("POST", `/v1/payments/${order?.id}/confirm`, { body });
      assert.ok(status < 500, JSON.stringify(said));
      return;
    }
    case "refund":
      return asked("/v1/refunds", { payment: order?.id, amount: wanted.amount, out_refund_no: randomUUID() });
    case "close":
    case "query":
      return asked(`/v1/payments/${order?.id}/${wanted.act}`);
    case "ask":
      return ask();
    case "hear":
      await hear();
      return;
    case "all":
      await Promise.all([ask(), hear(), asked(`/v1/payments/${order?.id}/close`), ask()]);
      return;
    case "pass":
      return pass(wanted.seconds);
    case "fail":
      return armFaultPoints(`${wanted.point}=error`);
  }
}

test("whatever happens in whatever order, each order is paid at most once, and both books agree in the end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 30 }), async (steps) => {
      const shop = await aShop(platform);
      const given = await aheadOfBank();
      const orders: Ordered[] = [];
      for (let i = 0; i < 3; i++) orders.push(await ok(shop.order({ amount: 1_000 })));
      for (const one of steps) await take(shop, orders, one);
      disarmFaultPoints();
      for (let round = 0; round < 5; round++) {
        await pass(500);
        await bankRounds();
        await expirePayments();
      }
      assert.equal(await aheadOfBank(), given, "our books and the bank's");
      for (const { id } of orders) await assertOneStory(shop, id);
      await booksBalance();
    }),
    { numRuns: 10, ...(process.env.SEED && { seed: Number(process.env.SEED) }) },
  );
});

/** Paid by one attempt or closed, refunded by no more than came, and each state told once. */
async function assertOneStory(shop: Shop, id: string): Promise<void> {
  const payment = await ok(shop.get(`/v1/payments/${id}?expand[]=events&expand[]=refunds`));
  const attempts = await attemptsAt(database(), { merchantId: shop.id, livemode: false, id });
  const paying = attempts.filter(({ status }) => status === "succeeded").length;
  assert.equal(attempts.filter(({ status }) => status === "pending").length, 0, `${id} has an open attempt`);
  assert.deepEqual([payment.status, paying], paying === 1 ? ["succeeded", 1] : ["closed", 0], id);
  const refunded = payment.refunds.filter(({ status }: { status: string }) => status === "succeeded");
  assert.ok(
    payment.refunds.every(({ status }: { status: string }) => status !== "pending"),
    `${id} has an open refund`,
  );
  const sum = refunded.reduce((total: number, { amount }: { amount: number }) => total + amount, 0);
  assert.deepEqual([payment.amount_refunded, sum <= payment.amount_captured], [sum, true], id);
  const states = payment.events
    .map(({ type }: { type: string }) => type)
    .filter((type: string) => /^payment\.(requires_payment|succeeded|closed|failed|processing)$/.test(type));
  assert.deepEqual(states, ["payment.requires_payment", `payment.${payment.status}`], id);
}
