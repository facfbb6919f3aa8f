import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { aPayer, aShop, booksBalance, ok, type Payer, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { expirePayments } from "./expire-payments.ts";

const platform = usePlatform({ ROLES: "api", SMALL_PAYMENT_LIMIT: "10000", DAILY_CODE_LIMIT: "1000000" });
const confirm = (payer: Payer, payment: string, options: { pin?: string; key?: string } = {}) =>
  platform.call("POST", `/v1/payments/${payment}/confirm_on_device`, {
    token: payer.token,
    body: { pin: options.pin ?? payer.pin },
    ...(options.key && { key: options.key }),
  });

describe("confirm on device", () => {
  test("up to the small-payment limit no confirmation is asked; above it nothing moves until the payer's PIN", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 50_000 });
    assert.equal((await ok(shop.scan(await payer.code(), { amount: 10_000 }))).status, "succeeded");
    const waiting = await ok(shop.scan(await payer.code(), { amount: 10_001 }));
    assert.deepEqual(
      [waiting.status, waiting.action.type, waiting.amount_captured],
      ["processing", "confirm_on_device", 0],
    );
    assert.equal(await payer.balance(), 40_000);
    const paid = await ok(confirm(payer, waiting.id));
    assert.deepEqual([paid.status, paid.action, paid.amount_captured], ["succeeded", null, 10_001]);
    assert.equal(await payer.balance(), 29_999);
    assert.deepEqual((await shop.get(`/v1/payments/${waiting.id}`)).body, paid);
    await booksBalance();
  });

  test("the order number stays taken while the customer decides", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const out_trade_no = randomUUID();
    const waiting = await ok(shop.scan(await payer.code(), { amount: 20_000, out_trade_no }));
    const again = await ok(shop.scan(await payer.code(), { amount: 20_000, out_trade_no }));
    assert.equal(again.id, waiting.id);
  });

  test("four confirmations at once take the money once", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const waiting = await ok(shop.scan(await payer.code(), { amount: 20_000 }));
    const answers = await Promise.all(times(4, () => confirm(payer, waiting.id)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      assert.deepEqual([status, body.error.code], [409, "state_conflict"]);
    }
    assert.equal(await payer.balance(), 80_000);
    await booksBalance();
  });

  test("a confirmation repeated with its key gives the first answer", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const waiting = await ok(shop.scan(await payer.code(), { amount: 20_000 }));
    const key = randomUUID();
    const first = await confirm(payer, waiting.id, { key });
    const again = await confirm(payer, waiting.id, { key });
    assert.deepEqual(again.body, first.body);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.equal(await payer.balance(), 80_000);
  });

  test("a wrong PIN moves nothing and counts; after five the PIN is locked even for the right one", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const waiting = await ok(shop.scan(await payer.code(), { amount: 20_000 }));
    for (const left of [4, 3, 2, 1]) {
      const { status, body } = await confirm(payer, waiting.id, { pin: "111112" });
      assert.deepEqual([status, body.error.code, body.error.details.attempts_left], [403, "pin_invalid", left]);
    }
    await confirm(payer, waiting.id, { pin: "111112" });
    assert.equal((await confirm(payer, waiting.id)).body.error.code, "pin_locked");
    assert.equal(await payer.balance(), 100_000);
  });

  test("somebody else's payment is not found", async () => {
    const shop = await aShop(platform);
    const [payer, other] = await Promise.all([aPayer(platform), aPayer(platform)]);
    const waiting = await ok(shop.scan(await payer.code(), { amount: 20_000 }));
    assert.equal((await confirm(other, waiting.id)).status, 404);
    assert.equal((await other.get(`/v1/payments/${waiting.id}`)).status, 404);
    assert.equal((await payer.get(`/v1/payments/${waiting.id}`)).body.id, waiting.id);
  });

  test("a wallet that was emptied meanwhile fails the payment for good", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 20_000 });
    const waiting = await ok(shop.scan(await payer.code(), { amount: 20_000 }));
    await ok(shop.scan(await payer.code(), { amount: 1 }));
    const refused = await confirm(payer, waiting.id);
    assert.deepEqual([refused.status, refused.body.error.code], [402, "insufficient_funds"]);
    assert.deepEqual(refused.body.error.details, { payment: waiting.id, missing: 1 });
    const failed = (await shop.get(`/v1/payments/${waiting.id}`)).body;
    assert.deepEqual([failed.status, failed.failure.code], ["failed", "insufficient_funds"]);
    assert.equal(await payer.balance(), 19_999);
    await booksBalance();
  });

  test("what is not confirmed in five minutes fails, and a confirmation that comes later is refused", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const out_trade_no = randomUUID();
    const [waiting, late] = [
      await ok(shop.scan(await payer.code(), { amount: 20_000, out_trade_no })),
      await ok(shop.scan(await payer.code(), { amount: 30_000 })),
    ];
    await ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body: { advance_ms: 5 * 60_000 + 1 } }));
    const token = (await ok(signIn(payer))).access_token;
    const refused = await confirm({ ...payer, token }, late.id);
    assert.deepEqual([refused.status, refused.body.error.code], [402, "confirmation_expired"]);
    await expirePayments();
    const failed = (await shop.get(`/v1/payments/${waiting.id}`)).body;
    assert.deepEqual([failed.status, failed.failure.code], ["failed", "confirmation_expired"]);
    const other = await aPayer(platform);
    assert.equal((await ok(shop.scan(await other.code(), { amount: 1, out_trade_no }))).status, "succeeded");
    await booksBalance();
  });
});

const signIn = ({ phone, password }: Payer) =>
  platform.call("POST", "/v1/sessions", { body: { phone, password }, key: null });
