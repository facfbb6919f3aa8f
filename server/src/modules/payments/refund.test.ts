import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { config } from "#kit/config.ts";
import { merchantAccount, platformAccount } from "#modules/merchants";
import {
  aPayer,
  aShop,
  balanceOf,
  booksBalance,
  byTwo,
  moveMoney,
  ok,
  onPlan,
  type Shop,
  times,
} from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";

const platform = usePlatform({ SMALL_PAYMENT_LIMIT: "1000000", DAILY_CODE_LIMIT: "2000000" });

const refusedAs = ({ status, body }: Answer) => [status, body.error?.code, body.error?.param];
const account = (shop: Shop, purpose: "pending" | "available" | "debt") =>
  merchantAccount(shop.id, purpose, config().currency, false);
const bank = () => platformAccount("bank_clearing", config().currency, false);

describe("refund", () => {
  test("without an amount everything goes back: the payer's money, the fee, and the payment says so", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 10_000 });
    const payment = await shop.paid({ amount: 5_000, subject: "Tea" }, payer);
    const terms = { reason: "不合适", metadata: { ticket: "7" }, out_refund_no: `r-${randomUUID()}` };
    const refund = await ok(shop.refund(payment, terms));
    assert.deepEqual(
      [refund.object, refund.status, refund.amount, refund.fee_returned, refund.total, refund.payment],
      ["refund", "succeeded", 5_000, 30, 5_000, payment.id],
    );
    assert.deepEqual([refund.reason, refund.metadata, refund.out_refund_no], Object.values(terms));
    assert.deepEqual([refund.payment_amount_refunded, refund.failure, refund.livemode], [5_000, null, false]);
    assert.deepEqual(refund.created_at, refund.succeeded_at);
    assert.equal(await payer.balance(), 10_000);
    assert.deepEqual(
      [await balanceOf(platform, account(shop, "pending")), await balanceOf(platform, account(shop, "debt"))],
      [0, 0],
    );
    const after = (await shop.get(`/v1/payments/${payment.id}`)).body;
    assert.deepEqual(after, { ...payment, amount_refunded: 5_000 });
    assert.deepEqual((await shop.get(`/v1/refunds/${refund.id}`)).body, refund);
    await booksBalance();
  });

  test("parts go back until nothing is left; the fee goes back in all to the last unit", async () => {
    const shop = await aShop(platform);
    const payment = await shop.paid({ amount: 1_250 });
    const parts = [];
    for (const amount of [1, 417, 416, 250]) parts.push(await ok(shop.refund(payment, { amount })));
    parts.push(await ok(shop.refund(payment)));
    assert.equal(parts.at(-1)?.amount, 166);
    assert.deepEqual(
      parts.map((part) => part.payment_amount_refunded),
      [1, 418, 834, 1_084, 1_250],
    );
    assert.equal(
      parts.reduce((sum, part) => sum + part.fee_returned, 0),
      payment.fee,
    );
    assert.deepEqual(refusedAs(await shop.refund(payment)), [409, "payment_refunded", "/payment"]);
    assert.deepEqual(refusedAs(await shop.refund(payment, { amount: 1 })), [400, "amount_too_large", "/amount"]);
    const list = (await shop.get(`/v1/refunds?payment=${payment.id}`)).body;
    assert.deepEqual(new Set(list.data.map(({ id }: { id: string }) => id)), new Set(parts.map(({ id }) => id)));
    assert.equal(await balanceOf(platform, account(shop, "pending")), 0);
    await booksBalance();
  });

  test("a fee that the payer bore goes back to the payer", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 2_000 });
    const payment = await shop.paid({ amount: 1_000, fee_bearer: "payer" }, payer);
    const half = await ok(shop.refund(payment, { amount: 500 }));
    assert.deepEqual([half.amount, half.fee_returned, half.fee_bearer, half.total], [500, 3, "payer", 503]);
    assert.equal(await payer.balance(), 1_497);
    await ok(shop.refund(payment));
    assert.equal(await payer.balance(), 2_000);
    await booksBalance();
  });

  test("a plan that keeps fees keeps them, also when the merchant has moved to another plan since", async () => {
    const shop = await aShop(platform, await onPlan(platform, { rate_bps: 100, refund_fee: "kept" }));
    const [payment, rest] = [await shop.paid({ amount: 1_000 }), await shop.paid({ amount: 1_000 })];
    const change = { pricing_plan: "pln_00000000000000000000000001" };
    await ok(byTwo(platform, "PATCH", `/v1/merchants/${shop.id}`, change));
    assert.equal((await ok(shop.refund(payment))).fee_returned, 0);
    assert.equal(await balanceOf(platform, account(shop, "pending")), rest.net - payment.fee);
    await booksBalance();
  });

  test("every refund is an event with the whole refund, and the payment has none of its own", async () => {
    const shop = await aShop(platform);
    const payment = await shop.paid({ amount: 1_000 });
    const refund = await ok(shop.refund(payment, { amount: 400 }));
    const events = (await shop.get("/v1/events?limit=100")).body.data;
    const told = events.filter((event: { type: string }) => event.type.startsWith("refund."));
    assert.deepEqual(
      told.map((event: { type: string }) => event.type),
      ["refund.succeeded"],
    );
    assert.deepEqual(told[0].data.object, refund);
    const ofPayment = (await shop.get(`/v1/events?object=${payment.id}`)).body.data;
    assert.deepEqual(
      ofPayment.map((event: { type: string }) => event.type),
      ["payment.succeeded"],
    );
  });

  test("what is refunded on the day it was paid may be spent again that day, and the limit is not higher for it", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 3_000_000 });
    const payment = await shop.paid({ amount: 1_000_000 }, payer);
    await shop.paid({ amount: 999_000 }, payer);
    assert.equal((await shop.scan(await payer.code(), { amount: 1_001 })).body.error.code, "limit_exceeded");
    await ok(shop.refund(payment, { amount: 2_000 }));
    const [limit] = (await payer.get("/v1/wallet")).body.limits;
    assert.deepEqual([limit.limit, limit.left], [2_000_000, 3_000]);
    await shop.paid({ amount: 3_000 }, payer);
    assert.equal((await shop.scan(await payer.code(), { amount: 1 })).body.error.code, "limit_exceeded");
    await booksBalance();
  });
});

describe("where the money comes from", () => {
  test("from pending, then from available; each part is what was there", async () => {
    const shop = await aShop(platform, await onPlan(platform, { rate_bps: 0 }));
    const payment = await shop.paid({ amount: 1_000 });
    await moveMoney(platform, account(shop, "pending"), account(shop, "available"), 600);
    await ok(shop.refund(payment, { amount: 300 }));
    assert.deepEqual(
      [await balanceOf(platform, account(shop, "pending")), await balanceOf(platform, account(shop, "available"))],
      [100, 600],
    );
    await ok(shop.refund(payment, { amount: 300 }));
    assert.deepEqual(
      [await balanceOf(platform, account(shop, "pending")), await balanceOf(platform, account(shop, "available"))],
      [0, 400],
    );
    await booksBalance();
  });

  test("what the balance does not cover is refused and leaves no trace; when money comes the same refund succeeds", async () => {
    const shop = await aShop(platform);
    const payment = await shop.paid({ amount: 1_000 });
    await moveMoney(platform, account(shop, "pending"), bank(), 500);
    const terms = { out_refund_no: randomUUID() };
    const refused = await shop.refund(payment, terms);
    assert.deepEqual(refusedAs(refused), [409, "merchant_balance_insufficient", null]);
    assert.deepEqual(refused.body.error.details, { missing: 500 });
    assert.equal((await shop.get(`/v1/payments/${payment.id}`)).body.amount_refunded, 0);
    assert.deepEqual((await shop.get(`/v1/refunds?payment=${payment.id}`)).body.data, []);
    await shop.paid({ amount: 600 });
    assert.equal((await ok(shop.refund(payment, terms))).status, "succeeded");
    await booksBalance();
  });

  test("a plan that allows it makes the rest the merchant's debt", async () => {
    const shop = await aShop(platform, await onPlan(platform, { rate_bps: 0, refund_debt: "allowed" }));
    const payments = await Promise.all(times(3, () => shop.paid({ amount: 1_000 })));
    await moveMoney(platform, account(shop, "pending"), bank(), 2_500);
    assert.deepEqual(
      (await Promise.all(payments.map((payment) => shop.refund(payment)))).map(({ status }) => status),
      [200, 200, 200],
    );
    assert.deepEqual(
      [await balanceOf(platform, account(shop, "pending")), await balanceOf(platform, account(shop, "debt"))],
      [0, -2_500],
    );
    await booksBalance();
  });

  test("a closed wallet can't be refunded to, and nothing moves", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 1_000 });
    const payment = await shop.paid({ amount: 1_000 }, payer);
    const [wallet] = (
      await platform.call("GET", `/v1/ledger/accounts?owner=${payer.id}&code=wallet`, {
        token: await platform.operator(),
      })
    ).body.data;
    await ok(
      platform.call("POST", `/v1/ledger/accounts/${wallet.id}/close`, { token: await platform.operator(), body: {} }),
    );
    assert.deepEqual(refusedAs(await shop.refund(payment)), [409, "refund_destination_closed", "/payment"]);
    assert.equal((await shop.get(`/v1/payments/${payment.id}`)).body.amount_refunded, 0);
  });
});

test("the payment's page has its refunds, the first first, and the money they moved", async () => {
  const shop = await aShop(platform);
  const payment = await shop.paid({ amount: 1_000 });
  const refunds = [await ok(shop.refund(payment, { amount: 300 })), await ok(shop.refund(payment))];
  const page = (await shop.get(`/v1/payments/${payment.id}?expand=refunds&expand=ledger_transfers`)).body;
  assert.deepEqual(
    page.refunds,
    refunds.map((refund) => ({ ...refund, payment_amount_refunded: 1_000 })),
  );
  const moved = page.ledger_transfers.map(({ code, amount }: { code: string; amount: number }) => [code, amount]);
  assert.deepEqual(moved, [
    ["payment", 1_000],
    ["payment_fee", 6],
    ["code_allowance_spent", 1_000],
    ["refund_fee", 2],
    ["refund", 300],
    ["allowance_returned", 300],
    ["refund_fee", 4],
    ["refund", 700],
    ["allowance_returned", 700],
  ]);
});

test("the list pages through refunds, newest first, and narrows by number and state", async () => {
  const shop = await aShop(platform);
  const payment = await shop.paid({ amount: 1_000 });
  const made = [];
  for (let i = 0; i < 5; i++) made.push(await ok(shop.refund(payment, { amount: 10 })));
  const ids = made.map(({ id }) => id).sort((a, b) => (a < b ? 1 : -1));
  const page = async (query: string) => (await shop.get(`/v1/refunds?${query}`)).body;
  const first = await page("limit=2");
  assert.deepEqual([first.data.map(({ id }: { id: string }) => id), first.has_more], [ids.slice(0, 2), true]);
  const rest = await page(`limit=10&starting_after=${ids[1]}`);
  assert.deepEqual([rest.data.map(({ id }: { id: string }) => id), rest.has_more], [ids.slice(2), false]);
  const back = await page(`limit=2&ending_before=${ids[3]}`);
  assert.deepEqual(
    back.data.map(({ id }: { id: string }) => id),
    ids.slice(1, 3),
  );
  assert.deepEqual(
    (await page(`out_refund_no=${made[0].out_refund_no}`)).data.map(({ id }: { id: string }) => id),
    [made[0].id],
  );
  assert.deepEqual((await page("status=pending")).data, []);
});

// These move the clock, so that they come last.
test("what is refunded on a later day leaves that day's limit as it is, also when it was captured later than it was held", async () => {
  const shop = await aShop(platform);
  const payer = await aPayer(platform);
  const [payment, hold] = [await shop.paid({ amount: 1_000 }, payer), await shop.held({ amount: 1_000 }, payer)];
  await ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body: { advance_ms: 24 * 60 * 60_000 } }));
  await ok(shop.capture(hold));
  for (const refunded of [payment, hold]) {
    await ok(shop.refund(refunded));
    const { ledger_transfers } = (await shop.get(`/v1/payments/${refunded.id}?expand=ledger_transfers`)).body;
    const codes = ledger_transfers.map(({ code }: { code: string }) => code);
    assert.ok(codes.includes("refund") && !codes.includes("allowance_returned"), codes.join());
  }
  await booksBalance();
});
