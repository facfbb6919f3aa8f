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

before(async () => {
  world = await openWorld({ payers: 1 });
  server = await DyingServer.start(world);
  [shop, payer] = await Promise.all([aShop(world), aPayer(world)]);
});
after(async () => {
  await server.kill();
  await world.close();
});

for (const point of ["ledger.after_balances", "payments.refund_after_ledger", "payments.refund_before_commit"]) {
  test(`the server is killed at ${point} of a refund: asked again there is one, and the money came once`, async () => {
    const payment = await shop.paid({ amount: 1_000 }, payer);
    const before = await payer.balance();
    const [terms, key] = [{ amount: 400, out_refund_no: randomUUID() }, randomUUID()];
    const refund = await server.askTwice(point, () => ok(shop.refund(payment, terms, { key })));
    assert.deepEqual(await ok(shop.refund(payment, terms, { key })), refund);
    assert.deepEqual(await historyOf(refund.id), ["refund.succeeded"]);
    const { data } = await ok(shop.get(`/v1/refunds?payment=${payment.id}`));
    assert.deepEqual(data, [refund]);
    assert.equal(await payer.balance(), before + 400);
    await booksBalance();
  });
}

for (const point of ["payments.capture_after_ledger", "payments.capture_before_commit"]) {
  test(`the server is killed at ${point}: asked again the hold is captured once and the rest is back`, async () => {
    const before = await payer.balance();
    const payment = await shop.held({ amount: 1_000 }, payer);
    const key = randomUUID();
    const captured = await server.askTwice(point, () => ok(shop.capture(payment, { amount: 300 }, { key })));
    assert.deepEqual([captured.status, captured.amount_captured], ["succeeded", 300]);
    assert.deepEqual(await historyOf(payment.id), ["payment.authorized", "payment.succeeded"]);
    assert.equal(await payer.balance(), before - 300);
    await booksBalance();
  });
}

for (const point of ["payments.release_after_ledger", "payments.cancel_before_commit"]) {
  test(`the server is killed at ${point} of a cancel: asked again the payment is closed and the money is back`, async () => {
    const before = await payer.balance();
    const payment = await shop.held({ amount: 1_000 }, payer);
    const key = randomUUID();
    const closed = await server.askTwice(point, () => ok(shop.cancel(payment, { key })));
    assert.equal(closed.status, "closed");
    assert.deepEqual(await historyOf(payment.id), ["payment.authorized", "payment.closed"]);
    assert.equal(await payer.balance(), before);
    await booksBalance();
  });
}

test("the server is killed while it releases holds whose time is over: the next one does, and tells it once", async () => {
  const before = await payer.balance();
  const { now } = await ok(world.call("GET", "/v1/test_clock", { token: shop.key }));
  const expires_at = new Date(Date.parse(now) + 60_000).toISOString();
  const payment = await shop.held({ amount: 1_000, expires_at }, payer);
  const advance = { token: shop.key, body: { advance_ms: 60_001 } };
  await server.dieAt("payments.release_after_ledger", () =>
    world.call("POST", "/v1/test_clock", advance).catch(() => {}),
  );
  await eventually(async () => (await historyOf(payment.id)).length > 1, 15_000);
  assert.deepEqual(await historyOf(payment.id), ["payment.authorized", "payment.closed"]);
  await eventually(async () => (await payer.balance()) === before);
  await booksBalance();
});
