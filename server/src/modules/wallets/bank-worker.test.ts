import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, booksBalance, ok } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";

const platform = usePlatform();

test("with a worker running, what the bank confirms, late or at once, and what it returns comes about by itself", async () => {
  const payer = await aPayer(platform, { money: 1_000 });
  const begun = [
    await payer.topUp(100),
    await payer.topUp(10, "ba_test_late"),
    await payer.topUp(1, "ba_test_returned"),
  ];
  const ids = await Promise.all(begun.map(async (answer) => (await ok(Promise.resolve(answer))).id as string));
  const statuses = async () => Promise.all(ids.map(async (id) => (await ok(payer.get(`/v1/topups/${id}`))).status));
  const come = (...wanted: string[]) => eventually(async () => (await statuses()).join() === wanted.join(), 10_000);
  await come("succeeded", "pending", "succeeded");
  const shop = await aShop(platform);
  await ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body: { advance_ms: 61_000 } }));
  await come("succeeded", "succeeded", "returned");
  assert.equal(await payer.balance(), 1_110);
  await booksBalance();
});
