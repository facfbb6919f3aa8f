import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newId } from "#kit/ids.ts";
import { aPayer, aShop, ok, type Payer, type Shop, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import type { MoneyRecord } from "./record.ts";
import { aRecord, ids, keep, newestFirst } from "./test-records.ts";

const platform = usePlatform();

const list = async (who: Pick<Shop | Payer, "get">, query = "") => ok(who.get(`/v1/records${query}`));

describe("after a payment", () => {
  test("both lists have it at once, and each side sees what is its own", async () => {
    const shop = await aShop(platform, { name: "南山茶铺" });
    const payer = await aPayer(platform, { money: 5_000 });
    const order = { amount: 1_250, out_trade_no: "A-1", subject: "茶 & tea", metadata: { till: "3" } };
    const payment = await ok(shop.scan(await payer.code(), order));
    const [coming, ...more] = (await list(shop)).data;
    const [going, ...others] = (await list(payer)).data;
    assert.deepEqual([more, others], [[], []]);
    const shared = {
      object: "record",
      time: payment.succeeded_at,
      type: "payment",
      result: "succeeded",
      failure: null,
      amount: 1_250,
      currency: "CNY",
      subject: "茶 & tea",
      source: payment.id,
      payment: payment.id,
      store: null,
      terminal: null,
      method: "wallet",
      livemode: false,
    };
    assert.deepEqual(coming, {
      ...shared,
      id: coming.id,
      direction: "in",
      fee: 8,
      net: 1_242,
      counterparty: { id: payer.id, name: "Test P." },
      out_trade_no: "A-1",
      metadata: { till: "3" },
      created_at: coming.created_at,
    });
    assert.deepEqual(going, {
      ...shared,
      id: going.id,
      direction: "out",
      fee: 0,
      net: 1_250,
      counterparty: { id: shop.id, name: "南山茶铺" },
      out_trade_no: null,
      metadata: {},
      created_at: going.created_at,
    });
    assert.deepEqual(await ok(shop.get(`/v1/records/${coming.id}`)), coming);
    assert.deepEqual(await ok(payer.get(`/v1/records/${going.id}`)), going);
  });

  test("a fee that the payer bears is the payer's, on top", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 5_000 });
    await ok(shop.scan(await payer.code(), { amount: 1_000, fee_bearer: "payer" }));
    const [[coming], [going]] = [(await list(shop)).data, (await list(payer)).data];
    assert.deepEqual([coming.amount, coming.fee, coming.net], [1_000, 0, 1_000]);
    assert.deepEqual([going.amount, going.fee, going.net], [1_000, 6, 1_006]);
  });

  test("a refused one is there with its reason in the reader's language, and moved nothing", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 10 });
    assert.equal((await shop.scan(await payer.code(), { amount: 11 })).status, 402);
    for (const who of [shop, payer]) {
      const [record] = (await list(who)).data;
      assert.deepEqual([record.result, record.amount, record.fee, record.net], ["failed", 11, 0, 0]);
      assert.equal(record.failure.code, "insufficient_funds");
    }
    const headers = { "accept-language": "zh-CN" };
    const answer = await platform.call("GET", "/v1/records", { token: payer.token, headers });
    assert.equal(answer.body.data[0].failure.message, "余额不足。");
  });

  test("twenty payments, each followed by a look: every look shows the payment", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    for (const amount of times(20, (n) => n + 1)) {
      const payment = await ok(shop.scan(await payer.code(), { amount }));
      assert.equal((await list(payer)).data[0].payment, payment.id);
    }
  });
});

describe("after a refund or a transfer", () => {
  test("a refund is the merchant's going out and the payer's coming in; the fee goes back to who bore it", async () => {
    for (const fee_bearer of ["merchant", "payer"]) {
      const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 5_000 })];
      const payment = await ok(shop.scan(await payer.code(), { amount: 1_000, fee_bearer, out_trade_no: "A-7" }));
      const terms = { amount: 500, reason: "too cold", metadata: { by: "7" } };
      const refund = await ok(shop.refund(payment, terms));
      const [[out], [back]] = [(await list(shop, "?type=refund")).data, (await list(payer, "?type=refund")).data];
      for (const record of [out, back]) {
        const { source, payment: of, amount, time, result } = record;
        assert.deepEqual(
          [source, of, amount, time, result],
          [refund.id, payment.id, 500, refund.succeeded_at, "succeeded"],
        );
      }
      const shares = fee_bearer === "merchant" ? [-3, 0] : [0, -3];
      assert.deepEqual([out.direction, out.fee, out.net], ["out", shares[0], fee_bearer === "merchant" ? 497 : 500]);
      assert.deepEqual([back.direction, back.fee, back.net], ["in", shares[1], fee_bearer === "payer" ? 503 : 500]);
      assert.deepEqual([out.out_trade_no, out.subject, out.metadata], ["A-7", "too cold", { by: "7" }]);
      assert.deepEqual([back.out_trade_no, back.subject, back.metadata], [null, null, {}]);
      assert.equal(ids(await list(shop, `?q=${payment.id}`)).length, 2);
      const [row] = (await ok(shop.get("/v1/statistics"))).data;
      assert.deepEqual([row.volume, row.refunded, row.refund_count], [1_000, 500, 1]);
    }
  });

  test("a transfer is one record a side, with the other's masked name and the note", async () => {
    const [giver, taker] = [await aPayer(platform, { money: 5_000 }), await aPayer(platform, { money: 0 })];
    const transfer = await ok(giver.transfer(taker, 700, { note: "lunch" }));
    const [[out], [into]] = [(await list(giver)).data, (await list(taker)).data];
    assert.deepEqual([out.direction, into.direction], ["out", "in"]);
    for (const [record, other] of [
      [out, taker],
      [into, giver],
    ]) {
      assert.deepEqual(
        [record.type, record.source, record.amount, record.net, record.subject],
        ["transfer", transfer.id, 700, 700, "lunch"],
      );
      assert.deepEqual(record.counterparty, { id: other.id, name: "Test P." });
    }
  });
});

describe("whose records", () => {
  test("nobody reads another's, and a test key sees no live ones", async () => {
    const [shop, otherShop] = [await aShop(platform), await aShop(platform)];
    const [payer, otherPayer] = [await aPayer(platform, { money: 0 }), await aPayer(platform, { money: 0 })];
    const [shops, live] = [aRecord(shop.id), aRecord(shop.id, { livemode: true })];
    const [payers, liveToo] = [aRecord(payer.id), aRecord(payer.id, { livemode: true })];
    await keep([shops, live, payers, liveToo]);
    const sees = async (who: Shop | Payer) => ids(await list(who));
    assert.deepEqual(await Promise.all([shop, payer, otherShop, otherPayer].map(sees)), [
      [shops.id],
      [payers.id],
      [],
      [],
    ]);
    for (const [who, record] of [
      [otherShop, shops],
      [payer, shops],
      [shop, payers],
      [otherPayer, payers],
      [shop, live],
      [payer, liveToo],
    ] as const) {
      const { status, body } = await who.get(`/v1/records/${record.id}`);
      assert.deepEqual([status, body.error.code], [404, "not_found"]);
    }
    const foreign = await list(otherShop, `?starting_after=${shops.id}`);
    assert.deepEqual(foreign.data, [], "another's id as a cursor opens nothing");
  });

  test("a key needs the scope, and staff are refused", async () => {
    const shop = await aShop(platform);
    const token = await platform.operator();
    const key = (scopes: string[]) =>
      ok(platform.call("POST", "/v1/api_keys", { token: shop.key, body: { name: "narrow", scopes } }));
    const ask = async (secret?: string) => {
      const { status, body } = await platform.call("GET", "/v1/records", secret ? { token: secret } : {});
      return [status, body.error?.code];
    };
    assert.deepEqual(await ask((await key(["records:read"])).secret), [200, undefined]);
    assert.deepEqual(await ask((await key(["payments:read"])).secret), [403, "scope_missing"]);
    assert.deepEqual(await ask(token), [403, "actor_not_allowed"]);
    assert.deepEqual(await ask(), [401, "credentials_missing"]);
  });
});

describe("the list", () => {
  test("filters by type, direction, result, amount and time", async () => {
    const shop = await aShop(platform);
    const first = aRecord(shop.id, { at: 0, amount: 1 });
    const second = aRecord(shop.id, { at: 1, amount: 500, direction: "out" });
    const third = aRecord(shop.id, { at: 2, amount: Number.MAX_SAFE_INTEGER, result: "failed", failureCode: "x" });
    const fourth = aRecord(shop.id, { at: 60_000, amount: 501 });
    await keep([third, first, fourth, second]);
    const all = [first, second, third, fourth];
    const cases: [query: string, shown: MoneyRecord[]][] = [
      ["", all],
      ["?type=payment", all],
      ["?direction=in", [first, third, fourth]],
      ["?direction=out", [second]],
      ["?result=failed", [third]],
      ["?amount_gte=500", [second, third, fourth]],
      ["?amount_lte=500", [first, second]],
      ["?amount_gte=500&amount_lte=501", [second, fourth]],
      ["?amount_gte=9007199254740991", [third]],
      ["?created_gte=2026-11-21T12:00:00.001Z", [second, third, fourth]],
      ["?created_gte=2026-11-21T12:00:00.0011Z", [third, fourth]],
      ["?created_lt=2026-11-21T12:00:00.001Z", [first]],
      ["?created_lt=2026-11-21T12:00:00.0011Z", [first, second]],
      ["?created_gte=2026-11-21T20:00:00%2B08:00&created_lt=2026-11-21T20:01:00%2B08:00", [first, second, third]],
      ["?created_gte=2026-12-31T23:59:60Z", []],
      ["?created_lt=1969-01-01T00:00:00Z", []],
      ["?created_gte=1969-01-01T00:00:00Z&created_lt=9999-12-31T23:59:59Z", all],
      ["?direction=in&result=succeeded&amount_gte=2", [fourth]],
      ["?limit=2", [fourth, third]],
      [`?limit=2&starting_after=${third.id}`, [second, first]],
      [`?limit=1&ending_before=${second.id}`, [third]],
      [`?created_lt=2026-11-21T12:00:30Z&starting_after=${fourth.id}`, [first, second, third]],
      [`?created_gte=2026-11-21T12:00:00.001Z&starting_after=${third.id}`, [second]],
      [`?created_lt=2026-11-21T12:00:30Z&ending_before=${first.id}`, [second, third]],
    ];
    for (const [query, shown] of cases) assert.deepEqual(ids(await list(shop, query)), newestFirst(shown), query);
    const { data } = await list(shop, "?result=failed");
    assert.equal(data[0].amount, Number.MAX_SAFE_INTEGER);
  });

  test("says whether there is more, in both directions", async () => {
    const shop = await aShop(platform);
    const records = times(3, (at) => aRecord(shop.id, { at }));
    await keep(records);
    const [oldest, middle, newest] = records.map(({ id }) => id);
    const more = async (query: string) => (await list(shop, query)).has_more;
    assert.deepEqual(await Promise.all(["?limit=2", "?limit=3", "?limit=4"].map(more)), [true, false, false]);
    assert.equal(await more(`?limit=1&starting_after=${newest}`), true);
    assert.equal(await more(`?limit=1&starting_after=${middle}`), false);
    assert.equal(await more(`?limit=1&ending_before=${oldest}`), true);
    assert.equal(await more(`?limit=1&ending_before=${middle}`), false);
    assert.equal((await list(shop)).url, "/v1/records");
  });

  test("walked while records arrive, older and newer ones: what was there is shown once, in order, both ways", async () => {
    const shop = await aShop(platform);
    // Many in one millisecond: the id decides between them.
    const there = times(60, (n) => aRecord(shop.id, { at: 2 * (n % 7) }));
    await keep(there);
    const expected = newestFirst(there);
    let walking = true;
    const arriving = (async () => {
      while (walking) await keep(times(5, () => aRecord(shop.id, { at: Math.floor(Math.random() * 16) })));
    })();
    const walk = async (cursor: (page: string[]) => string, start = "") => {
      const seen: string[] = [];
      for (let query = start, more = true; more; ) {
        const page = await list(shop, `?limit=7${query}`);
        seen.push(...ids(page));
        more = page.has_more && seen.length < 5_000;
        query = cursor(ids(page));
      }
      return seen;
    };
    const known = new Set(expected);
    try {
      const down = await walk((page) => `&starting_after=${page.at(-1)}`);
      assert.equal(new Set(down).size, down.length);
      assert.deepEqual(
        down.filter((id) => known.has(id)),
        expected,
      );
      assert.deepEqual(down, [...down].sort().toReversed());
    } finally {
      walking = false;
      await arriving;
    }
    const up = await walk((page) => `&ending_before=${page[0]}`, `&ending_before=${expected.at(-1)}`);
    assert.equal(new Set(up).size, up.length);
    assert.deepEqual(up.filter((id) => known.has(id)).sort(), expected.slice(0, -1).sort());
  });

  test("what a query may not hold is named", async () => {
    const shop = await aShop(platform);
    const id = aRecord(shop.id).id;
    const wrong: [query: string, code: string, param: string][] = [
      ["limit=0", "parameter_invalid", "limit"],
      ["limit=101", "parameter_invalid", "limit"],
      ["limit=ten", "parameter_invalid", "limit"],
      ["starting_after=rcd_1", "parameter_invalid", "starting_after"],
      [`ending_before=${newId("pay")}`, "parameter_invalid", "ending_before"],
      [`starting_after=${id}&ending_before=${id}`, "parameter_invalid", "ending_before"],
      ["type=dream", "parameter_invalid", "type"],
      ["direction=up", "parameter_invalid", "direction"],
      ["result=processing", "parameter_invalid", "result"],
      ["amount_gte=0", "parameter_invalid", "amount_gte"],
      ["amount_gte=1.5", "parameter_invalid", "amount_gte"],
      ["amount_lte=9007199254740992", "parameter_invalid", "amount_lte"],
      ["created_gte=yesterday", "parameter_invalid", "created_gte"],
      ["created_lt=2026-02-30T00:00:00Z", "parameter_invalid", "created_lt"],
      ["q=", "parameter_invalid", "q"],
      ["q=%00", "parameter_invalid", "q"],
      [`q=${"x".repeat(65)}`, "parameter_invalid", "q"],
      ["counterparty=%20", "parameter_invalid", "counterparty"],
      ["store=mine", "parameter_invalid", "store"],
      ["terminal=1", "parameter_invalid", "terminal"],
      ["owner=me", "parameter_unknown", "owner"],
    ];
    for (const [query, code, param] of wrong) {
      const { status, body } = await shop.get(`/v1/records?${query}`);
      assert.deepEqual([status, body.error?.code, body.error?.param], [400, code, param], query);
    }
    for (const path of ["/v1/records/rcd_1", `/v1/records/${id}`, `/v1/records/${newId("pay")}`]) {
      const { status } = await shop.get(path);
      assert.equal(status, 404, path);
    }
  });
});
