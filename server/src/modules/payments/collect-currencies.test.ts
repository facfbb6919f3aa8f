import assert from "node:assert/strict";
import { test } from "node:test";
import { independently } from "#test/emvco.ts";
import { aPayer, aShop, booksBalance, byTwo, ok } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";

// Three decimals, where a factor of a hundred would be wrong.
const platform = usePlatform({ CURRENCY: "KWD" });

test("in a currency of three decimals the code shows major units, and minor units are paid", async () => {
  const plan = { name: "Dinar", rate_bps: 60, currency: "KWD", default: true };
  await ok(byTwo(platform, "POST", "/v1/pricing_plans", plan));
  const shop = await aShop(platform, { name: "Souq", country: "KW", city: "Kuwait City", currency: "KWD" });
  const payer = await aPayer(platform);
  const door = await ok(shop.qrCode({ amount: 1_250 }));
  const order = await ok(shop.order({ amount: 7_005, currency: "KWD" }));
  const shown = (payload: string) => ["53", "54"].map(independently(payload).valueOf);
  assert.deepEqual(
    [shown(door.payload), shown(order.qr)],
    [
      ["414", "1.250"],
      ["414", "7.005"],
    ],
  );
  assert.equal((await ok(payer.collect(door.payload))).amount, 1_250);
  assert.equal((await ok(payer.collect(order.qr))).amount, 7_005);
  assert.equal(await payer.balance(), 100_000 - 1_250 - 7_005);
  await booksBalance();
});
