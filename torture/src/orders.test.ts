import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { database } from "@feiqian/server/kit/db.ts";
import { eventually } from "@feiqian/server/test/elsewhere.ts";
import { aPayer, aShop, booksBalance, ok, type Payer, type Shop } from "@feiqian/server/test/factories.ts";
import type { ServerProcess } from "./server-process.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
let server: ServerProcess;
let shop: Shop;
let payer: Payer;
const money = 100_000;

before(async () => {
  world = await openWorld({ payers: 1 });
  server = await world.startServer();
  [shop, payer] = await Promise.all([aShop(world), aPayer(world, { money })]);
});
after(async () => {
  await server.kill();
  await world.close();
});

/** Restarts the server so that it dies at `point`, asks it, sees it die, and asks a healthy one the same again. */
async function askTwice<T>(point: string, ask: () => Promise<T>): Promise<T> {
  await server.terminate();
  server = await world.startServer({ FAULT_POINTS: `${point}=kill` });
  await assert.rejects(ask());
  assert.equal(await server.gone, "SIGKILL");
  server = await world.startServer();
  return ask();
}

const historyOf = async (id: string): Promise<string[]> => {
  const { rows } = await database().query("select type from events where object_id = $1 order by position", [id]);
  return rows.map(({ type }) => type);
};

test("the server is killed while an order is made: asked again there is one, with its key", async () => {
  const [key, out_trade_no] = [randomUUID(), `order-${randomUUID()}`];
  const order = await askTwice("payments.order_after_event", () => ok(shop.order({ out_trade_no }, { key })));
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
    const paid = await askTwice(point, () => ok(payer.confirm(order, { key })));
    assert.equal(paid.status, "succeeded");
    assert.deepEqual(await ok(payer.confirm(order, { key })), paid);
    assert.deepEqual(await historyOf(order.id), ["payment.requires_payment", "payment.succeeded"]);
    assert.equal(await payer.balance(), before - 1_000);
    await booksBalance();
  });
}

test("the server is killed while an order is closed: asked again it is closed, and told once", async () => {
  const order = await ok(shop.order());
  const closed = await askTwice("payments.close_before_commit", () => ok(shop.close(order)));
  assert.equal(closed.status, "closed");
  assert.deepEqual(await historyOf(order.id), ["payment.requires_payment", "payment.closed"]);
});

test("the server is killed while it closes expired orders: the next one does, and tells it once", async () => {
  const { now } = await ok(world.call("GET", "/v1/test_clock", { token: shop.key }));
  const expires_at = new Date(Date.parse(now) + 60_000).toISOString();
  const order = await ok(shop.order({ expires_at }));
  await server.terminate();
  server = await world.startServer({ FAULT_POINTS: "payments.expire_after_move=kill" });
  const advance = { token: shop.key, body: { advance_ms: 60_001 } };
  await world.call("POST", "/v1/test_clock", advance).catch(() => {});
  assert.equal(await server.gone, "SIGKILL");
  assert.deepEqual(await historyOf(order.id), ["payment.requires_payment"]);
  server = await world.startServer();
  await eventually(async () => (await historyOf(order.id)).length > 1, 15_000);
  assert.deepEqual(await historyOf(order.id), ["payment.requires_payment", "payment.closed"]);
});
