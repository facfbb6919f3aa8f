import assert from "node:assert/strict";
import { test } from "node:test";
import { aPayer, aShop, ok, type Shop } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";

const platform = usePlatform();

const found = async (who: Pick<Shop, "get">, q: string): Promise<[type: string, id: string, status: string][]> => {
  const { data } = await ok(who.get(`/v1/search?q=${encodeURIComponent(q)}`));
  return data.map(({ type, id, status }: Record<string, string>) => [type, id, status]);
};

test("a payment, its refund and an order that waits are found by id, order number and last digits", async () => {
  const [shop, payer] = [await aShop(platform), await aPayer(platform)];
  const payment = await ok(shop.scan(await payer.code(), { out_trade_no: "T-20261121-0042" }));
  const refund = await ok(shop.refund(payment, { amount: 100 }));
  const order = await ok(shop.order({ out_trade_no: "open-7" }));
  const both = [
    ["refund", refund.id, "succeeded"],
    ["payment", payment.id, "succeeded"],
  ];
  for (const q of [payment.id, payment.id.toUpperCase(), payment.id.slice(-8), "T-20261121-0042", "0042"]) {
    assert.deepEqual(await found(shop, q), both, q);
  }
  assert.deepEqual(await found(shop, refund.id), [both[0]]);
  assert.deepEqual(await found(shop, order.id), [["payment", order.id, "requires_payment"]]);
  assert.deepEqual(await found(shop, "open-7"), [["payment", order.id, "requires_payment"]]);
  assert.deepEqual(await found(payer, payment.id.slice(-8)), both);
  const page = await ok(shop.get(`/v1/search?q=${payment.id}&limit=1`));
  assert.deepEqual([page.data.length, page.has_more, page.object], [1, true, "list"]);
});

test("nobody finds what is another's: not by id, not by number, not by its end", async () => {
  const [shop, other] = [await aShop(platform), await aShop(platform)];
  const [payer, stranger] = [await aPayer(platform), await aPayer(platform, { money: 0 })];
  const payment = await ok(shop.scan(await payer.code(), { out_trade_no: "mine-1" }));
  const order = await ok(shop.order({ out_trade_no: "mine-2" }));
  for (const who of [other, stranger]) {
    for (const q of [payment.id, payment.id.slice(-6), "mine-1", "mine-2", order.id])
      assert.deepEqual(await found(who, q), []);
  }
  assert.deepEqual(await found(payer, "mine-1"), [], "the order number is the merchant's");
});

test("what a query may not hold is named", async () => {
  const shop = await aShop(platform);
  for (const [query, code, param] of [
    ["", "parameter_missing", "q"],
    ["q=", "parameter_invalid", "q"],
    [`q=${"x".repeat(65)}`, "parameter_invalid", "q"],
    ["q=x&limit=101", "parameter_invalid", "limit"],
    ["q=x&type=payment", "parameter_unknown", "type"],
  ]) {
    const { status, body } = await shop.get(`/v1/search?${query}`);
    assert.deepEqual([status, body.error?.code, body.error?.param], [400, code, param], query);
  }
});
