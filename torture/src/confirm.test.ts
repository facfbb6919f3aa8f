import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { aPayer, aShop, booksBalance, ok } from "@feiqian/server/test/factories.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
before(async () => {
  world = await openWorld({ payers: 1 });
});
after(() => world.close());

test("the server is killed while a customer confirms: the same confirmation, sent again, pays once", async () => {
  let server = await world.startServer({ FAULT_POINTS: "payments.confirm_after_ledger=kill" });
  try {
    const shop = await aShop(world);
    const payer = await aPayer(world, { money: 300_000 });
    const waiting = await ok(shop.scan(await payer.code(), { amount: 150_000 }));
    assert.equal(waiting.status, "processing");
    const path = `/v1/payments/${waiting.id}/confirm_on_device`;
    const request = { token: payer.token, key: randomUUID(), body: { pin: payer.pin } };
    await assert.rejects(world.call("POST", path, request));
    assert.equal(await server.gone, "SIGKILL");
    server = await world.startServer();
    assert.equal(await payer.balance(), 300_000);
    const paid = await ok(world.call("POST", path, request));
    assert.equal(paid.status, "succeeded");
    assert.deepEqual(await ok(world.call("POST", path, request)), paid);
    assert.equal(await payer.balance(), 150_000);
    await booksBalance();
  } finally {
    await server.kill();
  }
});
