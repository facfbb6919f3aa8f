import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { eventually } from "@feiqian/server/test/elsewhere.ts";
import { aPayer, aShop, booksBalance, ok, type Payer, type Shop } from "@feiqian/server/test/factories.ts";
import { DyingServer, historyOf } from "./dying-server.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
let server: DyingServer;
let shop: Shop;
let payer: Payer;
const money = 100_000;

before(async () => {
  world = await openWorld({ payers: 1 });
  server = await DyingServer.start(world);
  [shop, payer] = await Promise.all([aShop(world), aPayer(world, { money })]);
});
after(async () => {
  await server.kill();
  await world.close();
});

test("the server is killed while an order is made: asked again there is one, with its key", async () => {
  const [key, out_trade_no] = [randomUUID(), `order-${randomUUID()}`];
  const order = await server.askTwice("payments.order_after_event", () => ok(shop.order({ out_trade_no }, { key })));
  assert.deepEqual((await ok(shop.get(`/v1/payments?out_trade_no=${out_trade_no}`))).data.length, 1);
  assert.deepEqual(await historyOf(order.id), ["payment.requires_payment"]);
  assert.match(order.payment_key, /^pk_/);
});

for (const point of [
  "payments.order_paid_after_ledger",
  "payments.order_paid_before_commit",
  "ledger.after_balances",
]) {
  test(`the server is killed at ${point} of a payer's confirmation: asked again the order is paid once`, async () => {
    const before = await payer.balance();
    const order = await ok(shop.order({ amount: 1_000 }));
    const key = randomUUID();
    const paid = await server.askTwice(point, () => ok(payer.confirm(order, { key })));
    assert.equal(paid.status, "succeeded");
    assert.deepEqual(await ok(payer.confirm(order, { key })), paid);
    assert.deepEqual(await historyOf(order.id), ["payment.requires_payment", "payment.succeeded"]);
    assert.equal(await payer.balance(), before - 1_000);
    await booksBalance();
  });
}

test("the server is killed while an order is closed: asked again it is closed, and told once", async () => {
  const order = await ok(shop.order());
  const closed = await server.askTwice("payments.close_before_commit", () => ok(shop.close(order)));
  assert.equal(closed.status, "closed");
  assert.deepEqual(await historyOf(order.id), ["payment.requires_payment", "payment.closed"]);
});

test("the server is killed while it closes expired orders: the next one does, and tells it once", async () => {
  const { now } = await ok(world.call("GET", "/v1/test_clock", { token: shop.key }));
  const expires_at = new Date(Date.parse(now) + 60_000).toISOString();
  const order = await ok(shop.order({ expires_at }));
  const advance = { token: shop.key, body: { advance_ms: 60_001 } };
  await server.dieAt("payments.expire_after_move", () => world.call("POST", "/v1/test_clock", advance).catch(() => {}));
  await eventually(async () => (await historyOf(order.id)).length > 1, 15_000);
  assert.deepEqual(await historyOf(order.id), ["payment.requires_payment", "payment.closed"]);
});
