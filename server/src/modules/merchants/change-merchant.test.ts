import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { merchantProfile } from "#modules/merchants";
import { operator, useMerchants } from "#test/merchants.ts";
import { ok, refused } from "#test/people.ts";

const { ask, aMerchant, aShop } = useMerchants();

const change = (id: string, body: object) => ask("PATCH", `/v1/merchants/${id}`, body, operator);
const aPlan = async (terms: object = {}) =>
  ok(await ask("POST", "/v1/pricing_plans", { name: "Plan", rate_bps: 38, currency: "CNY", ...terms }, operator));

test("a suspended merchant's keys open nothing at once, and open again when it is reinstated", async () => {
  const shop = await aShop();
  ok(await shop.ask("GET", `/v1/merchants/${shop.id}`));
  assert.equal(ok(await change(shop.id, { status: "suspended" })).status, "suspended");
  for (const [method, path] of [
    ["GET", `/v1/merchants/${shop.id}`],
    ["GET", "/v1/stores"],
    ["POST", "/v1/stores"],
    ["DELETE", `/v1/api_keys/${shop.key.id}`],
  ] as const) {
    refused(await shop.ask(method, path, method === "POST" ? { name: "S" } : undefined), 403, "merchant_suspended");
  }
  const inChinese = await shop.ask("GET", "/v1/stores", undefined, { "accept-language": "zh-CN" });
  assert.equal(inChinese.body.error.message, "商户已被停用。");
  ok(await change(shop.id, { status: "active" }));
  ok(await shop.ask("GET", `/v1/merchants/${shop.id}`));
});

test("a change touches what it names and nothing else", async () => {
  const merchant = await aMerchant();
  const plan = await aPlan();
  assert.deepEqual(ok(await change(merchant.id, { name: "New name" })), { ...merchant, name: "New name" });
  const repriced = ok(await change(merchant.id, { pricing_plan: plan.id }));
  assert.deepEqual(repriced, { ...merchant, name: "New name", pricing_plan: plan.id });
});

test("who bears fees is the merchant's own word, or the plan's while it has none", async () => {
  const { id } = await aMerchant();
  const bearer = async (body: object) => ok(await change(id, body)).fee_bearer;
  const surcharge = await aPlan({ fee_bearer: "payer" });
  assert.equal(await bearer({ pricing_plan: surcharge.id }), "payer");
  assert.equal(await bearer({ fee_bearer: "merchant" }), "merchant");
  assert.equal(await bearer({ name: "Still its own word" }), "merchant");
  assert.equal(await bearer({ fee_bearer: null }), "payer");
});

test("another price holds from the next payment on", async () => {
  const { id } = await aMerchant();
  assert.equal((await merchantProfile(id)).plan.rateBps, 60);
  const plan = await aPlan({ rate_bps: 20 });
  ok(await change(id, { pricing_plan: plan.id }));
  assert.equal((await merchantProfile(id)).plan.rateBps, 20);
});

test("a plan in another currency, or one that does not exist, is not assigned", async () => {
  const { id } = await aMerchant();
  const foreign = await aPlan({ currency: "JPY" });
  const mismatch = refused(await change(id, { pricing_plan: foreign.id }), 400, "pricing_plan_currency");
  assert.deepEqual([mismatch.param, mismatch.details.currency], ["/pricing_plan", "CNY"]);
  const nothing = await change(id, { pricing_plan: "pln_0000000000000000000000000z" });
  assert.equal(refused(nothing, 404, "not_found").param, "/pricing_plan");
  await assert.rejects(
    database().query("update merchants set pricing_plan_id = $1 where id = $2", [foreign.id, id]),
    /violates foreign key constraint/,
  );
});

test("a change of nothing, of an unknown field, of an unknown state or of an unknown merchant is refused", async () => {
  const { id } = await aMerchant();
  refused(await change(id, {}), 400, "parameter_invalid");
  assert.equal(refused(await change(id, { currency: "USD" }), 400, "parameter_unknown").param, "/currency");
  assert.equal(refused(await change(id, { status: "closed" }), 400, "parameter_invalid").param, "/status");
  refused(await change("mch_00000000000000000000000000", { name: "X" }), 404, "not_found");
  refused(await change("mch_00000000000000000000000000", { pricing_plan: (await aPlan()).id }), 404, "not_found");
  refused(await change(encodeURIComponent("' or true --"), { name: "X" }), 400, "parameter_invalid");
});

test("each change is told with the merchant as it is then", async () => {
  const { id } = await aMerchant();
  const renamed = ok(await change(id, { name: "Second" }));
  const suspended = ok(await change(id, { status: "suspended" }));
  const { rows } = await database().query(
    "select object from events where owner_id = $1 and type = 'merchant.updated' order by position",
    [id],
  );
  assert.deepEqual(
    rows.map(({ object }) => object),
    [renamed, suspended],
  );
});
