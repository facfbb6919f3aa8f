import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { inTransaction } from "#kit/db.ts";
import { aPayer, aShop, booksBalance, byTwo, ok, type Payer, times } from "#test/factories.ts";
import { type Answer, callApi, usePlatform } from "#test/platform.ts";
import { confirmByWallet } from "./confirm-by-wallet.ts";
import { paymentKey } from "./payment-key.ts";

const platform = usePlatform({ DAILY_ORDER_LIMIT: "150000", DAILY_CODE_LIMIT: "50000" });
const statusOf = ({ status, body }: Answer) => [status, body.error?.code ?? body.status];

describe("paying an order from the wallet", () => {
  test("the payer's money less the fee goes to the merchant, and both read the paid order", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 10_000 });
    const order = await ok(shop.order({ amount: 1_250, metadata: { cart: "7" }, notify: "https://example.com/told" }));
    const paid = await ok(payer.confirm(order));
    assert.deepEqual(
      [paid.id, paid.status, paid.amount_captured, paid.fee, paid.net, paid.payer, paid.method],
      [order.id, "succeeded", 1_250, 8, 1_242, payer.id, "wallet"],
    );
    assert.deepEqual([paid.metadata, paid.notify], [{}, null]);
    assert.equal(await payer.balance(), 8_750);
    const seen = (await shop.get(`/v1/payments/${order.id}`)).body;
    assert.deepEqual(seen, { ...paid, metadata: { cart: "7" }, notify: "https://example.com/told" });
    assert.deepEqual((await payer.get(`/v1/payments/${order.id}`)).body, paid);
    const events = (await shop.get(`/v1/events?type=payment.succeeded&object=${order.id}`)).body.data;
    assert.deepEqual([events.length, events[0].data.object], [1, seen]);
    await booksBalance();
  });

  test("twenty payers confirm at once: one pays, the others learn that it is paid", async () => {
    const shop = await aShop(platform);
    const payers = await Promise.all(times(5, () => aPayer(platform, { money: 5_000 })));
    const order = await ok(shop.order());
    const answers = await Promise.all(times(20, (n) => (payers[n % 5] as Payer).confirm(order)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      assert.deepEqual([status, body.error.code, body.error.details.status], [409, "state_conflict", "succeeded"]);
    }
    const balances = await Promise.all(payers.map((payer) => payer.balance()));
    assert.equal(
      balances.reduce((sum, balance) => sum + balance, 0),
      25_000 - 1_250,
    );
    await booksBalance();
  });

  test("a confirmation repeated with its key gives the first answer and takes nothing more", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const order = await ok(shop.order());
    const key = randomUUID();
    const first = await payer.confirm(order, { key });
    const again = await payer.confirm(order, { key });
    assert.deepEqual(again.body, first.body);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.equal((await payer.confirm(order, { key: null })).body.error.code, "idempotency_key_missing");
    assert.equal(await payer.balance(), 100_000 - 1_250);
  });

  test("a wallet that holds too little leaves the order waiting for another attempt, or another payer", async () => {
    const shop = await aShop(platform);
    const [poor, rich] = [await aPayer(platform, { money: 1_249 }), await aPayer(platform)];
    const order = await ok(shop.order());
    const refused = await poor.confirm(order);
    assert.deepEqual(statusOf(refused), [402, "insufficient_funds"]);
    assert.deepEqual(refused.body.error.details, { payment: order.id, missing: 1 });
    assert.equal((await shop.get(`/v1/payments/${order.id}`)).body.status, "requires_payment");
    assert.equal(await poor.balance(), 1_249);
    assert.equal((await ok(rich.confirm(order))).payer, rich.id);
    await booksBalance();
  });

  test("orders have a day's limit of their own: it refuses what passes it, and leaves the one for codes alone", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 500_000 });
    await ok(payer.confirm(await ok(shop.order({ amount: 100_000 }))));
    const order = await ok(shop.order({ amount: 60_000 }));
    const refused = await payer.confirm(order);
    assert.deepEqual(statusOf(refused), [402, "limit_exceeded"]);
    const { limit, left, resets_at } = refused.body.error.details;
    assert.deepEqual([limit, left], [150_000, 50_000]);
    assert.match(resets_at, /T16:00:00\.000Z$/);
    assert.equal((await shop.get(`/v1/payments/${order.id}`)).body.status, "requires_payment");
    await ok(shop.scan(await payer.code(), { amount: 50_000 }));
    const { limits } = (await payer.get("/v1/wallet")).body;
    const leftOf = (wanted: string) => limits.find(({ type }: { type: string }) => type === wanted).left;
    assert.deepEqual([leftOf("code_payment_daily"), leftOf("order_payment_daily")], [0, 50_000]);
    await booksBalance();
  });

  test("the payer bears the fee when the order says so, and sees it before paying", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 1_006 });
    const order = await ok(shop.order({ amount: 1_000, fee_bearer: "payer" }));
    const { fee, total } = (await checkout(order.id, order.payment_key)).body;
    assert.deepEqual([fee, total], [6, 1_006]);
    await ok(payer.confirm(order));
    assert.equal(await payer.balance(), 0);
    await booksBalance();
  });
});

const checkout = (id: string, key?: string, token?: string) =>
  platform.call("GET", `/v1/payments/${id}/checkout`, {
    ...(token && { token }),
    ...(key && { headers: { "payment-key": key } }),
  });

describe("who may pay", () => {
  test("the wallet needs a session and the right PIN; a wrong one counts and takes nothing", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const order = await ok(shop.order());
    const { id, payment_key } = order;
    const anonymous = await callApi(platform.url, "POST", `/v1/payments/${id}/confirm`, {
      body: { payment_key, method: "wallet", pin: payer.pin },
    });
    assert.deepEqual(statusOf(anonymous), [401, "credentials_missing"]);
    assert.deepEqual(statusOf(await payer.confirm(order, { body: { pin: undefined } })), [400, "parameter_missing"]);
    for (const left of [4, 3, 2, 1]) {
      const { status, body } = await payer.confirm(order, { body: { pin: "111112" } });
      assert.deepEqual([status, body.error.code, body.error.details.attempts_left], [403, "pin_invalid", left]);
    }
    await payer.confirm(order, { body: { pin: "111112" } });
    assert.equal((await payer.confirm(order)).body.error.code, "pin_locked");
    assert.equal(await payer.balance(), 100_000);
  });

  test("a session without the key pays only what its user has opened; a merchant's key pays nothing", async () => {
    const shop = await aShop(platform);
    const [payer, stranger] = [await aPayer(platform), await aPayer(platform)];
    const order = await ok(shop.order());
    const keyless = { id: order.id };
    assert.equal((await payer.confirm(keyless)).status, 404);
    assert.equal((await checkout(order.id, undefined, payer.token)).status, 404);
    await ok(checkout(order.id, order.payment_key, payer.token));
    await ok(checkout(order.id, undefined, payer.token));
    assert.equal((await stranger.confirm(keyless)).status, 404);
    assert.equal((await payer.get(`/v1/payments/${order.id}`)).status, 404);
    await ok(payer.confirm(keyless));
    const another = await ok(shop.order());
    const headers = { "payment-key": another.payment_key };
    await ok(stranger.confirm({ id: another.id }, { headers }));
    assert.equal((await payer.get(`/v1/payments/${order.id}`)).body.status, "succeeded");
    assert.deepEqual(statusOf(await payer.confirm(order, { token: shop.key })), [403, "actor_not_allowed"]);
  });

  test("the key of one order opens no other, a made-up one none, and without one nobody comes in", async () => {
    const [shop, rival] = await Promise.all([aShop(platform), aShop(platform)]);
    const payer = await aPayer(platform);
    const [one, two, foreign] = [await ok(shop.order()), await ok(shop.order()), await ok(rival.order())];
    const changed = one.payment_key.slice(0, -2) + (one.payment_key.endsWith("AA") ? "BB" : "AA");
    for (const key of [
      two.payment_key,
      foreign.payment_key,
      changed,
      "pk_test_1",
      "x",
      one.payment_key.replace("test", "live"),
    ]) {
      assert.deepEqual(statusOf(await checkout(one.id, key)), [401, "payment_key_invalid"], key);
      assert.deepEqual(statusOf(await checkout(one.id, key, payer.token)), [401, "payment_key_invalid"], key);
      assert.deepEqual(
        statusOf(await payer.confirm({ id: one.id, payment_key: key })),
        [401, "payment_key_invalid"],
        key,
      );
    }
    assert.deepEqual(statusOf(await checkout(one.id)), [401, "payment_key_missing"]);
    assert.deepEqual(statusOf(await checkout("pay_nobody", one.payment_key)), [401, "payment_key_invalid"]);
    const inQuery = await platform.call("GET", `/v1/payments/${one.id}/checkout?payment_key=${one.payment_key}`);
    assert.deepEqual(statusOf(inQuery), [400, "parameter_unknown"]);
    assert.equal(await payer.balance(), 100_000);
  });

  test("a wallet of one mode finds no order of the other", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const { id } = await ok(shop.order());
    const order = { id, merchantId: shop.id, livemode: false };
    const pay = inTransaction((tx) => confirmByWallet(tx, order, { userId: payer.id, livemode: true }));
    await assert.rejects(pay, { code: "not_found" });
    const key = paymentKey({ ...order, livemode: true });
    assert.equal((await payer.confirm({ id, payment_key: key })).status, 404);
    assert.equal(await payer.balance(), 100_000);
  });

  test("a scan has no checkout, and its confirmation stays on the customer's device", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const scanned = await ok(shop.scan(await payer.code()));
    assert.equal((await checkout(scanned.id, undefined, payer.token)).status, 404);
  });
});

describe("what the payer sees", () => {
  test("the key shows the order while it waits; once it is paid the key is useless, and the payer's session shows the result", async () => {
    const shop = await aShop(platform);
    const [payer, other] = [await aPayer(platform), await aPayer(platform)];
    const order = await ok(shop.order({ subject: "tea", metadata: { secret: "note" } }));
    const seen = await ok(checkout(order.id, order.payment_key));
    assert.deepEqual(
      [seen.object, seen.payment, seen.status, seen.merchant, seen.subject, seen.amount, seen.fee, seen.total],
      ["checkout", order.id, "requires_payment", { id: shop.id, name: "Test shop" }, "tea", 1_250, 0, 1_250],
    );
    assert.deepEqual([seen.methods, seen.expires_at, seen.metadata], [["wallet", "bank"], order.expires_at, undefined]);
    await ok(checkout(order.id, order.payment_key, other.token));
    await ok(payer.confirm(order));
    for (const token of [undefined, other.token]) {
      const { status, body } = await checkout(order.id, order.payment_key, token);
      assert.deepEqual(
        [status, body.error.code, body.error.details],
        [401, "payment_key_ended", { status: "succeeded" }],
      );
    }
    assert.equal((await checkout(order.id, undefined, other.token)).status, 404);
    const result = await ok(checkout(order.id, undefined, payer.token));
    assert.deepEqual([result.status, result.method, result.amount_captured], ["succeeded", "wallet", 1_250]);
    assert.equal(result.receipt, order.id.replace("pay_", "rcp_"));
    assert.ok(result.succeeded_at);
    assert.deepEqual(statusOf(await payer.confirm(order)), [409, "state_conflict"]);
  });
});

test("a wallet of another currency holds nothing of an order's, and its refusal disturbs nobody", async () => {
  const plan = { name: "Dollars", currency: "USD", rate_bps: 60, fixed: 0, fee_bearer: "merchant" };
  const { id } = await ok(byTwo(platform, "POST", "/v1/pricing_plans", plan));
  const [abroad, shop] = [await aShop(platform, { pricing_plan: id, currency: "USD" }), await aShop(platform)];
  const payer = await aPayer(platform);
  const order = await ok(abroad.order({ currency: "USD" }));
  assert.deepEqual(statusOf(await payer.confirm(order)), [402, "insufficient_funds"]);
  const codes = [await payer.code(), await payer.code()];
  const [foreign, own] = await Promise.all([
    abroad.scan(codes[0] as string, { currency: "USD" }),
    shop.scan(codes[1] as string),
  ]);
  assert.deepEqual(statusOf(foreign), [402, "insufficient_funds"]);
  assert.deepEqual(statusOf(own), [200, "succeeded"]);
});

test("an order of a merchant that is suspended meanwhile takes no money, and goes on waiting", async () => {
  const shop = await aShop(platform);
  const payer = await aPayer(platform);
  const order = await ok(shop.order());
  const token = await platform.operator();
  const put = (status: string) => ok(platform.call("PATCH", `/v1/merchants/${shop.id}`, { token, body: { status } }));
  await put("suspended");
  assert.deepEqual(statusOf(await payer.confirm(order)), [402, "merchant_unavailable"]);
  assert.equal(await payer.balance(), 100_000);
  await put("active");
  await ok(payer.confirm(order));
});
