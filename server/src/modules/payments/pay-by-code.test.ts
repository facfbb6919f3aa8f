import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { aPayer, aShop, booksBalance, ok, times } from "#test/factories.ts";
import { callApi, usePlatform } from "#test/platform.ts";

const platform = usePlatform();
const order = () => `order-${randomUUID()}`;

describe("scan to pay", () => {
  test("a scanned payment moves the amount less the fee to the merchant, and the payer's wallet pays the amount", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 10_000 });
    const out_trade_no = order();
    const payment = await ok(
      shop.scan(await payer.code(), { amount: 1_250, out_trade_no, subject: "茶 & tea", metadata: { till: "3" } }),
    );
    assert.equal(payment.status, "succeeded");
    assert.deepEqual(
      [payment.amount, payment.fee, payment.net, payment.total, payment.amount_captured, payment.amount_refunded],
      [1_250, 8, 1_242, 1_250, 1_250, 0],
    );
    assert.deepEqual([payment.merchant, payment.payer, payment.out_trade_no], [shop.id, payer.id, out_trade_no]);
    assert.deepEqual([payment.subject, payment.metadata, payment.livemode], ["茶 & tea", { till: "3" }, false]);
    assert.equal(await payer.balance(), 8_750);
    assert.deepEqual((await shop.get(`/v1/payments/${payment.id}`)).body, payment);
    assert.deepEqual((await shop.get(`/v1/payments?out_trade_no=${out_trade_no}`)).body.data, [payment]);
    await booksBalance();
  });

  test("the payer bears the fee when the order says so", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 10_000 });
    const payment = await ok(shop.scan(await payer.code(), { amount: 1_000, fee_bearer: "payer" }));
    assert.deepEqual([payment.fee, payment.total, payment.net], [6, 1_006, 1_000]);
    assert.equal(await payer.balance(), 8_994);
    await booksBalance();
  });

  test("success and refusal are events with the whole payment", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 2_000 });
    const payment = await ok(shop.scan(await payer.code(), { amount: 1_500 }));
    const refused = await shop.scan(await payer.code(), { amount: 1_500 });
    assert.equal(refused.status, 402);
    const events = (await shop.get("/v1/events?limit=100")).body.data;
    const succeeded = events.find((event: { type: string }) => event.type === "payment.succeeded");
    const failed = events.find((event: { type: string }) => event.type === "payment.failed");
    assert.deepEqual(succeeded.data.object, payment);
    assert.equal(failed.data.object.id, refused.body.error.details.payment);
    assert.equal(failed.data.object.failure.code, "insufficient_funds");
  });
});

describe("refusals", () => {
  test("a wallet that holds too little is refused, moves nothing, and frees the order number", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 1_000 });
    const out_trade_no = order();
    const refused = await shop.scan(await payer.code(), { amount: 1_001, out_trade_no });
    assert.deepEqual(
      [refused.status, refused.body.error.type, refused.body.error.code],
      [402, "payment_refused", "insufficient_funds"],
    );
    const failed = (await shop.get(`/v1/payments/${refused.body.error.details.payment}`)).body;
    assert.deepEqual([failed.status, failed.failure.code, failed.fee], ["failed", "insufficient_funds", 0]);
    assert.equal(await payer.balance(), 1_000);
    const second = await aPayer(platform, { money: 5_000 });
    const paid = await ok(shop.scan(await second.code(), { amount: 1_001, out_trade_no }));
    assert.equal(paid.status, "succeeded");
    assert.notEqual(paid.id, failed.id);
    await booksBalance();
  });

  test("a code is used once: another order with it is refused", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const code = await payer.code();
    await ok(shop.scan(code));
    const again = await shop.scan(code);
    assert.deepEqual([again.status, again.body.error.code], [402, "payment_code_used"]);
    assert.equal(await payer.balance(), 100_000 - 1_250);
  });

  test("a code that was refused for lack of money is used up all the same", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 100 });
    const code = await payer.code();
    assert.equal((await shop.scan(code)).body.error.code, "insufficient_funds");
    assert.equal((await shop.scan(code, { amount: 50 })).body.error.code, "payment_code_used");
  });

  test("a made-up code, another wallet's code and plain text are each named", async () => {
    const shop = await aShop(platform);
    const reasons = [
      ["881234567891234567", "payment_code_invalid"],
      ["hello", "payment_code_invalid"],
      ["101234567890123456", "channel_unavailable"],
      ["281234567890123456", "channel_unavailable"],
      ["6212345678901234567", "channel_unavailable"],
    ];
    for (const [code, reason] of reasons) {
      const answer = await shop.scan(code as string);
      assert.deepEqual([answer.status, answer.body.error.code], [402, reason], code);
      assert.equal((await shop.get(`/v1/payments/${answer.body.error.details.payment}`)).body.failure.code, reason);
    }
  });

  test("the day's limit can't be passed, however many scans race", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 2_000_000 });
    const codes = await Promise.all(times(8, () => payer.code()));
    const answers = await Promise.all(codes.map((code) => shop.scan(code, { amount: 90_000 })));
    assert.equal(answers.filter(({ status }) => status === 200).length, 5);
    for (const { body } of answers.filter(({ status }) => status !== 200))
      assert.equal(body.error.code, "limit_exceeded");
    assert.equal(await payer.balance(), 2_000_000 - 5 * 90_000);
    const [limit] = (await payer.get("/v1/wallet")).body.limits;
    assert.deepEqual([limit.type, limit.limit, limit.left], ["code_payment_daily", 500_000, 50_000]);
    await booksBalance();
  });
});

describe("repetition", () => {
  test("the same key and body give the same answer to the letter; another body is named; no key is refused", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const key = randomUUID();
    const terms = { out_trade_no: order() };
    const code = await payer.code();
    const paid = await shop.scan(code, terms, { key });
    const replay = await shop.scan(code, terms, { key });
    assert.deepEqual(replay.body, paid.body);
    assert.equal(replay.status, paid.status);
    assert.equal(paid.headers.get("idempotent-replayed"), null);
    assert.equal(replay.headers.get("idempotent-replayed"), "true");
    const other = await shop.scan(code, { ...terms, amount: 1 }, { key });
    assert.deepEqual([other.status, other.body.error.code], [422, "idempotency_key_reused"]);
    const without = await shop.scan(code, terms, { key: null });
    assert.deepEqual([without.status, without.body.error.code], [400, "idempotency_key_missing"]);
    assert.equal(await payer.balance(), 100_000 - 1_250);
  });

  test("another body under a used key is refused as that, even when its code could not be charged any more", async () => {
    const shop = await aShop(platform);
    const [code, key, out_trade_no] = [await (await aPayer(platform)).code(), randomUUID(), order()];
    const paid = await ok(shop.scan(code, { amount: 1_000, out_trade_no }, { key }));
    await ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body: { advance_ms: 120_000 } }));
    const other = await shop.scan(code, { amount: 1_001, out_trade_no }, { key });
    assert.deepEqual([other.status, other.body.error.code], [422, "idempotency_key_reused"]);
    assert.deepEqual(await ok(shop.scan(code, { amount: 1_000, out_trade_no }, { key })), paid);
  });

  test("a refusal is repeated to the letter too, even when the wallet has money by then", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 10 });
    const key = randomUUID();
    const code = await payer.code();
    const terms = { out_trade_no: order() };
    const first = await shop.scan(code, terms, { key });
    const replay = await shop.scan(code, terms, { key });
    assert.equal(first.status, 402);
    assert.deepEqual(replay.body, first.body);
    assert.equal(replay.headers.get("idempotent-replayed"), "true");
  });

  test("twenty at once with one key: one payment", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const key = randomUUID();
    const code = await payer.code();
    const terms = { out_trade_no: order() };
    const answers = await Promise.all(times(20, () => shop.scan(code, terms, { key })));
    assert.ok(
      answers.every(({ status }) => status === 200 || status === 409),
      JSON.stringify(answers.map((a) => a.status)),
    );
    assert.ok(answers.some(({ status }) => status === 200));
    for (const { body, headers } of answers.filter(({ status }) => status === 409)) {
      assert.equal(body.error.code, "idempotency_in_progress");
      assert.ok(Number(headers.get("retry-after")) >= 1);
    }
    assert.equal(await payer.balance(), 100_000 - 1_250);
  });

  test("twenty at once of one order with different keys and codes: the order is paid once", async () => {
    const shop = await aShop(platform);
    const out_trade_no = order();
    const payers = await Promise.all(times(4, () => aPayer(platform)));
    const codes = await Promise.all(times(20, (n) => (payers[n % 4] as (typeof payers)[number]).code()));
    const answers = await Promise.all(codes.map((code) => shop.scan(code, { out_trade_no })));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
    const balances = await Promise.all(payers.map((payer) => payer.balance()));
    assert.equal(
      balances.reduce((sum, balance) => sum + balance, 0),
      400_000 - 1_250,
    );
    await booksBalance();
  });

  test("twenty at once with one code for different orders: one is paid", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const code = await payer.code();
    const answers = await Promise.all(times(20, () => shop.scan(code)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    for (const { body } of answers.filter(({ status }) => status !== 200))
      assert.equal(body.error.code, "payment_code_used");
    assert.equal(await payer.balance(), 100_000 - 1_250);
    await booksBalance();
  });

  test("an order number with other terms is a conflict that names the payment; with the same terms it gives the payment", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const out_trade_no = order();
    const paid = await ok(shop.scan(await payer.code(), { out_trade_no }));
    for (const other of [{ amount: 1_251 }, { fee_bearer: "payer" }]) {
      const conflict = await shop.scan(await payer.code(), { out_trade_no, ...other });
      assert.deepEqual([conflict.status, conflict.body.error.code], [409, "out_trade_no_conflict"]);
      assert.equal(conflict.body.error.details.payment, paid.id);
    }
    assert.deepEqual(await ok(shop.scan(await payer.code(), { out_trade_no })), paid);
    assert.deepEqual(await ok(shop.scan("889999999999999999", { out_trade_no })), paid);
    assert.equal(await payer.balance(), 100_000 - 1_250);
  });

  test("the same number with the same code gives the first outcome again, a refusal too", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 10 });
    for (const code of [await payer.code(), "880000000001234567"]) {
      const out_trade_no = order();
      const first = await shop.scan(code, { out_trade_no });
      const again = await shop.scan(code, { out_trade_no });
      assert.equal(first.status, 402);
      assert.equal(again.body.error.code, first.body.error.code);
      assert.equal(again.body.error.details.payment, first.body.error.details.payment);
    }
  });

  test("two merchants may use the same order number", async () => {
    const [one, two] = await Promise.all([aShop(platform), aShop(platform)]);
    const payer = await aPayer(platform);
    const out_trade_no = order();
    const first = await ok(one.scan(await payer.code(), { out_trade_no }));
    const second = await ok(two.scan(await payer.code(), { out_trade_no }));
    assert.notEqual(first.id, second.id);
    assert.equal((await two.get(`/v1/payments/${first.id}`)).status, 404);
  });
});

describe("bad requests", () => {
  const cases: [name: string, change: Record<string, unknown>, code: string, param: string][] = [
    ["a float amount", { amount: 12.5 }, "parameter_invalid", "/amount"],
    ["amount 0", { amount: 0 }, "parameter_invalid", "/amount"],
    ["a negative amount", { amount: -1 }, "parameter_invalid", "/amount"],
    ["an amount of 2^53", { amount: 2 ** 53 }, "parameter_invalid", "/amount"],
    ["an amount as text", { amount: "1250" }, "parameter_invalid", "/amount"],
    ["no amount", { amount: undefined }, "parameter_missing", "/amount"],
    ["a currency the merchant does not take", { currency: "USD" }, "currency_unsupported", "/currency"],
    ["a currency in lower case", { currency: "cny" }, "parameter_invalid", "/currency"],
    ["an empty order number", { out_trade_no: "" }, "parameter_invalid", "/out_trade_no"],
    ["an order number of 65 characters", { out_trade_no: "x".repeat(65) }, "parameter_invalid", "/out_trade_no"],
    ["an order number with a blank", { out_trade_no: "a b" }, "parameter_invalid", "/out_trade_no"],
    ["control characters in the subject", { subject: "a\u0000b" }, "parameter_invalid", "/subject"],
    ["half a surrogate pair in the subject", { subject: "\ud800" }, "parameter_invalid", "/subject"],
    ["an unknown field", { ammount: 1 }, "parameter_unknown", "/ammount"],
    ["metadata that is not text", { metadata: { a: 1 } }, "parameter_invalid", "/metadata/a"],
    ["a metadata value of 501 characters", { metadata: { a: "x".repeat(501) } }, "parameter_invalid", "/metadata/a"],
    ["a terminal of nobody", { terminal: "trm_00000000000000000000000000" }, "terminal_unusable", "/terminal"],
    ["a store of nobody", { store: "sto_00000000000000000000000000" }, "store_unusable", "/store"],
    ["a code of control characters", { code: "88\n" }, "parameter_invalid", "/code"],
  ];
  for (const [name, change, code, param] of cases) {
    test(`${name}: ${code}, and the key stays free`, async () => {
      const shop = await aShop(platform);
      const key = randomUUID();
      const { status, body } = await shop.scan("881234567891234567", change, { key });
      assert.deepEqual([status, body.error.code, body.error.param], [400, code, param]);
      assert.match(body.error.request_id, /^req_/);
      const next = await shop.scan("881234567891234567", {}, { key });
      assert.equal(next.status, 402);
    });
  }

  test("order numbers that look like nothing in SQL are ordinary numbers", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    for (const out_trade_no of ["NULL", "null", "-", "..", "*"]) {
      const payment = await ok(shop.scan(await payer.code(), { out_trade_no, amount: 1, subject: '{"a","b\\"}' }));
      assert.equal(payment.out_trade_no, out_trade_no);
      assert.equal((await shop.get(`/v1/payments?out_trade_no=${out_trade_no}`)).body.data[0].id, payment.id);
    }
  });

  test("without a key, with a wrong key and with a user's token nothing is paid", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const body = { amount: 1, currency: "CNY", out_trade_no: order(), code: await payer.code() };
    const tokens: [string | undefined, number, string][] = [
      [undefined, 401, "credentials_missing"],
      ["sk_test_wrong", 401, "credentials_unknown"],
      [payer.token, 403, "actor_not_allowed"],
    ];
    for (const [token, status, code] of tokens) {
      const answer = await callApi(platform.url, "POST", "/v1/payments", { body, ...(token && { token }) });
      assert.deepEqual([answer.status, answer.body.error.code], [status, code]);
    }
    assert.equal((await shop.get(`/v1/payments?out_trade_no=${body.out_trade_no}`)).body.data.length, 0);
  });

  test("refusals speak the language that was asked for; the code stays", async () => {
    const shop = await aShop(platform);
    const { body } = await shop.scan("hello", {}, { headers: { "accept-language": "zh-CN" } });
    assert.equal(body.error.code, "payment_code_invalid");
    assert.match(body.error.message, /\p{Script=Han}/u);
  });
});
