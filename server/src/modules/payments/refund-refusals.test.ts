import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newId } from "#kit/ids.ts";
import { aPayer, aShop, ok } from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";

const platform = usePlatform({ SMALL_PAYMENT_LIMIT: "1000000", DAILY_CODE_LIMIT: "2000000" });

const refusedAs = ({ status, body }: Answer) => [status, body.error?.code, body.error?.param];

describe("what can't be refunded", () => {
  test("more than is left", async () => {
    const shop = await aShop(platform);
    const payment = await shop.paid({ amount: 1_000 });
    const answer = await shop.refund(payment, { amount: 1_001 });
    assert.deepEqual(
      [...refusedAs(answer), answer.body.error.details],
      [400, "amount_too_large", "/amount", { most: 1_000 }],
    );
  });

  test("a refund", async () => {
    const shop = await aShop(platform);
    const refund = await ok(shop.refund(await shop.paid()));
    assert.deepEqual(refusedAs(await shop.refund(refund)), [400, "refund_not_refundable", "/payment"]);
  });

  test("a payment that was not paid: the answer names its state", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 10 });
    const { payment } = (await shop.scan(await payer.code())).body.error.details;
    const answer = await shop.refund({ id: payment });
    assert.deepEqual(
      [...refusedAs(answer), answer.body.error.details],
      [409, "state_conflict", "/payment", { status: "failed" }],
    );
  });

  test("another merchant's payment, one that does not exist, and what is no id: not found", async () => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    const payment = await shop.paid();
    for (const id of [payment.id, newId("pay"), "nothing"]) {
      assert.deepEqual(refusedAs(await other.refund({ id })), [404, "not_found", "/payment"], id);
    }
    const refund = await ok(shop.refund(payment));
    assert.equal((await other.get(`/v1/refunds/${refund.id}`)).status, 404);
    assert.deepEqual((await other.get(`/v1/refunds?payment=${payment.id}`)).body.data, []);
    assert.deepEqual((await other.get("/v1/refunds")).body.data, []);
  });

  test("bad input: the error names the field", async () => {
    const shop = await aShop(platform);
    const payment = await shop.paid();
    for (const [wrong, code, param] of [
      [{ amount: 0 }, "parameter_invalid", "/amount"],
      [{ amount: 1.5 }, "parameter_invalid", "/amount"],
      [{ amount: "100" }, "parameter_invalid", "/amount"],
      [{ amount: null }, "parameter_invalid", "/amount"],
      [{ payment: undefined }, "parameter_missing", "/payment"],
      [{ payment: "" }, "parameter_invalid", "/payment"],
      [{ out_refund_no: undefined }, "parameter_missing", "/out_refund_no"],
      [{ out_refund_no: "a b" }, "parameter_invalid", "/out_refund_no"],
      [{ out_refund_no: "r".repeat(65) }, "parameter_invalid", "/out_refund_no"],
      [{ reason: "two\nlines" }, "parameter_invalid", "/reason"],
      [{ currency: "CNY" }, "parameter_unknown", "/currency"],
    ] as const) {
      assert.deepEqual(refusedAs(await shop.refund(payment, wrong)), [400, code, param], JSON.stringify(wrong));
    }
    assert.equal((await shop.refund(payment, {}, { key: null })).body.error.code, "idempotency_key_missing");
    assert.equal((await shop.get(`/v1/payments/${payment.id}`)).body.amount_refunded, 0);
  });

  test("without the scope, and by others than a merchant's key", async () => {
    const shop = await aShop(platform);
    const payment = await shop.paid();
    const key = { merchant: shop.id, livemode: false, name: "till", scopes: ["payments:write", "refunds:read"] };
    const { secret } = await ok(platform.call("POST", "/v1/api_keys", { token: await platform.operator(), body: key }));
    assert.deepEqual(refusedAs(await shop.refund(payment, {}, { token: secret })).slice(0, 2), [403, "scope_missing"]);
    assert.equal((await platform.call("GET", "/v1/refunds", { token: secret })).status, 200);
    const payer = await aPayer(platform);
    assert.deepEqual(refusedAs(await shop.refund(payment, {}, { token: payer.token })).slice(0, 2), [
      403,
      "actor_not_allowed",
    ]);
  });
});
