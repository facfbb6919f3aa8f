import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { feeFor, type PlanTerms } from "#modules/merchants";
import { idsOf, operator, staff, useMerchants } from "#test/merchants.ts";
import { ok, refused, times } from "#test/people.ts";

const { ask, aMerchant, aShop } = useMerchants();

const post = (body: object) => ask("POST", "/v1/pricing_plans", body, operator);
const terms = { name: "Plan", rate_bps: 38, currency: "CNY" };

test("the built-in plan is 0.60 % borne by the merchant", async () => {
  const plan = ok(await ask("GET", "/v1/pricing_plans/pln_00000000000000000000000001", undefined, operator));
  const { created_at, ...rest } = plan;
  assert.deepEqual(rest, {
    id: "pln_00000000000000000000000001",
    object: "pricing_plan",
    name: "Standard",
    version: 1,
    replaces: null,
    default: true,
    rate_bps: 60,
    fixed: 0,
    min_fee: null,
    max_fee: null,
    currency: "CNY",
    fee_bearer: "merchant",
    refund_fee: "returned",
    refund_debt: "refused",
  });
  assert.match(created_at, /Z$/);
});

test("a plan's terms are answered as they were given", async () => {
  const given = {
    ...terms,
    fixed: 10,
    min_fee: 5,
    max_fee: 5_000,
    fee_bearer: "payer",
    refund_fee: "kept",
    refund_debt: "allowed",
  };
  const plan = ok(await post(given));
  for (const [field, value] of Object.entries(given)) assert.equal(plan[field], value, field);
  assert.deepEqual(ok(await ask("GET", `/v1/pricing_plans/${plan.id}`, undefined, operator)), plan);
});

test("terms never change: there is no way to change a plan, only a next version", async () => {
  const first = ok(await post(terms));
  refused(await ask("PATCH", `/v1/pricing_plans/${first.id}`, { rate_bps: 1 }, operator), 404, "route_not_found");
  const second = ok(await post({ ...terms, rate_bps: 30, replaces: first.id }));
  assert.deepEqual([second.version, second.replaces, second.default], [2, first.id, false]);
  assert.equal(ok(await ask("GET", `/v1/pricing_plans/${first.id}`, undefined, operator)).rate_bps, 38);
});

test("eight next versions at once: one is made, the others are told", async () => {
  const { id: replaces } = ok(await post(terms));
  const answers = await Promise.all(times(8, (n) => post({ ...terms, rate_bps: n, replaces })));
  const late = answers.filter(({ status }) => status !== 200);
  assert.equal(late.length, 7);
  for (const answer of late) {
    const error = refused(answer, 409, "state_conflict");
    assert.deepEqual([error.param, error.details.status], ["/replaces", "replaced"]);
  }
});

test("a next version of the default is the default; merchants stay on theirs until they are moved", async () => {
  const yen = ok(await post({ ...terms, currency: "JPY", default: true }));
  const early = await aMerchant({ currency: "JPY" });
  const next = ok(await post({ ...terms, currency: "JPY", rate_bps: 20, replaces: yen.id }));
  const late = await aMerchant({ currency: "JPY" });
  assert.deepEqual([early.pricing_plan, late.pricing_plan], [yen.id, next.id]);
  const onOld = ok(await ask("GET", `/v1/merchants?pricing_plan=${yen.id}`, undefined, operator));
  assert.deepEqual(idsOf(onOld.data), [early.id]);
});

test("terms that make no sense are refused with the field's name", async () => {
  const usd = ok(await post({ ...terms, currency: "USD" }));
  const cases: [object, number, string, string][] = [
    [{ rate_bps: -1 }, 400, "parameter_invalid", "/rate_bps"],
    [{ rate_bps: 10_001 }, 400, "parameter_invalid", "/rate_bps"],
    [{ rate_bps: 0.5 }, 400, "parameter_invalid", "/rate_bps"],
    [{ rate_bps: "60" }, 400, "parameter_invalid", "/rate_bps"],
    [{ fixed: -1 }, 400, "parameter_invalid", "/fixed"],
    [{ fixed: 2 ** 53 }, 400, "parameter_invalid", "/fixed"],
    [{ min_fee: 10, max_fee: 9 }, 400, "parameter_invalid", "/max_fee"],
    [{ currency: "ABC" }, 400, "parameter_invalid", "/currency"],
    [{ replaces: usd.id }, 400, "parameter_invalid", "/currency"],
    [{ replaces: "pln_0000000000000000000000000z" }, 404, "not_found", "/replaces"],
  ];
  for (const [wrong, status, code, param] of cases) {
    assert.equal(refused(await post({ ...terms, ...wrong }), status, code).param, param, JSON.stringify(wrong));
  }
});

test("plans are made with pricing:write, read with merchants:read, and not shown to merchants' keys", async () => {
  const reader = staff("merchants:read");
  refused(await ask("POST", "/v1/pricing_plans", terms, reader), 403, "scope_missing");
  const list = ok(await ask("GET", "/v1/pricing_plans?currency=CNY&limit=100", undefined, reader));
  const data: { currency: string }[] = list.data;
  assert.ok(data.length > 0 && data.every(({ currency }) => currency === "CNY"));
  const shop = await aShop();
  refused(await shop.ask("GET", "/v1/pricing_plans"), 403, "actor_not_allowed");
});

test("a fee is the rate rounded half to even plus the fixed part, within least and most", () => {
  const plan = (given: Partial<PlanTerms>): PlanTerms => ({
    id: "pln",
    rateBps: 60,
    fixed: 0,
    min: null,
    max: null,
    currency: "CNY",
    feeBearer: "merchant",
    refundFee: "returned",
    refundDebt: "refused",
    ...given,
  });
  const cases: [Partial<PlanTerms>, number, number][] = [
    [{}, 10_000, 60],
    [{}, 1, 0],
    [{ rateBps: 50 }, 100, 0], // 0.5 goes to even 0
    [{ rateBps: 50 }, 300, 2], // 1.5 goes to even 2
    [{ fixed: 10 }, 10_000, 70],
    [{ min: 5 }, 100, 5],
    [{ max: 50 }, 100_000, 50],
    [{ rateBps: 0, fixed: 0 }, 100_000, 0],
    [{ rateBps: 10_000 }, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ];
  for (const [given, amount, fee] of cases) assert.equal(feeFor(plan(given), amount), fee, JSON.stringify(given));
});

test("the database refuses terms that no route lets through", async () => {
  const insert = (columns: string, values: string) =>
    database().query(
      `insert into pricing_plans (id, name, version, is_default, currency, fee_bearer, refund_fee, ${columns})
       values ('pln_x', 'X', 1, false, 'CNY', 'merchant', 'kept', ${values})`,
    );
  for (const [columns, values] of [
    ["rate_bps, fixed", "-1, 0"],
    ["rate_bps, fixed", "10001, 0"],
    ["rate_bps, fixed", "0, -1"],
    ["rate_bps, fixed, min_fee, max_fee", "0, 0, 2, 1"],
  ] as const)
    await assert.rejects(insert(columns, values), /check constraint/);
});
