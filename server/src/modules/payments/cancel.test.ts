import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { aPayer, aShop, booksBalance, ok, type Shop } from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";

const platform = usePlatform({ SMALL_PAYMENT_LIMIT: "100000", DAILY_CODE_LIMIT: "300000" });

const refusedAs = ({ status, body }: Answer) => [status, body.error?.code, body.error?.param, body.error?.details];
const conflict = (status: string) => [409, "state_conflict", null, { status }];
const read = async (shop: Shop, { id }: { id: string }) => (await shop.get(`/v1/payments/${id}`)).body;
const told = async (shop: Shop, { id }: { id: string }): Promise<string[]> =>
  (await shop.get(`/v1/events?object=${id}`)).body.data.map(({ type }: { type: string }) => type).reverse();

describe("cancel", () => {
  test("all that was held is back, the payment is closed and its number is free", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 10_000 })];
    const out_trade_no = randomUUID();
    const payment = await shop.held({ amount: 6_000, fee_bearer: "payer", out_trade_no }, payer);
    const closed = await ok(shop.cancel(payment));
    assert.deepEqual([closed.status, closed.amount_captured, closed.fee], ["closed", 0, 0]);
    assert.equal(await payer.balance(), 10_000);
    assert.deepEqual(await ok(shop.cancel(payment)), closed);
    assert.deepEqual(refusedAs(await shop.capture(payment)), conflict("closed"));
    assert.deepEqual(await told(shop, payment), ["payment.authorized", "payment.closed"]);
    assert.notEqual((await shop.held({ amount: 1, out_trade_no }, payer)).id, payment.id);
    await booksBalance();
  });

  test("a scan that waits for its customer is never paid, whatever the customer does then", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 200_000 })];
    const waiting = await ok(shop.scan(await payer.code(), { amount: 150_000 }));
    const confirm = () =>
      platform.call("POST", `/v1/payments/${waiting.id}/confirm_on_device`, {
        token: payer.token,
        body: { pin: payer.pin },
      });
    assert.equal((await ok(shop.cancel(waiting))).status, "closed");
    assert.deepEqual(refusedAs(await confirm()), conflict("closed"));
    assert.equal(await payer.balance(), 200_000);
    assert.deepEqual(await told(shop, waiting), ["payment.processing", "payment.closed"]);
  });

  test("a payment that succeeded is not cancelled but refunded, an unpaid order closed; the answer says so", async () => {
    const shop = await aShop(platform);
    const paid = await shop.paid();
    assert.deepEqual(refusedAs(await shop.cancel(paid)), [
      409,
      "state_conflict",
      null,
      { status: "succeeded", instead: "refund" },
    ]);
    const order = await ok(shop.order());
    assert.deepEqual(refusedAs(await shop.cancel(order)), [
      409,
      "state_conflict",
      null,
      { status: "requires_payment", instead: "close" },
    ]);
    assert.equal((await read(shop, paid)).status, "succeeded");
  });

  test("capture and cancel at once: one wins, both learn what became of the payment", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 12_000 })];
    const payments = [];
    for (let i = 0; i < 12; i++) payments.push(await shop.held({ amount: 1_000 }, payer));
    let taken = 0;
    await Promise.all(
      payments.map(async (payment, i) => {
        const both = [() => shop.capture(payment), () => shop.cancel(payment)];
        const [captured, cancelled] = i % 2 ? both : both.toReversed();
        const answers = await Promise.all([captured?.(), cancelled?.()]);
        const won = answers.filter((answer) => answer?.status === 200);
        assert.equal(won.length, 1);
        const { status } = await read(shop, payment);
        assert.equal(won[0]?.body.status, status);
        assert.equal(answers.find((answer) => answer?.status !== 200)?.body.error.details.status, status);
        assert.deepEqual(await told(shop, payment), ["payment.authorized", `payment.${status}`]);
        if (status === "succeeded") taken += 1_000;
      }),
    );
    assert.equal(await payer.balance(), 12_000 - taken);
    await booksBalance();
  });

  test("a customer's confirmation and a cancel at once: either paid or closed, and the money says the same", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 200_000 })];
    const waiting = await ok(shop.scan(await payer.code(), { amount: 150_000 }));
    const body = { pin: payer.pin };
    const [confirmed, cancelled] = await Promise.all([
      platform.call("POST", `/v1/payments/${waiting.id}/confirm_on_device`, { token: payer.token, body }),
      shop.cancel(waiting),
    ]);
    assert.equal(confirmed.status + cancelled.status, 200 + 409);
    const { status } = await read(shop, waiting);
    assert.equal(status, confirmed.status === 200 ? "succeeded" : "closed");
    assert.equal(await payer.balance(), status === "succeeded" ? 50_000 : 200_000);
    await booksBalance();
  });
});
