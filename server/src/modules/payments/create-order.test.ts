import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { database } from "#kit/db.ts";
import { aPayer, aShop, booksBalance, ok, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { expirePayments } from "./expire-payments.ts";

const platform = usePlatform({ PUBLIC_URL: "https://pay.example.com/", LOOPBACK_URLS: "1" });
const number = () => `order-${randomUUID()}`;
const minute = 60_000;

describe("making an order", () => {
  test("an order waits for its payer for half an hour; its key, code and link are told with it, the key in the fragment", async () => {
    const shop = await aShop(platform);
    const made = await ok(shop.order({ amount: 2_500, subject: "茶 & tea", metadata: { cart: "7" } }));
    const { payment_key, checkout_url, qr, ...order } = made;
    assert.match(qr, /^000201/);
    assert.deepEqual(
      [order.status, order.amount, order.amount_captured, order.fee, order.total, order.net],
      ["requires_payment", 2_500, 0, 15, 2_500, 2_485],
    );
    assert.deepEqual(
      [order.payer, order.method, order.capture, order.methods, order.notify, order.profit_sharing],
      [null, null, "automatic", ["wallet", "bank"], null, null],
    );
    assert.equal(Date.parse(order.expires_at) - Date.parse(order.created_at) < 30 * minute + 5_000, true);
    assert.equal(Date.parse(order.expires_at) - Date.parse(order.created_at) > 30 * minute - 5_000, true);
    assert.match(payment_key, /^pk_test_[\w-]{69}$/);
    assert.equal(checkout_url, `https://pay.example.com/checkout/${order.id}#${payment_key}`);
    assert.deepEqual((await shop.get(`/v1/payments/${order.id}`)).body, order);
    assert.deepEqual((await shop.get(`/v1/payments?out_trade_no=${order.out_trade_no}`)).body.data, [order]);
    const waiting = (await shop.get("/v1/payments?status=requires_payment")).body.data;
    assert.deepEqual(waiting, [order]);
    const events = (await shop.get(`/v1/events?object=${order.id}`)).body.data;
    assert.deepEqual(
      events.map((event: { type: string }) => event.type),
      ["payment.requires_payment"],
    );
    assert.deepEqual(events[0].data.object, order);
  });

  test("two orders have two keys, and each order the same key when its request is repeated", async () => {
    const shop = await aShop(platform);
    const key = randomUUID();
    const terms = { out_trade_no: number() };
    const first = await shop.order(terms, { key });
    const again = await shop.order(terms, { key });
    assert.deepEqual(again.body, first.body);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.notEqual((await ok(shop.order())).payment_key, first.body.payment_key);
    const other = await shop.order({ ...terms, amount: 1 }, { key });
    assert.deepEqual([other.status, other.body.error.code], [422, "idempotency_key_reused"]);
    const without = await shop.order(terms, { key: null });
    assert.deepEqual([without.status, without.body.error.code], [400, "idempotency_key_missing"]);
  });

  test("a request repeated after its order's end gives the first answer, though its expiry lies in the past by then", async () => {
    const shop = await aShop(platform);
    const key = randomUUID();
    const terms = { out_trade_no: number(), expires_at: await later(shop.key, minute) };
    const first = await ok(shop.order(terms, { key }));
    await ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body: { advance_ms: minute + 1 } }));
    assert.deepEqual(await ok(shop.order(terms, { key })), first);
  });
});

describe("order numbers", () => {
  test("the same number with the same terms gives the live payment, without its key; with other terms it is a conflict", async () => {
    const shop = await aShop(platform);
    const out_trade_no = number();
    const { id } = await ok(shop.order({ out_trade_no, subject: "one" }));
    const order = (await shop.get(`/v1/payments/${id}`)).body;
    assert.deepEqual(await ok(shop.order({ out_trade_no, subject: "another" })), order);
    for (const other of [{ amount: 1_251 }, { fee_bearer: "payer" }, { capture: "manual" }]) {
      const { status, body } = await shop.order({ out_trade_no, ...other });
      assert.deepEqual(
        [status, body.error.code, body.error.param, body.error.details.payment],
        [409, "out_trade_no_conflict", "/out_trade_no", order.id],
      );
    }
  });

  test("twenty at once with one number make one order", async () => {
    const shop = await aShop(platform);
    const out_trade_no = number();
    const answers = await Promise.all(times(20, () => shop.order({ out_trade_no })));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
    assert.equal(answers.filter(({ body }) => body.payment_key).length, 1);
    assert.equal((await shop.get(`/v1/payments?out_trade_no=${out_trade_no}`)).body.data.length, 1);
  });

  test("orders and scans share the numbers: a scan is answered with the waiting order and takes nothing, an order with the scan", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const out_trade_no = number();
    const order = await ok(shop.order({ out_trade_no }));
    const code = await payer.code();
    const scanned = await ok(shop.scan(code, { out_trade_no }));
    assert.deepEqual([scanned.id, scanned.status, scanned.payment_key], [order.id, "requires_payment", undefined]);
    assert.equal((await shop.scan(code, { out_trade_no, amount: 1 })).body.error.code, "out_trade_no_conflict");
    assert.equal(await payer.balance(), 100_000);
    await ok(shop.close(order));
    const paid = await ok(shop.scan(code, { out_trade_no }));
    assert.equal(paid.status, "succeeded");
    assert.deepEqual(await ok(shop.order({ out_trade_no })), paid);
    assert.equal((await shop.order({ out_trade_no, amount: 1 })).status, 409);
  });

  test("orders and scans of one number at once: one payment, whoever came first, and everybody is told the same", async () => {
    const shop = await aShop(platform);
    const payers = await Promise.all(times(4, () => aPayer(platform)));
    for (const out_trade_no of times(4, number)) {
      const codes = await Promise.all(payers.map((payer) => payer.code()));
      const scans = codes.map((code) => () => shop.scan(code, { out_trade_no }));
      const orders = times(4, () => () => shop.order({ out_trade_no }));
      const answers = await Promise.all([...scans, ...orders].map((ask) => ask()));
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
      const [payment, ...others] = (await shop.get(`/v1/payments?out_trade_no=${out_trade_no}`)).body.data;
      assert.equal(others.length, 0);
      for (const { body } of answers) assert.deepEqual([body.id, body.status], [payment.id, payment.status]);
      if (payment.status === "requires_payment") await ok(shop.close(payment));
    }
    const spent = (await Promise.all(payers.map((payer) => payer.balance()))).map((left) => 100_000 - left);
    const paid = (await shop.get("/v1/payments?status=succeeded")).body.data.length;
    assert.equal(
      spent.reduce((sum, amount) => sum + amount, 0),
      paid * 1_250,
    );
    await booksBalance();
  });

  test("a closed and an expired order free their number at once; a paid one never does", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const out_trade_no = number();
    const closed = await ok(shop.order({ out_trade_no }));
    await ok(shop.close(closed));
    const expires_at = await later(shop.key, minute);
    const expiring = await ok(shop.order({ out_trade_no, amount: 2_000, expires_at }));
    await ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body: { advance_ms: minute + 1 } }));
    const third = await ok(shop.order({ out_trade_no, amount: 3_000 }));
    assert.equal(new Set([closed.id, expiring.id, third.id]).size, 3);
    assert.equal((await shop.get(`/v1/payments/${expiring.id}`)).body.status, "closed");
    await ok(payer.confirm(third));
    assert.equal((await shop.order({ out_trade_no, amount: 3_001 })).status, 409);
    await booksBalance();
  });
});

describe("bad orders", () => {
  const day = 24 * 60 * minute;
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const someReceiver = "mch_00000000000000000000000000";
  const cases: [name: string, change: Record<string, unknown>, code: string, param: string][] = [
    ["an empty list of methods", { methods: [] }, "parameter_invalid", "/methods"],
    ["an unknown method", { methods: ["cash"] }, "parameter_invalid", "/methods/0"],
    ["a method named twice", { methods: ["wallet", "wallet"] }, "parameter_invalid", "/methods"],
    ["an expiry in the past", { expires_at: at(-day) }, "parameter_invalid", "/expires_at"],
    ["an expiry in a year", { expires_at: at(365 * day) }, "parameter_invalid", "/expires_at"],
    ["an expiry that is no time", { expires_at: "soon" }, "parameter_invalid", "/expires_at"],
    ["a notify address without TLS", { notify: "http://example.com/" }, "parameter_invalid", "/notify"],
    ["a notify address with a password", { notify: "https://a:b@example.com/" }, "parameter_invalid", "/notify"],
    ["a notify address of a file", { notify: "file:///etc/passwd" }, "parameter_invalid", "/notify"],
    [
      "a share for nobody",
      { profit_sharing: [{ receiver: someReceiver, amount: 1 }] },
      "parameter_invalid",
      "/profit_sharing/0/receiver",
    ],
    ["a currency the merchant does not take", { currency: "USD" }, "currency_unsupported", "/currency"],
    ["a store of nobody", { store: "sto_00000000000000000000000000" }, "store_unusable", "/store"],
    ["an empty code", { code: "" }, "parameter_invalid", "/code"],
    ["a payment key of one's own", { payment_key: "pk_test_1" }, "parameter_unknown", "/payment_key"],
  ];
  for (const [name, change, code, param] of cases) {
    test(`${name}: ${code}, and the key stays free`, async () => {
      const shop = await aShop(platform);
      const key = randomUUID();
      const { status, body } = await shop.order(change, { key });
      assert.deepEqual([status, body.error.code, body.error.param], [400, code, param]);
      await ok(shop.order({}, { key }));
    });
  }

  test("what belongs to an order is refused together with a code, each field by name", async () => {
    const shop = await aShop(platform);
    const fields = {
      methods: ["wallet"],
      expires_at: at(minute),
      notify: "https://example.com/",
      profit_sharing: [{ receiver: someReceiver, amount: 1 }],
    };
    for (const [field, value] of Object.entries(fields)) {
      const { status, body } = await shop.scan("881234567891234567", { [field]: value });
      assert.deepEqual([status, body.error.code, body.error.param], [400, "order_field_with_code", `/${field}`]);
    }
  });

  test("shares go to other merchants, each once, and never past the amount; they and the notify address stay with the order", async () => {
    const [shop, one, two] = await Promise.all([aShop(platform), aShop(platform), aShop(platform)]);
    const shares = (shareBps: number) => [
      { receiver: one.id, share_bps: shareBps },
      { receiver: two.id, amount: 666 },
    ];
    const terms = { amount: 1_000, notify: "http://127.0.0.1:8099/told", profit_sharing: shares(3_340) };
    const order = await ok(shop.order(terms));
    assert.deepEqual([order.notify, order.profit_sharing], [terms.notify, terms.profit_sharing]);
    assert.deepEqual((await shop.get(`/v1/payments/${order.id}`)).body.profit_sharing, terms.profit_sharing);
    const refused = async (profit_sharing: object[]) => {
      const { error } = (await shop.order({ ...terms, profit_sharing })).body;
      return [error.code, error.param];
    };
    const twice = [...shares(1), { receiver: two.id, amount: 1 }];
    assert.deepEqual(await refused(shares(3_341)), ["profit_sharing_too_large", "/profit_sharing"]);
    assert.deepEqual(await refused(twice), ["parameter_invalid", "/profit_sharing/2/receiver"]);
    assert.deepEqual(await refused([{ receiver: shop.id, amount: 1 }]), [
      "parameter_invalid",
      "/profit_sharing/0/receiver",
    ]);
  });
});

describe("expiry", () => {
  test("an order that nobody paid in time is closed, told once, and costs nothing; others are left alone", async () => {
    const shop = await aShop(platform);
    const [short, long] = [
      await ok(shop.order({ expires_at: await later(shop.key, minute) })),
      await ok(shop.order({ expires_at: await later(shop.key, 7 * 24 * 60 * minute - 1_000) })),
    ];
    await ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body: { advance_ms: minute + 1 } }));
    await Promise.all(times(3, () => expirePayments()));
    const closed = (await shop.get(`/v1/payments/${short.id}`)).body;
    assert.deepEqual([closed.status, closed.fee, closed.amount_captured], ["closed", 0, 0]);
    assert.equal((await shop.get(`/v1/payments/${long.id}`)).body.status, "requires_payment");
    const { rows } = await database().query("select type, object from events where object_id = $1 order by position", [
      short.id,
    ]);
    assert.deepEqual(
      rows.map(({ type }) => type),
      ["payment.requires_payment", "payment.closed"],
    );
    assert.deepEqual(rows[1].object, closed);
  });
});

const later = async (token: string, ms: number): Promise<string> => {
  const { now } = await ok(platform.call("GET", "/v1/test_clock", { token }));
  return new Date(Date.parse(now) + ms).toISOString();
};
