import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "#kit/ids.ts";
import { usePlatform } from "#test/platform.ts";

const platform = usePlatform();
const ask = async (path: string, body: object) =>
  (await platform.call("POST", path, { token: await platform.operator(), body })).status;

test("in test mode prices take two persons; keys and bookings of test data take one", async () => {
  const shop = { name: "S", mcc: "5411", country: "CN", city: "Hangzhou" };
  const merchant = await platform.call("POST", "/v1/merchants", { token: await platform.operator(), body: shop });
  const transfer = {
    debit_account: newId("acc"),
    credit_account: newId("acc"),
    amount: 1,
    currency: "CNY",
    code: "test",
  };
  assert.deepEqual(
    [
      await ask("/v1/pricing_plans", { name: "Plan", rate_bps: 1, currency: "CNY" }),
      await ask("/v1/api_keys", { merchant: merchant.body.id, livemode: false, name: "Key" }),
      await ask("/v1/ledger/transfers", { transfers: [transfer] }),
    ],
    [202, 200, 200],
  );
});
