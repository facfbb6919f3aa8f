import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { database } from "#kit/db.ts";
import { derivedIdAt, newId } from "#kit/ids.ts";
import { aPayer, aShop, ok, type Payer, type Shop, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import type { MoneyRecord } from "./record.ts";
import { aRecord, ids, keep, newestFirst, noon } from "./test-records.ts";

const platform = usePlatform();

const list = async (who: Pick<Shop | Payer, "get">, query = "") => ok(who.get(`/v1/records${query}`));

describe("search and places", () => {
  test("filters by the other side, store and terminal", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 0 });
    const [storeId, terminalId, counterpartyId] = [newId("sto"), newId("trm"), newId("usr")];
    const there = [
      aRecord(shop.id, { at: 0, storeId }),
      aRecord(shop.id, { at: 1, storeId, terminalId, counterpartyId }),
      aRecord(shop.id, { at: 2, counterpartyId, result: "failed", failureCode: "x" }),
    ] as const;
    const own = aRecord(payer.id, { counterpartyId: shop.id });
    await keep([...there, own, aRecord(payer.id)]);
    const cases: [query: string, shown: MoneyRecord[]][] = [
      [`?store=${storeId}`, [there[0], there[1]]],
      [`?terminal=${terminalId}`, [there[1]]],
      [`?counterparty=${counterpartyId}`, [there[1], there[2]]],
      [`?counterparty=${counterpartyId}&result=failed`, [there[2]]],
      [`?counterparty=${counterpartyId}&limit=1&starting_after=${there[2].id}`, [there[1]]],
      [`?counterparty=${newId("usr")}`, []],
      [`?store=${newId("sto")}`, []],
    ];
    for (const [query, shown] of cases) assert.deepEqual(ids(await list(shop, query)), newestFirst(shown), query);
    assert.deepEqual(ids(await list(payer, `?counterparty=${shop.id}`)), [own.id]);
  });

  test("finds by order number, its end, the end of an id, name and subject, and nobody else's", async () => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    const payer = await aPayer(platform, { money: 0 });
    const paid = aRecord(shop.id, { at: 0, outTradeNo: "Order-2026.0815", subject: "Jasmine 茉莉花茶 100%_off" });
    const refund = aRecord(shop.id, { at: 1, type: "refund", sourceId: newId("evt"), paymentId: paid.sourceId });
    const named = aRecord(shop.id, { at: 2, counterpartyName: "*三", counterpartyId: newId("usr") });
    const noise = times(30, (n) => aRecord(shop.id, { at: 10 + n, outTradeNo: `N-${n}`, subject: "coffee" }));
    const foreign = aRecord(other.id, { outTradeNo: "Order-2026.0815", subject: "茉莉花茶" });
    const own = aRecord(payer.id, { subject: "茉莉花茶" });
    await keep([paid, refund, named, ...noise, foreign, own]);
    const cases: [q: string, shown: MoneyRecord[]][] = [
      ["Order-2026.0815", [paid]],
      ["order-2026", [paid]],
      ["0815", [paid]],
      ["815", [paid]],
      [paid.sourceId, [paid, refund]],
      [paid.sourceId.toUpperCase(), [paid, refund]],
      [paid.sourceId.slice(-6), [paid, refund]],
      [refund.sourceId.slice(-8), [refund]],
      ["茉莉", [paid]],
      ["jasmine", [paid]],
      ["100%_OFF", [paid]],
      ["%", [paid]],
      ["三", [named]],
      [named.counterpartyId ?? "", [named]],
      [named.id, [named]],
      ["nothing like it", []],
    ];
    for (const [q, shown] of cases) {
      const answer = await list(shop, `?q=${encodeURIComponent(q)}`);
      assert.deepEqual(ids(answer), newestFirst(shown), q);
      assert.equal(answer.searched_back_to, null);
    }
    assert.deepEqual(ids(await list(payer, "?q=%E8%8C%89%E8%8E%89")), [own.id]);
    assert.deepEqual(ids(await list(shop, `?q=${paid.sourceId}&type=refund`)), [refund.id]);
    const first = await list(shop, "?q=coffee&limit=20");
    assert.equal(first.has_more, true);
    const rest = await list(shop, `?q=coffee&limit=20&starting_after=${ids(first).at(-1)}`);
    assert.deepEqual([...ids(first), ...ids(rest)], newestFirst(noise));
  });

  test("below 20,000 records an order number is still found at once, and a subject by going on from where the search stopped", async () => {
    const shop = await aShop(platform);
    const old = aRecord(shop.id, { at: -1_000, outTradeNo: "ancient-7731", subject: "an old teapot" });
    await keep([old]);
    await database().query(
      `insert into records (owner_id, livemode, id, time, type, direction, result, amount, fee, currency, source_id, metadata, created_at)
       select $1, false, 'rcd_' || $2 || lpad(n::text, 16, '0'), $3, 'payment', 'in', 'succeeded', 1, 0, 'CNY', 'pay_x', '{}', $3
         from generate_series(1, 20001) n`,
      [shop.id, derivedIdAt("rcd", noon).slice(4, 14), new Date(noon)],
    );
    for (const q of ["ancient-7731", "7731", old.sourceId, old.sourceId.slice(-5)])
      assert.deepEqual(ids(await list(shop, `?q=${q}`)), [old.id], q);
    const answer = await list(shop, "?q=teapot");
    assert.deepEqual([answer.data, answer.has_more], [[], false]);
    assert.equal(answer.searched_back_to, new Date(noon).toISOString());
    const before = new Date(noon - 1).toISOString();
    assert.deepEqual(ids(await list(shop, `?q=teapot&created_lt=${before}`)), [old.id]);
  });
});
