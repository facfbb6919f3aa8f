import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { now } from "#kit/clock.ts";
import { newId } from "#kit/ids.ts";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, booksBalance, ok, type Payer, type Shop } from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";
import { expirePayments } from "./expire-payments.ts";

const platform = usePlatform({ SMALL_PAYMENT_LIMIT: "100000", DAILY_CODE_LIMIT: "300000" });

const refusedAs = ({ status, body }: Answer) => [status, body.error?.code, body.error?.param, body.error?.details];
const conflict = (status: string) => [409, "state_conflict", null, { status }];
const read = async (shop: Shop, { id }: { id: string }) => (await shop.get(`/v1/payments/${id}`)).body;
const told = async (shop: Shop, { id }: { id: string }): Promise<string[]> =>
  (await shop.get(`/v1/events?object=${id}`)).body.data.map(({ type }: { type: string }) => type).reverse();
const hourMs = 60 * 60_000;
const advance = (shop: Shop, advance_ms: number) =>
  ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body: { advance_ms } }));
const signedIn = async (payer: Payer): Promise<Payer> => {
  const { phone, password } = payer;
  const { access_token: token } = await ok(
    platform.call("POST", "/v1/sessions", { body: { phone, password }, key: null }),
  );
  const balance = async () => (await ok(platform.call("GET", "/v1/wallet", { token }))).balances[0].available;
  return { ...payer, token, balance };
};

describe("authorise", () => {
  test("a scan with manual capture holds the money: nobody can spend it, and the merchant does not have it", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 10_000 })];
    const payment = await shop.held({ amount: 6_000 }, payer);
    assert.deepEqual([payment.status, payment.capture, payment.amount_captured], ["authorized", "manual", 0]);
    assert.deepEqual([payment.succeeded_at, payment.receipt, payment.action], [null, null, null]);
    assert.equal(Date.parse(payment.expires_at) - Date.parse(payment.created_at), 168 * hourMs);
    const { balances } = (await payer.get("/v1/wallet")).body;
    assert.deepEqual(balances, [{ currency: "CNY", available: 4_000, pending: 0, held: 6_000 }]);
    const refused = await shop.scan(await payer.code(), { amount: 4_001 });
    assert.equal(refused.body.error.code, "insufficient_funds");
    assert.deepEqual(await read(shop, payment), payment);
    assert.deepEqual(await told(shop, payment), ["payment.authorized"]);
    await booksBalance();
  });

  test("a wallet that holds too little is refused and holds nothing", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 999 })];
    const refused = await shop.scan(await payer.code(), { amount: 1_000, capture: "manual" });
    assert.deepEqual([refused.status, refused.body.error.code], [402, "insufficient_funds"]);
    assert.equal(await payer.balance(), 999);
  });

  test("the order number stands for the hold: the same scan gives it again, an automatic one is other terms", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform)];
    const terms = { amount: 1_000, out_trade_no: randomUUID() };
    const payment = await shop.held(terms, payer);
    assert.deepEqual(await shop.held(terms, payer), payment);
    assert.equal((await shop.scan(await payer.code(), terms)).body.error.code, "out_trade_no_conflict");
    assert.equal(await payer.balance(), 99_000);
  });

  test("above the small-payment limit the money is held when the customer has confirmed, until when the merchant asked", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 200_000 })];
    const expires_at = new Date(now() + 3 * hourMs).toISOString();
    const waiting = await shop.held({ amount: 150_000, expires_at }, payer);
    assert.equal(waiting.status, "processing");
    assert.equal(await payer.balance(), 200_000);
    const confirmed = await ok(
      platform.call("POST", `/v1/payments/${waiting.id}/confirm_on_device`, {
        token: payer.token,
        body: { pin: payer.pin },
      }),
    );
    assert.deepEqual([confirmed.status, confirmed.expires_at], ["authorized", expires_at]);
    assert.equal(await payer.balance(), 50_000);
    const captured = await ok(shop.capture(waiting));
    assert.deepEqual([captured.status, captured.amount_captured], ["succeeded", 150_000]);
    assert.deepEqual(await told(shop, waiting), ["payment.processing", "payment.authorized", "payment.succeeded"]);
    await booksBalance();
  });

  test("an order with manual capture is authorised when its payer has paid it", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 10_000 })];
    const order = await ok(shop.order({ amount: 7_000, capture: "manual" }));
    const paid = await ok(payer.confirm(order));
    assert.equal(paid.status, "authorized");
    assert.ok(Date.parse(paid.expires_at) - Date.parse(order.created_at) >= 168 * hourMs);
    assert.equal(await payer.balance(), 3_000);
    const captured = await ok(shop.capture(order, { amount: 2_000 }));
    assert.deepEqual([captured.status, captured.amount_captured, captured.net], ["succeeded", 2_000, 1_988]);
    assert.equal(await payer.balance(), 8_000);
    await booksBalance();
  });

  test("a hold counts on the day's limit, and what is given back may be spent again", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 500_000 })];
    const payments = [];
    for (let i = 0; i < 3; i++) payments.push(await shop.held({ amount: 100_000 }, payer));
    assert.equal((await shop.scan(await payer.code(), { amount: 1 })).body.error.code, "limit_exceeded");
    await ok(shop.capture(payments[0], { amount: 40_000 }));
    await ok(shop.cancel(payments[1]));
    const [limit] = (await payer.get("/v1/wallet")).body.limits;
    assert.deepEqual([limit.limit, limit.left], [300_000, 160_000]);
    await booksBalance();
  });
});

describe("requests that can't be right", () => {
  test("another merchant's payment, and one that does not exist, are not found", async () => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    const payment = await shop.held();
    for (const id of [payment.id, newId("pay"), "nothing"]) {
      assert.equal((await other.capture({ id })).body.error.code, "not_found", id);
      assert.equal((await other.cancel({ id })).body.error.code, "not_found", id);
    }
    assert.equal((await read(shop, payment)).status, "authorized");
  });

  test("bad input: the error names the field", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform)];
    const payment = await shop.held({}, payer);
    for (const [body, code, param] of [
      [{ amount: 0 }, "parameter_invalid", "/amount"],
      [{ amount: 1.5 }, "parameter_invalid", "/amount"],
      [{ amount: "1" }, "parameter_invalid", "/amount"],
      [{ sum: 1 }, "parameter_unknown", "/sum"],
    ] as const) {
      assert.deepEqual(refusedAs(await shop.capture(payment, body)).slice(0, 3), [400, code, param]);
    }
    assert.equal((await shop.capture(payment, {}, { key: null })).body.error.code, "idempotency_key_missing");
    assert.equal((await shop.cancel(payment, { key: null })).body.error.code, "idempotency_key_missing");
    const scan = async (terms: object) =>
      refusedAs(await shop.scan(await payer.code(), terms as Record<string, unknown>)).slice(0, 3);
    const wrong = [400, "parameter_invalid", "/expires_at"];
    const at = (ms: number) => new Date(now() + ms).toISOString();
    assert.deepEqual(await scan({ capture: "manual", expires_at: at(-1_000) }), wrong);
    assert.deepEqual(await scan({ capture: "manual", expires_at: at(168 * hourMs + 60_000) }), wrong);
    assert.deepEqual(await scan({ expires_at: at(hourMs) }), [400, "order_field_with_code", "/expires_at"]);
    assert.deepEqual(await scan({ capture: "later" }), [400, "parameter_invalid", "/capture"]);
  });
});

// These move the clock, so that they come last.
describe("expiry", () => {
  test("the ledger's own time-out ends a hold at most two seconds after the payment's, never before it", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 10_000 })];
    const payment = await shop.held({ amount: 6_000 }, payer);
    const held = (await shop.get(`/v1/payments/${payment.id}?expand=ledger_transfers`)).body.ledger_transfers;
    for (const transfer of held) {
      const late = Date.parse(transfer.expires_at) - Date.parse(payment.expires_at);
      assert.ok(late >= 0 && late < 2_000, `${late} ms after the payment`);
    }
    assert.equal(held.length, 2);
    await ok(shop.cancel(payment));
  });

  test("capture, cancel and expiry at once: one wins, and the payment, the answers and the money agree", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 20_000 })];
    const expires_at = new Date(now() + 300_000).toISOString();
    const payments: { id: string }[] = [];
    for (let i = 0; i < 20; i++) payments.push(await shop.held({ amount: 1_000, expires_at }, payer));
    await advance(shop, Date.parse(expires_at) - now() - 60);
    const answers = await Promise.all(
      payments.map(async (payment, i) => {
        if (i % 5 === 0) await expirePayments();
        const [capture] = await Promise.all([shop.capture(payment), i % 3 === 0 && shop.cancel(payment)]);
        return { payment, capture };
      }),
    );
    let taken = 0;
    await eventually(async () => {
      const all = await Promise.all(payments.map((payment) => read(shop, payment)));
      return all.every(({ status }) => status !== "authorized");
    });
    for (const { payment, capture } of answers) {
      const { status } = await read(shop, payment);
      assert.equal(capture.status, status === "succeeded" ? 200 : 409);
      if (status === "succeeded") taken += 1_000;
      assert.deepEqual(await told(shop, payment), ["payment.authorized", `payment.${status}`]);
    }
    const again = await signedIn(payer);
    await eventually(async () => (await again.balance()) === 20_000 - taken);
    await booksBalance();
  });

  test("at the end of its hold a payment closes and the money is back, without anybody asking", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 10_000 })];
    const expires_at = new Date(now() + 2 * hourMs).toISOString();
    const key = randomUUID();
    const terms = { amount: 6_000, capture: "manual", expires_at, out_trade_no: randomUUID() };
    const code = await payer.code();
    const first = await shop.scan(code, terms, { key });
    assert.equal(first.body.expires_at, expires_at);
    const longer = await shop.held({ amount: 1_000 }, payer);
    await advance(shop, 2 * hourMs);
    assert.deepEqual(refusedAs(await shop.capture(first.body)), conflict("closed"));
    await eventually(async () => (await read(shop, first.body)).status === "closed");
    assert.deepEqual(await told(shop, first.body), ["payment.authorized", "payment.closed"]);
    const again = await signedIn(payer);
    await eventually(async () => (await again.balance()) === 9_000);
    assert.equal((await read(shop, longer)).status, "authorized");
    // The first request comes again although its time is over: the answer is the first one's.
    assert.deepEqual((await shop.scan(code, terms, { key })).body, first.body);
    await ok(shop.capture(longer));
    await booksBalance();
  });
});
