import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { newId } from "#kit/ids.ts";
import { collectPayload } from "#modules/codes";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, booksBalance, giveMoney, ok, type Payer, type Shop, times } from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";

const platform = usePlatform();

const outcomeOf = ({ status, body }: Answer) => [status, body.error?.code, body.error?.param];
const outcome = async (answer: Promise<Answer>) => outcomeOf(await answer);
const resolve = ({ token }: Pick<Payer, "token">, qr: string) =>
  platform.call("POST", "/v1/collect/resolve", { token, body: { qr }, key: null });
const revoke = (shop: Shop, id: string) => platform.call("DELETE", `/v1/qr_codes/${id}`, { token: shop.key });
const advance = (shop: Shop, advance_ms: number) =>
  platform.call("POST", "/v1/test_clock", { token: shop.key, body: { advance_ms } });
const signedInAgain = async (payer: Payer): Promise<Payer> => {
  const body = { phone: payer.phone, password: payer.password };
  const { access_token: token } = await ok(platform.call("POST", "/v1/sessions", { body, key: null }));
  return {
    ...payer,
    token,
    collect: (qr, terms = {}) => platform.call("POST", "/v1/collect", { token, body: { qr, ...terms } }),
  };
};
const staticLimit = async ({ token }: Pick<Payer, "token">) =>
  (await ok(platform.call("GET", "/v1/wallet", { token }))).limits.find(
    ({ type }: { type: string }) => type === "static_code_payment_daily",
  );

describe("paying a static code", () => {
  test("with an open amount the payer enters it; the payment is the shop's, the payer's and the books'", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const store = await ok(platform.call("POST", "/v1/stores", { token: shop.key, body: { name: "West Lake" } }));
    const terminal = await ok(
      platform.call("POST", "/v1/terminals", { token: shop.key, body: { store: store.id, name: "Counter 1" } }),
    );
    const code = await ok(shop.qrCode({ terminal: terminal.id, subject: "Tea", metadata: { door: "1" } }));
    const payment = await ok(payer.collect(code.payload, { amount: 1_250 }));
    assert.deepEqual(
      [payment.object, payment.status, payment.amount, payment.amount_captured, payment.currency, payment.method],
      ["payment", "succeeded", 1_250, 1_250, "CNY", "wallet"],
    );
    assert.deepEqual(
      [payment.payer, payment.merchant, payment.store, payment.terminal, payment.subject, payment.qr_code],
      [payer.id, shop.id, store.id, terminal.id, "Tea", code.id],
    );
    assert.equal(await payer.balance(), 98_750);
    const seen = (await shop.get(`/v1/payments/${payment.id}`)).body;
    assert.deepEqual(seen, { ...payment, metadata: { door: "1" } });
    assert.deepEqual((await payer.get(`/v1/payments/${payment.id}`)).body, payment);
    assert.equal((await shop.get(`/v1/payments?out_trade_no=${payment.out_trade_no}`)).body.data.length, 1);
    const { data } = (await shop.get(`/v1/events?object=${payment.id}`)).body;
    assert.deepEqual([data.length, data[0].type, data[0].data.object], [1, "payment.succeeded", seen]);
    let record: Answer["body"];
    await eventually(
      async () => (([record] = (await payer.get("/v1/records")).body.data), record !== undefined),
      20_000,
    );
    assert.deepEqual(
      [record.payment, record.direction, record.amount, record.method],
      [payment.id, "out", 1_250, "wallet"],
    );
    assert.equal(record.counterparty.name, "Test shop");
    await booksBalance();
  });

  test("a fixed amount is paid as it is, said or not; another one is refused by name", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const { payload } = await ok(shop.qrCode({ amount: 500 }));
    assert.equal((await ok(payer.collect(payload))).amount, 500);
    assert.equal((await ok(payer.collect(payload, { amount: 500 }))).amount, 500);
    for (const amount of [499, 501, Number.MAX_SAFE_INTEGER]) {
      const { status, body } = await payer.collect(payload, { amount });
      assert.deepEqual([status, body.error.code, body.error.param], [400, "amount_mismatch", "/amount"]);
      assert.deepEqual(body.error.details, { amount: 500 });
    }
    assert.equal(await payer.balance(), 99_000);
  });

  test("an open amount that is missing or no amount is refused, and the error names the field", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const { payload } = await ok(shop.qrCode());
    assert.deepEqual(await outcome(payer.collect(payload)), [400, "parameter_missing", "/amount"]);
    for (const amount of [0, -1, 1.5, "100", 2 ** 53, null]) {
      assert.deepEqual(
        await outcome(payer.collect(payload, { amount })),
        [400, "parameter_invalid", "/amount"],
        String(amount),
      );
    }
    const pin = payer.pin;
    assert.deepEqual(await outcome(payer.collect(payload, { amount: Number.MAX_SAFE_INTEGER, pin })), [
      402,
      "insufficient_funds",
      null,
    ]);
    assert.equal(await payer.balance(), 100_000);
  });

  test("two payments by one code are two payments; one request sent twice is one", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const { payload } = await ok(shop.qrCode());
    const key = randomUUID();
    const first = await payer.collect(payload, { amount: 100 }, { key });
    const again = await payer.collect(payload, { amount: 100 }, { key });
    assert.deepEqual(again.body, first.body);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.deepEqual(await outcome(payer.collect(payload, { amount: 101 }, { key })), [
      422,
      "idempotency_key_reused",
      "Idempotency-Key",
    ]);
    const other = await ok(payer.collect(payload, { amount: 100 }));
    assert.notEqual(other.id, first.body.id);
    assert.notEqual(other.out_trade_no, first.body.out_trade_no);
    assert.equal(await payer.balance(), 99_800);
    assert.deepEqual(await outcome(payer.collect(payload, { amount: 1 }, { key: null })), [
      400,
      "idempotency_key_missing",
      "Idempotency-Key",
    ]);
  });

  test("eight requests at once with one key pay once", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const { payload } = await ok(shop.qrCode());
    const key = randomUUID();
    const answers = await Promise.all(times(8, () => payer.collect(payload, { amount: 100 }, { key })));
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      assert.deepEqual(outcomeOf(answer), [409, "idempotency_in_progress", "Idempotency-Key"]);
    }
    assert.equal(new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.id)).size, 1);
    assert.equal(await payer.balance(), 99_900);
  });

  test("what the wallet does not hold is refused and leaves nothing behind; the key keeps its answer", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 99 });
    const { payload } = await ok(shop.qrCode());
    const key = randomUUID();
    const refused = await payer.collect(payload, { amount: 100 }, { key });
    assert.deepEqual(outcomeOf(refused), [402, "insufficient_funds", null]);
    assert.deepEqual((await shop.get("/v1/payments")).body.data, []);
    await giveMoney(platform, payer.id, 1);
    assert.deepEqual((await payer.collect(payload, { amount: 100 }, { key })).body, refused.body);
    await ok(payer.collect(payload, { amount: 100 }));
    assert.equal(await payer.balance(), 0);
    await booksBalance();
  });

  test("many at once from one wallet never spend more than it holds", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 350 });
    const { payload } = await ok(shop.qrCode());
    const answers = await Promise.all(times(8, () => payer.collect(payload, { amount: 100 })));
    assert.equal(answers.filter(({ status }) => status === 200).length, 3);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      assert.deepEqual(outcomeOf(answer), [402, "insufficient_funds", null]);
    }
    assert.equal(await payer.balance(), 50);
    await booksBalance();
  });

  test("a fee that the payer bears is shown before and taken with the amount", async () => {
    const shop = await aShop(platform, { fee_bearer: "payer" });
    const payer = await aPayer(platform);
    const { payload } = await ok(shop.qrCode({ amount: 10_000 }));
    const shown = await ok(resolve(payer, payload));
    assert.deepEqual([shown.amount, shown.fee, shown.total], [10_000, 60, 10_060]);
    const { total } = await ok(payer.collect(payload));
    assert.equal(total, 10_060);
    assert.equal(await payer.balance(), 89_940);
  });
});

describe("paying a dynamic code", () => {
  test("the order is paid as it stands, and nobody pays it again", async () => {
    const shop = await aShop(platform);
    const [payer, other] = [await aPayer(platform), await aPayer(platform)];
    const order = await ok(shop.order({ amount: 2_500 }));
    assert.deepEqual(await outcome(payer.collect(order.qr, { amount: 2_499 })), [400, "amount_mismatch", "/amount"]);
    const paid = await ok(payer.collect(order.qr, { amount: 2_500 }));
    assert.deepEqual([paid.id, paid.status, paid.payer, paid.method], [order.id, "succeeded", payer.id, "wallet"]);
    assert.equal(paid.qr_code, (await shop.get(`/v1/events?object=${order.id}`)).body.data[0].data.object.qr_code);
    const used = await payer.collect(order.qr);
    assert.deepEqual(outcomeOf(used), [402, "collect_code_used", "/qr"]);
    assert.deepEqual(used.body.error.details, { payment: order.id });
    const stranger = await other.collect(order.qr);
    assert.deepEqual(outcomeOf(stranger), [402, "collect_code_used", "/qr"]);
    assert.equal(stranger.body.error.details, undefined);
    assert.deepEqual([await payer.balance(), await other.balance()], [97_500, 100_000]);
    await booksBalance();
  });

  test("six payers scan one code at once: one pays, the others are told", async () => {
    const shop = await aShop(platform);
    const payers = await Promise.all(times(6, () => aPayer(platform)));
    const order = await ok(shop.order({ amount: 3_000 }));
    const answers = await Promise.all(payers.map((payer) => payer.collect(order.qr)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      assert.deepEqual(outcomeOf(answer), [402, "collect_code_used", "/qr"]);
    }
    const balances = await Promise.all(payers.map((payer) => payer.balance()));
    assert.deepEqual(
      balances.sort((a, b) => a - b),
      [97_000, ...times(5, () => 100_000)],
    );
    await booksBalance();
  });

  test("scanning, the payment key and the merchant's close race: one of them wins", async () => {
    const shop = await aShop(platform);
    const [scanner, keyHolder] = [await aPayer(platform), await aPayer(platform)];
    for (const order of await Promise.all(times(5, () => ok(shop.order({ amount: 100 }))))) {
      const answers = await Promise.all([scanner.collect(order.qr), keyHolder.confirm(order), shop.close(order)]);
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      const told = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error.code);
      assert.deepEqual(
        told.filter((code) => !/^(collect_code_(used|expired)|state_conflict)$/.test(code)),
        [],
      );
    }
    await booksBalance();
  });

  test("a repetition gets its first answer, whatever has become of code and order", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const order = await ok(shop.order());
    const code = await ok(shop.qrCode({ type: "dynamic", payment: order.id }));
    const key = randomUUID();
    const paid = await ok(payer.collect(code.payload, {}, { key }));
    await ok(revoke(shop, code.id));
    assert.deepEqual(await ok(payer.collect(code.payload, {}, { key })), paid);
    assert.equal(await payer.balance(), 98_750);
  });

  test("an order that the wallet can't pay goes on waiting for another wallet", async () => {
    const shop = await aShop(platform);
    const [poor, rich] = [await aPayer(platform, { money: 10 }), await aPayer(platform)];
    const order = await ok(shop.order());
    const refused = await poor.collect(order.qr);
    assert.deepEqual(outcomeOf(refused), [402, "insufficient_funds", null]);
    assert.equal((await shop.get(`/v1/payments/${order.id}`)).body.status, "requires_payment");
    assert.equal((await ok(rich.collect(order.qr))).status, "succeeded");
  });

  test("above the small-payment limit the PIN is asked for, and a wrong one counts", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 300_000 });
    const [small, large] = [await ok(shop.order({ amount: 100_000 })), await ok(shop.order({ amount: 100_001 }))];
    await ok(payer.collect(small.qr));
    assert.deepEqual(await outcome(payer.collect(large.qr)), [400, "parameter_missing", "/pin"]);
    const wrong = await payer.collect(large.qr, { pin: "111112" });
    assert.deepEqual(
      [wrong.status, wrong.body.error.code, wrong.body.error.details.attempts_left],
      [403, "pin_invalid", 4],
    );
    const key = randomUUID();
    const paid = await ok(payer.collect(large.qr, { pin: payer.pin }, { key }));
    assert.deepEqual(await ok(payer.collect(large.qr, { pin: payer.pin }, { key })), paid);
    assert.equal(await payer.balance(), 99_999);
    const costly = await aShop(platform, { fee_bearer: "payer" });
    const { qr } = await ok(costly.order({ amount: 99_900 }));
    assert.deepEqual(await outcome(payer.collect(qr)), [400, "parameter_missing", "/pin"]);
  });

  test("a wrong PIN is refused even where none is needed", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const { payload } = await ok(shop.qrCode({ amount: 1 }));
    assert.equal((await payer.collect(payload, { pin: "111112" })).body.error.code, "pin_invalid");
    assert.equal(await payer.balance(), 100_000);
  });
});

describe("codes that can't be paid", () => {
  test("revoked, used, closed: each by its name, before paying and when paying", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const door = await ok(shop.qrCode({ amount: 1 }));
    await ok(revoke(shop, door.id));
    const [revoked, used, closed] = [await ok(shop.order()), await ok(shop.order()), await ok(shop.order())];
    await ok(revoke(shop, (await ok(shop.qrCode({ type: "dynamic", payment: revoked.id }))).id));
    await ok(payer.confirm(used));
    await ok(shop.close(closed));
    for (const [qr, code] of [
      [door.payload, "collect_code_revoked"],
      [revoked.qr, "collect_code_revoked"],
      [used.qr, "collect_code_used"],
      [closed.qr, "collect_code_expired"],
    ]) {
      assert.deepEqual(await outcome(payer.collect(qr)), [402, code, "/qr"]);
      assert.deepEqual(await outcome(resolve(payer, qr)), [402, code, "/qr"]);
    }
    // Its order waits on, for whoever has the key.
    assert.equal((await ok(payer.confirm(revoked))).status, "succeeded");
  });

  test("changed, foreign, unknown, of the other mode: each by its name, and nothing moves", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const { payload } = await ok(shop.qrCode({ amount: 500 }));
    const own = {
      type: "static",
      merchantId: shop.id,
      livemode: false,
      reference: newId("qr"),
      amount: 1,
      currency: "CNY",
    } as const;
    const place = { storeId: null, terminalId: null, orderNumber: null };
    const written = async (changes: object) => (await collectPayload({ ...own, ...changes }, place)) as string;
    for (const [qr, code] of [
      [payload.replace("5.00", "0.01"), "collect_code_tampered"],
      [payload.slice(0, -1), "collect_code_tampered"],
      [`${payload}\n`, "collect_code_tampered"],
      [
        "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A",
        "collect_code_foreign",
      ],
      ["https://qr.alipay.com/bax01234", "collect_code_foreign"],
      ["hello", "collect_code_invalid"],
      [await payer.code(), "collect_code_invalid"],
      [await written({}), "collect_code_invalid"],
      [await written({ livemode: true }), "collect_code_invalid"],
      [await written({ type: "dynamic", reference: newId("pay") }), "collect_code_invalid"],
    ] as const) {
      assert.deepEqual(await outcome(payer.collect(qr)), [402, code, "/qr"], qr);
      assert.deepEqual(await outcome(resolve(payer, qr)), [402, code, "/qr"], qr);
    }
    for (const [qr, code] of [
      ["", "parameter_invalid"],
      ["x".repeat(1_025), "parameter_invalid"],
      [undefined, "parameter_missing"],
      [5, "parameter_invalid"],
    ] as const) {
      const { status, body } = await platform.call("POST", "/v1/collect", { token: payer.token, body: { qr } });
      assert.deepEqual([status, body.error.code, body.error.param], [400, code, "/qr"]);
    }
    assert.equal(await payer.balance(), 100_000);
  });

  test("every byte of a code counts: flipped anywhere, it is not paid", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const { payload } = await ok(shop.qrCode({ amount: 500 }));
    const changed = times(Math.ceil(payload.length / 7), (n) => {
      const at = n * 7;
      const other = payload[at] === "1" ? "2" : "1";
      return payload.slice(0, at) + other + payload.slice(at + 1);
    });
    const answers = await Promise.all(changed.map((qr) => payer.collect(qr)));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [402]);
    assert.equal(await payer.balance(), 100_000);
  });

  test("a suspended shop's codes can't be paid, and the user is told so", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const { payload } = await ok(shop.qrCode({ amount: 500 }));
    const order = await ok(shop.order());
    const token = await platform.operator();
    await ok(platform.call("PATCH", `/v1/merchants/${shop.id}`, { token, body: { status: "suspended" } }));
    for (const qr of [payload, order.qr]) {
      assert.deepEqual(await outcome(payer.collect(qr)), [402, "merchant_unavailable", null]);
      assert.deepEqual(await outcome(resolve(payer, qr)), [402, "merchant_unavailable", null]);
    }
  });

  test("only a signed-in user pays", async () => {
    const shop = await aShop(platform);
    const { payload } = await ok(shop.qrCode({ amount: 500 }));
    for (const path of ["/v1/collect", "/v1/collect/resolve"]) {
      assert.equal((await platform.call("POST", path, { token: shop.key, body: { qr: payload } })).status, 403);
      assert.equal((await platform.call("POST", path, { body: { qr: payload } })).status, 401);
    }
  });
});

test("what a code would mean is told before anything moves", async () => {
  const shop = await aShop(platform, { name: "飞钱演示店", city: "杭州" });
  const payer = await aPayer(platform);
  const store = await ok(platform.call("POST", "/v1/stores", { token: shop.key, body: { name: "西湖店" } }));
  const open = await ok(resolve(payer, (await ok(shop.qrCode({ store: store.id, subject: "Tea" }))).payload));
  assert.deepEqual(open, {
    object: "collect_code",
    type: "static",
    merchant: { id: shop.id, name: "飞钱演示店", city: "杭州" },
    store: { id: store.id, name: "西湖店" },
    subject: "Tea",
    amount: null,
    fee: null,
    total: null,
    currency: "CNY",
    payment: null,
    pin_above: 100_000,
    livemode: false,
    expires_at: null,
  });
  const order = await ok(shop.order({ amount: 700, subject: "Coffee" }));
  const shown = await ok(resolve(payer, order.qr));
  assert.deepEqual(
    [shown.type, shown.payment, shown.amount, shown.fee, shown.total, shown.subject, shown.expires_at],
    ["dynamic", order.id, 700, 0, 700, "Coffee", order.expires_at],
  );
  assert.equal(await payer.balance(), 100_000);
});

test("a session without the PIN pays no more a day by scanning orders than scans allow; with it, an order is an order", async () => {
  const shop = await aShop(platform);
  const payer = await aPayer(platform, { money: 700_000 });
  const orders = await Promise.all(times(6, () => ok(shop.order({ amount: 100_000 }))));
  const answers = await Promise.all(orders.map(({ qr }) => payer.collect(qr)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 5);
  const left = orders.find((_, i) => answers[i]?.status !== 200);
  assert.deepEqual(await outcome(payer.collect(left.qr)), [402, "limit_exceeded", null]);
  assert.equal((await ok(payer.confirm(left))).qr_code, undefined);
  assert.equal(await payer.balance(), 100_000);
  await booksBalance();
});

describe("the day's limit for static codes", () => {
  test("is the sum of the day, can't be raced, and leaves scans and orders alone", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    assert.deepEqual([(await staticLimit(payer)).limit, (await staticLimit(payer)).left], [50_000, 50_000]);
    const { payload } = await ok(shop.qrCode());
    const answers = await Promise.all(times(8, () => payer.collect(payload, { amount: 10_000 })));
    assert.equal(answers.filter(({ status }) => status === 200).length, 5);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      assert.deepEqual(outcomeOf(answer), [402, "limit_exceeded", null]);
    }
    assert.equal((await staticLimit(payer)).left, 0);
    assert.deepEqual(await outcome(payer.collect(payload, { amount: 1 })), [402, "limit_exceeded", null]);
    await ok(shop.scan(await payer.code()));
    await ok(payer.collect((await ok(shop.order())).qr));
    assert.equal(await payer.balance(), 47_500);
    await booksBalance();
  });

  test("what is refunded the same day may be spent again", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const { payload } = await ok(shop.qrCode());
    const payment = await ok(payer.collect(payload, { amount: 50_000 }));
    await ok(shop.refund(payment, { amount: 20_000 }));
    assert.equal((await staticLimit(payer)).left, 20_000);
    await ok(payer.collect(payload, { amount: 20_000 }));
    assert.deepEqual(await outcome(payer.collect(payload, { amount: 1 })), [402, "limit_exceeded", null]);
    await booksBalance();
  });
});

// Time goes on for the whole platform, so this comes last.
test("as time goes by: an order's code ends with it, before the worker has come by; the next day has its own limit", async () => {
  const shop = await aShop(platform);
  const payer = await aPayer(platform);
  const order = await ok(shop.order({ amount: 100 }));
  const { payload } = await ok(shop.qrCode());
  await ok(payer.collect(payload, { amount: 50_000 }));
  await ok(advance(shop, 31 * 60_000));
  const later = await signedInAgain(payer);
  assert.deepEqual(await outcome(later.collect(order.qr)), [402, "collect_code_expired", "/qr"]);
  assert.deepEqual(await outcome(resolve(later, order.qr)), [402, "collect_code_expired", "/qr"]);
  await ok(advance(shop, 24 * 60 * 60_000));
  const nextDay = await signedInAgain(payer);
  assert.equal((await ok(nextDay.collect(payload, { amount: 50_000 }))).status, "succeeded");
  await booksBalance();
});
