import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { config } from "#kit/config.ts";
import { merchantAccount, platformAccount } from "#modules/merchants";
import { aPayer, aShop, balanceOf, booksBalance, moveMoney, ok, onPlan, type Shop, times } from "#test/factories.ts";
import { type Answer, usePlatform, useSecondServer } from "#test/platform.ts";

const platform = usePlatform({ SMALL_PAYMENT_LIMIT: "1000000", DAILY_CODE_LIMIT: "2000000" });

const succeeded = ({ status }: Answer) => status === 200;
const refusedAs = ({ status, body }: Answer) => [status, body.error?.code, body.error?.param];
const account = (shop: Shop, purpose: "pending" | "available") =>
  merchantAccount(shop.id, purpose, config().currency, false);
const bank = () => platformAccount("bank_clearing", config().currency, false);

describe("refunds at once", () => {
  const second = useSecondServer(platform);
  /** Asks one process after the other, so that the database has to settle what is asked at once. */
  const refundAnywhere = (shop: Shop, n: number, payment: { id: string }, terms: Record<string, unknown> = {}) =>
    n % 2 === 0
      ? shop.refund(payment, terms)
      : second.call("POST", "/v1/refunds", {
          token: shop.key,
          body: { payment: payment.id, out_refund_no: randomUUID(), ...terms },
        });

  test("forty refunds of 100 at once on a payment of 1,000: exactly ten succeed", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 1_000 });
    const payment = await shop.paid({ amount: 1_000 }, payer);
    await shop.paid({ amount: 5_000 });
    const results = await Promise.all(times(40, (n) => refundAnywhere(shop, n, payment, { amount: 100 })));
    const done = results.filter(succeeded);
    assert.equal(done.length, 10);
    for (const late of results.filter((result) => !succeeded(result))) {
      assert.deepEqual(refusedAs(late), [400, "amount_too_large", "/amount"]);
      assert.deepEqual(late.body.error.details, { most: 0 });
    }
    assert.equal(
      done.reduce((sum, { body }) => sum + body.fee_returned, 0),
      payment.fee,
    );
    assert.equal(await payer.balance(), 1_000);
    assert.equal((await shop.get(`/v1/payments/${payment.id}`)).body.amount_refunded, 1_000);
    await booksBalance();
  });

  test("refunds of many payments at once never take more than the merchant has in all", async () => {
    const shop = await aShop(platform, await onPlan(platform, { rate_bps: 0 }));
    const payments = [];
    for (let i = 0; i < 12; i++) payments.push(await shop.paid({ amount: 1_000 }));
    await moveMoney(platform, account(shop, "pending"), bank(), 8_000);
    await moveMoney(platform, account(shop, "pending"), account(shop, "available"), 1_500);
    const results = await Promise.all(payments.map((payment, n) => refundAnywhere(shop, n, payment)));
    assert.equal(results.filter(succeeded).length, 4);
    for (const late of results.filter((result) => !succeeded(result))) {
      assert.deepEqual(refusedAs(late), [409, "merchant_balance_insufficient", null]);
      assert.deepEqual(late.body.error.details, { missing: 1_000 });
    }
    assert.deepEqual(
      [await balanceOf(platform, account(shop, "pending")), await balanceOf(platform, account(shop, "available"))],
      [0, 0],
    );
    await booksBalance();
  });

  test("refunds and new payments at once: all refunds find the money that is there", async () => {
    const shop = await aShop(platform);
    const payments = await Promise.all(times(6, () => shop.paid({ amount: 700 })));
    const answers = await Promise.all(
      payments.flatMap((payment) => [ok(shop.refund(payment)), shop.paid({ amount: 300 })]),
    );
    assert.equal(answers.length, 12);
    const earned = answers.filter(({ object }) => object === "payment").reduce((sum, { net }) => sum + net, 0);
    assert.equal(await balanceOf(platform, account(shop, "pending")), earned);
    await booksBalance();
  });

  test("one number at once on two payments: one refund, the others are told", async () => {
    const shop = await aShop(platform);
    const payments = [await shop.paid({ amount: 1_000 }), await shop.paid({ amount: 1_000 })];
    const out_refund_no = randomUUID();
    const asked = times(8, (n) =>
      refundAnywhere(shop, n >> 1, payments[n % 2] as { id: string }, { amount: 500, out_refund_no }),
    );
    const answers = await Promise.all(asked);
    const ids = new Set(answers.filter(succeeded).map(({ body }) => body.id));
    assert.equal(ids.size, 1);
    assert.equal(answers.filter(succeeded).length, 4);
    for (const late of answers.filter((answer) => !succeeded(answer))) {
      assert.deepEqual(refusedAs(late), [409, "out_refund_no_conflict", "/out_refund_no"]);
      assert.deepEqual([late.body.error.details.refund], [...ids]);
    }
    await booksBalance();
  });
});

describe("repeated refunds", () => {
  test("the same key gives the same bytes; the same number gives the same refund; money moves once", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 1_000 });
    const payment = await shop.paid({ amount: 1_000 }, payer);
    const terms = { amount: 300, out_refund_no: randomUUID() };
    const key = randomUUID();
    const first = await shop.refund(payment, terms, { key });
    const again = await shop.refund(payment, terms, { key });
    assert.deepEqual(again.body, first.body);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.deepEqual((await shop.refund(payment, terms)).body, first.body);
    assert.equal(
      (await shop.refund(payment, { ...terms, amount: 301 }, { key })).body.error.code,
      "idempotency_key_reused",
    );
    assert.equal(await payer.balance(), 300);
  });

  test("the same number with another amount, another payment, or for the rest is a conflict", async () => {
    const shop = await aShop(platform);
    const [payment, other] = [await shop.paid({ amount: 1_000 }), await shop.paid({ amount: 1_000 })];
    const out_refund_no = randomUUID();
    const refund = await ok(shop.refund(payment, { amount: 300, out_refund_no }));
    for (const answer of [
      await shop.refund(payment, { amount: 299, out_refund_no }),
      await shop.refund(payment, { out_refund_no }),
      await shop.refund(other, { amount: 300, out_refund_no }),
    ]) {
      assert.deepEqual(refusedAs(answer), [409, "out_refund_no_conflict", "/out_refund_no"]);
      assert.equal(answer.body.error.details.refund, refund.id);
    }
  });

  test("what was left is asked for again with its number, although nothing is left now", async () => {
    const shop = await aShop(platform);
    const payment = await shop.paid({ amount: 1_000 });
    const out_refund_no = randomUUID();
    const refund = await ok(shop.refund(payment, { out_refund_no }));
    assert.deepEqual(await ok(shop.refund(payment, { out_refund_no })), refund);
  });

  test("a number belongs to one merchant: another one may use it too", async () => {
    const out_refund_no = randomUUID();
    for (const shop of [await aShop(platform), await aShop(platform)]) {
      await ok(shop.refund(await shop.paid(), { out_refund_no }));
    }
  });
});
