import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { aPayer, aShop, booksBalance, byTwo, ok, onPlan, type Shop, times } from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";

const platform = usePlatform({ SMALL_PAYMENT_LIMIT: "100000", DAILY_CODE_LIMIT: "300000" });

const succeeded = ({ status }: Answer) => status === 200;
const refusedAs = ({ status, body }: Answer) => [status, body.error?.code, body.error?.param, body.error?.details];
const conflict = (status: string) => [409, "state_conflict", null, { status }];
const read = async (shop: Shop, { id }: { id: string }) => (await shop.get(`/v1/payments/${id}`)).body;
const told = async (shop: Shop, { id }: { id: string }): Promise<string[]> =>
  (await shop.get(`/v1/events?object=${id}`)).body.data.map(({ type }: { type: string }) => type).reverse();

describe("capture", () => {
  test("without an amount all is taken, and the fee leaves the merchant's part", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 10_000 })];
    const payment = await shop.held({ amount: 6_000 }, payer);
    const captured = await ok(shop.capture(payment));
    assert.deepEqual(
      [captured.status, captured.amount_captured, captured.fee, captured.net, captured.total],
      ["succeeded", 6_000, 36, 5_964, 6_000],
    );
    assert.equal(captured.receipt, payment.id.replace("pay_", "rcp_"));
    assert.equal(await payer.balance(), 4_000);
    assert.deepEqual(await read(shop, payment), captured);
    assert.deepEqual(await told(shop, payment), ["payment.authorized", "payment.succeeded"]);
    await booksBalance();
  });

  test("of a part the rest is back in the same moment, and the fee is that of the part", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 10_000 })];
    const payment = await shop.held({ amount: 6_000 }, payer);
    const captured = await ok(shop.capture(payment, { amount: 1_000 }));
    assert.deepEqual(
      [captured.amount, captured.amount_captured, captured.fee, captured.net, captured.total],
      [6_000, 1_000, 6, 994, 1_000],
    );
    assert.equal(await payer.balance(), 9_000);
    await booksBalance();
  });

  test("a payer who bears the fee has it held too, and pays that of what is captured", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 10_000 })];
    const payment = await shop.held({ amount: 6_000, fee_bearer: "payer" }, payer);
    assert.deepEqual([payment.fee, payment.total], [36, 6_036]);
    assert.equal(await payer.balance(), 3_964);
    const captured = await ok(shop.capture(payment, { amount: 1_000 }));
    assert.deepEqual([captured.fee, captured.total, captured.net], [6, 1_006, 1_000]);
    assert.equal(await payer.balance(), 8_994);
    const tiny = await ok(shop.capture(await shop.held({ amount: 6_000, fee_bearer: "payer" }, payer), { amount: 1 }));
    assert.deepEqual([tiny.fee, tiny.total], [0, 1]);
    assert.equal(await payer.balance(), 8_993);
    await booksBalance();
  });

  test("the fee is that of the plan under which it was authorised", async () => {
    const shop = await aShop(platform, await onPlan(platform, { rate_bps: 100, fixed: 10 }));
    const payment = await shop.held({ amount: 6_000 });
    const change = { pricing_plan: "pln_00000000000000000000000001" };
    await ok(byTwo(platform, "PATCH", `/v1/merchants/${shop.id}`, change));
    assert.equal((await ok(shop.capture(payment, { amount: 1_000 }))).fee, 20);
  });

  test("more than is held is refused; then the right amount is taken", async () => {
    const shop = await aShop(platform);
    const payment = await shop.held({ amount: 6_000 });
    const refused = await shop.capture(payment, { amount: 6_001 });
    assert.deepEqual(refusedAs(refused), [400, "amount_too_large", "/amount", { most: 6_000 }]);
    assert.equal((await ok(shop.capture(payment, { amount: 5_999 }))).amount_captured, 5_999);
  });

  test("eight captures at once: one takes the money, the others learn the state", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 10_000 })];
    const payment = await shop.held({ amount: 6_000 }, payer);
    const answers = await Promise.all(times(8, (n) => shop.capture(payment, { amount: 1_000 + n })));
    const [taken, ...more] = answers.filter(succeeded);
    assert.equal(more.length, 0);
    for (const late of answers.filter((answer) => !succeeded(answer))) {
      assert.deepEqual(refusedAs(late), conflict("succeeded"));
    }
    assert.equal(await payer.balance(), 10_000 - taken?.body.amount_captured);
    await booksBalance();
  });

  test("the same key gives the same answer; a second capture with another key is refused", async () => {
    const shop = await aShop(platform);
    const payment = await shop.held({ amount: 6_000 });
    const key = randomUUID();
    const first = await shop.capture(payment, { amount: 100 }, { key });
    const again = await shop.capture(payment, { amount: 100 }, { key });
    assert.deepEqual([again.body, again.headers.get("idempotent-replayed")], [first.body, "true"]);
    assert.deepEqual(refusedAs(await shop.capture(payment, { amount: 100 })), conflict("succeeded"));
  });

  test("what was captured can be refunded, and no more than that", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 10_000 })];
    const payment = await shop.held({ amount: 6_000 }, payer);
    assert.deepEqual((await shop.refund(payment)).body.error.details, { status: "authorized" });
    await ok(shop.capture(payment, { amount: 1_000 }));
    assert.deepEqual((await shop.refund(payment, { amount: 1_001 })).body.error.details, { most: 1_000 });
    const refund = await ok(shop.refund(payment));
    assert.deepEqual([refund.amount, refund.fee_returned], [1_000, 6]);
    assert.equal(await payer.balance(), 10_000);
    await booksBalance();
  });

  test("what is not authorised can't be captured: the answer names its state", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 1_000_000 })];
    assert.deepEqual(refusedAs(await shop.capture(await shop.paid({}, payer))), conflict("succeeded"));
    assert.deepEqual(refusedAs(await shop.capture(await ok(shop.order()))), conflict("requires_payment"));
    assert.deepEqual(
      refusedAs(await shop.capture(await shop.held({ amount: 100_001 }, payer))),
      conflict("processing"),
    );
  });
});
