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

test("the server is killed while a customer pays a shop's QR code: the same request, sent again, pays once", async () => {
  let server = await world.startServer({ FAULT_POINTS: "payments.collect_after_ledger=kill" });
  try {
    const shop = await aShop(world);
    const payer = await aPayer(world);
    const { payload } = await ok(shop.qrCode());
    const pay = (key: string) => payer.collect(payload, { amount: 1_250 }, { key });
    const keys = [randomUUID(), randomUUID()] as const;
    await assert.rejects(pay(keys[0]));
    assert.equal(await server.gone, "SIGKILL");
    server = await world.startServer({ FAULT_POINTS: "payments.collect_after_event=kill+1" });
    assert.equal(await payer.balance(), 100_000);
    const first = await ok(pay(keys[0]));
    await assert.rejects(pay(keys[1]));
    assert.equal(await server.gone, "SIGKILL");
    server = await world.startServer();
    assert.equal(await payer.balance(), 98_750);
    const second = await ok(pay(keys[1]));
    assert.deepEqual([await ok(pay(keys[0])), await ok(pay(keys[1]))], [first, second]);
    assert.equal(await payer.balance(), 97_500);
    assert.equal((await shop.get("/v1/payments")).body.data.length, 2);
    await booksBalance();
  } finally {
    await server.kill();
  }
});
