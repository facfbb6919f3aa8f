import assert from "node:assert/strict";
import { test } from "node:test";
import { config } from "#kit/config.ts";
import { database, inTransaction } from "#kit/db.ts";
import { balancesOf } from "#modules/ledger";
import { merchantAccount, platformAccount } from "#modules/merchants";
import { aShop, booksBalance, ok, type Shop, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { type RefundOutcome, settleRefund } from "./settle-refund.ts";

const platform = usePlatform();

/** A payment that came through a bank, so that its refund has to wait for the bank's word. */
async function paidByBank(shop: Shop, amount: number) {
  const payment = await shop.paid({ amount });
  await database().query("update payments set method = 'bank' where id = $1", [payment.id]);
  return payment;
}

const settle = (shop: Shop, refund: { id: string; payment: string }, outcome: RefundOutcome) =>
  inTransaction((tx) =>
    settleRefund(tx, { merchantId: shop.id, livemode: false, id: refund.id, paymentId: refund.payment }, outcome),
  );
const failed: RefundOutcome = { status: "failed", failureCode: "account_frozen" };

/** What the merchant may still give away, and what lies at the bank, in minor units. */
async function standing(shop: Shop) {
  const pending = merchantAccount(shop.id, "pending", config().currency, false);
  const bank = platformAccount("bank_clearing", config().currency, false);
  const balances = await balancesOf(database(), [pending, bank]);
  const of = (id: string) => balances.get(id) as { creditsPosted: number; debitsPosted: number; debitsPending: number };
  return { free: of(pending).creditsPosted - of(pending).debitsPosted - of(pending).debitsPending, bank: of(bank) };
}

test("a refund through the bank is pending: it counts, its money is held, and nothing has left", async () => {
  const shop = await aShop(platform);
  const payment = await paidByBank(shop, 1_000);
  const before = await standing(shop);
  const refund = await ok(shop.refund(payment, { amount: 700 }));
  assert.deepEqual([refund.status, refund.succeeded_at, refund.payment_amount_refunded], ["pending", null, 700]);
  assert.equal((await shop.get(`/v1/payments/${payment.id}`)).body.amount_refunded, 700);
  const more = await shop.refund(payment, { amount: 301 });
  assert.deepEqual([more.body.error.code, more.body.error.details], ["amount_too_large", { most: 300 }]);
  const held = await standing(shop);
  assert.equal(held.free, before.free - 700);
  assert.deepEqual(held.bank.creditsPosted, before.bank.creditsPosted);
  await booksBalance();
});

test("when the bank has paid it the held money is gone and the fee is back", async () => {
  const shop = await aShop(platform);
  const payment = await paidByBank(shop, 1_000);
  const before = await standing(shop);
  const refund = await ok(shop.refund(payment));
  await settle(shop, refund, { status: "succeeded" });
  const done = (await shop.get(`/v1/refunds/${refund.id}`)).body;
  assert.equal(done.status, "succeeded");
  assert.deepEqual(done, { ...refund, status: "succeeded", succeeded_at: done.succeeded_at });
  const after = await standing(shop);
  assert.deepEqual([after.free, after.bank.creditsPosted - before.bank.creditsPosted], [0, 1_000]);
  await booksBalance();
});

test("a definite failure gives everything back: the merchant has the money, the payment may be refunded again", async () => {
  const shop = await aShop(platform);
  const payment = await paidByBank(shop, 1_000);
  const before = await standing(shop);
  const refund = await ok(shop.refund(payment));
  await settle(shop, refund, failed);
  const after = (await shop.get(`/v1/refunds/${refund.id}`)).body;
  assert.deepEqual([after.status, after.failure.code, after.payment_amount_refunded], ["failed", "account_frozen", 0]);
  assert.equal((await shop.get(`/v1/payments/${payment.id}`)).body.amount_refunded, 0);
  assert.deepEqual(await standing(shop), before);
  const again = await ok(shop.refund(payment));
  assert.deepEqual([again.amount, again.fee_returned, again.status], [1_000, payment.fee, "pending"]);
  await settle(shop, again, { status: "succeeded" });
  await booksBalance();
});

test("its number stays the failed refund's: the same request gives that one, no second attempt", async () => {
  const shop = await aShop(platform);
  const payment = await paidByBank(shop, 1_000);
  const terms = { amount: 400, out_refund_no: "only-once" };
  const refund = await ok(shop.refund(payment, terms));
  await settle(shop, refund, failed);
  const again = await ok(shop.refund(payment, terms));
  assert.deepEqual([again.id, again.status], [refund.id, "failed"]);
});

test("contradicting answers at once: the first one counts, the others change nothing", async () => {
  const shop = await aShop(platform);
  const payment = await paidByBank(shop, 1_000);
  const refund = await ok(shop.refund(payment));
  const outcomes = await Promise.all(
    times(6, (n) => settle(shop, refund, n % 2 === 0 ? failed : { status: "succeeded" })),
  );
  const decided = outcomes.filter((outcome) => outcome !== undefined);
  assert.equal(decided.length, 1);
  const after = (await shop.get(`/v1/refunds/${refund.id}`)).body;
  assert.equal(after.status, decided[0]?.status);
  assert.equal((await standing(shop)).free, after.status === "failed" ? payment.net : 0);
  const told = (await shop.get(`/v1/events?object=${refund.id}`)).body.data.map(({ type }: { type: string }) => type);
  assert.deepEqual(told.sort(), ["refund.pending", `refund.${after.status}`].sort());
  await booksBalance();
});

test("refunds and the bank's answers to others at once: never more than the payment, and the fee exactly", async () => {
  const shop = await aShop(platform);
  const payment = await paidByBank(shop, 1_000);
  const first = await Promise.all(times(5, () => ok(shop.refund(payment, { amount: 200 }))));
  const [answers] = await Promise.all([
    Promise.all(times(8, () => shop.refund(payment, { amount: 200 }))),
    ...first.map((refund, n) => settle(shop, refund, n < 3 ? failed : { status: "succeeded" })),
  ]);
  for (const { status, body } of answers) if (status === 200) await settle(shop, body, { status: "succeeded" });
  const left = 1_000 - (await shop.get(`/v1/payments/${payment.id}`)).body.amount_refunded;
  if (left > 0) await settle(shop, await ok(shop.refund(payment)), { status: "succeeded" });
  const refunds = (await shop.get(`/v1/refunds?payment=${payment.id}&status=succeeded`)).body.data;
  const sum = (field: string) =>
    refunds.reduce((so: number, refund: Record<string, number>) => so + (refund[field] ?? 0), 0);
  assert.deepEqual([sum("amount"), sum("fee_returned")], [1_000, payment.fee]);
  assert.equal((await standing(shop)).free, 0);
  await booksBalance();
});
