import assert from "node:assert/strict";
import { test } from "node:test";
import { config } from "#kit/config.ts";
import { database } from "#kit/db.ts";
import { balancesOf, findAccount } from "#modules/ledger";
import { merchantAccount, merchantProfile, platformAccount } from "#modules/merchants";
import { idsOf, operator, staff, useMerchants } from "#test/merchants.ts";
import { ok, refused, times } from "#test/people.ts";

const { ask, aMerchant, aShop } = useMerchants();

test("a merchant is taken on with the default plan and can be read", async () => {
  const merchant = await aMerchant();
  assert.deepEqual(merchant, {
    id: merchant.id,
    object: "merchant",
    name: "Test shop",
    mcc: "5411",
    country: "CN",
    city: "Hangzhou",
    currency: "CNY",
    status: "active",
    pricing_plan: "pln_00000000000000000000000001",
    fee_bearer: "merchant",
    created_at: merchant.created_at,
  });
  assert.deepEqual(ok(await ask("GET", `/v1/merchants/${merchant.id}`, undefined, operator)), merchant);
});

test("a new merchant's accounts are open in both modes: pending in lanes without a floor, available with one", async () => {
  const { id } = await aMerchant();
  for (const livemode of [true, false]) {
    const pending = await findAccount(database(), merchantAccount(id, "pending", "CNY", livemode));
    const available = await findAccount(database(), merchantAccount(id, "available", "CNY", livemode));
    assert.deepEqual(
      [pending, available].map((a) => [a.ownerId, a.livemode, a.currency, a.lanes, a.debitsMustNotExceedCredits]),
      [
        [id, livemode, "CNY", 8, false],
        [id, livemode, "CNY", 1, true],
      ],
    );
  }
});

test("a merchant in another currency brings the platform's accounts of that currency", async () => {
  const plan = ok(await ask("POST", "/v1/pricing_plans", { name: "USD", rate_bps: 290, currency: "USD" }, operator));
  await aMerchant({ currency: "USD", pricing_plan: plan.id });
  const accounts = [platformAccount("fees", "USD", true), platformAccount("fees", "USD", false)];
  assert.equal((await balancesOf(database(), accounts)).size, 2);
});

test("nothing is left of a merchant whose creation fails", async () => {
  const count = async () => (await database().query("select count(*) from merchants")).rows[0].count;
  const before = await count();
  const body = { name: "X", mcc: "5411", country: "CN", city: "Y", pricing_plan: "pln_0000000000000000000000000z" };
  refused(await ask("POST", "/v1/merchants", body, operator), 404, "not_found");
  assert.equal(await count(), before);
});

test("the same Idempotency-Key takes on one merchant, however often and at once it is sent", async () => {
  const body = { name: "Once", mcc: "5411", country: "CN", city: "Hangzhou" };
  const send = () => ask("POST", "/v1/merchants", body, { ...operator, headers: { "idempotency-key": "once-1" } });
  const answers = await Promise.all(times(8, send));
  const made = answers.filter(({ status }) => status === 200).map(({ body }) => body.id);
  for (const answer of answers) if (answer.status !== 200) refused(answer, 409, "idempotency_in_progress");
  const again = await send();
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  assert.deepEqual(new Set([...made, again.body.id]).size, 1);
});

test("what a merchant's fields may hold is checked, and the field is named", async () => {
  const good = { name: "Test shop", mcc: "5411", country: "CN", city: "Hangzhou" };
  const cases: [Record<string, unknown>, string, string][] = [
    [{ name: "" }, "parameter_invalid", "/name"],
    [{ name: "two\nlines" }, "parameter_invalid", "/name"],
    [{ name: "a".repeat(101) }, "parameter_invalid", "/name"],
    [{ mcc: 5411 }, "parameter_invalid", "/mcc"],
    [{ mcc: "541" }, "parameter_invalid", "/mcc"],
    [{ country: "cn" }, "parameter_invalid", "/country"],
    [{ country: "QX" }, "parameter_invalid", "/country"],
    [{ country: "ZZ" }, "parameter_invalid", "/country"],
    [{ currency: "RMB" }, "parameter_invalid", "/currency"],
    [{ currency: "XAU" }, "parameter_invalid", "/currency"],
    [{ currency: "EUR" }, "parameter_missing", "/pricing_plan"],
    [{ fee_bearer: "nobody" }, "parameter_invalid", "/fee_bearer"],
    [{ status: "active" }, "parameter_unknown", "/status"],
    [{ city: undefined }, "parameter_missing", "/city"],
  ];
  for (const [wrong, code, param] of cases) {
    const answer = await ask("POST", "/v1/merchants", { ...good, ...wrong }, operator);
    assert.equal(refused(answer, 400, code).param, param, JSON.stringify(wrong));
  }
});

test("a name in Chinese or with rare characters is kept to the letter", async () => {
  const { id } = await aMerchant({ name: "西湖𠮷牛肉面 “quoted” {a,b} \\ NULL", city: "杭州" });
  const merchant = ok(await ask("GET", `/v1/merchants/${id}`, undefined, operator));
  assert.deepEqual([merchant.name, merchant.city], ["西湖𠮷牛肉面 “quoted” {a,b} \\ NULL", "杭州"]);
});

test("merchants are listed newest first, by pages that fit together in both directions", async () => {
  const made: string[] = [];
  for (const _ of times(5, () => 0)) made.unshift((await aMerchant({ mcc: "7999" })).id);
  const all = idsOf(ok(await ask("GET", "/v1/merchants?limit=100", undefined, operator)).data);
  assert.deepEqual(
    all,
    all.toSorted((a, b) => (a < b ? 1 : -1)),
  );
  for (const id of made) assert.ok(all.includes(id));
  const first = ok(await ask("GET", "/v1/merchants?limit=2", undefined, operator));
  const second = ok(await ask("GET", `/v1/merchants?limit=2&starting_after=${first.data[1].id}`, undefined, operator));
  const back = ok(await ask("GET", `/v1/merchants?limit=2&ending_before=${second.data[0].id}`, undefined, operator));
  assert.deepEqual(idsOf([...first.data, ...second.data]), all.slice(0, 4));
  assert.deepEqual([first.has_more, back.data, first.url], [true, first.data, "/v1/merchants"]);
});

test("times that no calendar has are refused by lists, not answered with 500", async () => {
  for (const time of ["0000-01-01T00:00:00Z", "2026-01-01T00:00:00%2B23:00", "2026-13-01T00:00:00Z", "yesterday"]) {
    const answer = await ask("GET", `/v1/merchants?created_gte=${time}`, undefined, operator);
    assert.equal(refused(answer, 400, "parameter_invalid").param, "created_gte");
  }
  const leap = await ask("GET", "/v1/merchants?created_lt=2016-12-31T23:59:60Z", undefined, operator);
  assert.deepEqual(ok(leap).data, []);
});

test("staff read with merchants:read and change with merchants:write; a merchant's key does neither to merchants", async () => {
  const shop = await aShop();
  const body = { name: "N", mcc: "5411", country: "CN", city: "C" };
  const reader = staff("merchants:read");
  assert.equal(
    refused(await ask("POST", "/v1/merchants", body, reader), 403, "scope_missing").details.scope,
    "merchants:write",
  );
  refused(await ask("PATCH", `/v1/merchants/${shop.id}`, { name: "X" }, reader), 403, "scope_missing");
  refused(await ask("GET", "/v1/merchants", undefined, staff("ledger:read")), 403, "scope_missing");
  refused(await shop.ask("POST", "/v1/merchants", body), 403, "actor_not_allowed");
  refused(await shop.ask("PATCH", `/v1/merchants/${shop.id}`, { status: "suspended" }), 403, "actor_not_allowed");
  refused(await shop.ask("GET", "/v1/merchants"), 403, "actor_not_allowed");
  refused(await ask("GET", "/v1/merchants"), 401, "credentials_missing");
});

test("a merchant's creation is told to its owner, in the mode that this server serves", async () => {
  const merchant = await aMerchant();
  const { rows } = await database().query("select type, livemode, object from events where owner_id = $1", [
    merchant.id,
  ]);
  assert.deepEqual(rows, [{ type: "merchant.created", livemode: false, object: merchant }]);
});

test("a profile holds what a payment needs; a second look-up does not wait", async () => {
  const { id } = await aMerchant({ fee_bearer: "payer" });
  const profile = await merchantProfile(id);
  assert.equal(profile.feeBearer, "payer");
  assert.equal(profile.plan.rateBps, 60);
  assert.equal(profile.accounts.test.pending, merchantAccount(id, "pending", config().currency, false));
  assert.notEqual(profile.accounts.live.pending, profile.accounts.test.pending);
  assert.equal(merchantProfile(id), profile);
});
