import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { extractText } from "unpdf";
import { newId } from "#kit/ids.ts";
import { aPayer, aShop, ok } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";

const platform = usePlatform({ TIME_ZONE: "Asia/Shanghai" });

/** A paid order of a shop in Hangzhou, with its two sides. */
async function aSale(terms: Record<string, unknown> = {}) {
  const shop = await aShop(platform, { name: "南山茶铺" });
  const store = await ok(
    platform.call("POST", "/v1/stores", {
      token: shop.key,
      body: { name: "West Lake", address: "1 Nanshan Road", time_zone: "Asia/Shanghai" },
    }),
  );
  const payer = await aPayer(platform, { money: 100_000 });
  const order = { amount: 1_250, subject: "茉莉花茶", out_trade_no: "T-1", store: store.id, ...terms };
  const payment = await ok(shop.scan(await payer.code(), order));
  return { shop, store, payer, payment };
}

async function pdfOf(token: string, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(platform.url + path, { headers: { authorization: `Bearer ${token}`, ...headers } });
  assert.deepEqual([response.status, response.headers.get("content-type")], [200, "application/pdf"]);
  return (await extractText(new Uint8Array(await response.arrayBuffer()), { mergePages: true })).text;
}

describe("a receipt", () => {
  test("says who sold what to whom, for how much; to the merchant the buyer is masked, to the payer not", async () => {
    const { shop, store, payer, payment } = await aSale();
    const receipt = await ok(shop.get(`/v1/receipts/${payment.id}`));
    const last = payer.phone.slice(-4);
    assert.deepEqual(receipt, {
      id: payment.receipt,
      object: "receipt",
      payment: payment.id,
      out_trade_no: "T-1",
      paid_at: payment.succeeded_at,
      seller: {
        id: shop.id,
        name: "南山茶铺",
        mcc: "5411",
        city: "Hangzhou",
        country: "CN",
        store: { id: store.id, name: "West Lake", address: "1 Nanshan Road" },
      },
      buyer: { id: payer.id, name: "Test P.", phone: `139****${last}` },
      items: [{ description: "茉莉花茶", quantity: 1, amount: 1_250 }],
      currency: "CNY",
      amount: 1_250,
      fee: 0,
      total: 1_250,
      refunds: [],
      refunded: 0,
      balance: 1_250,
      method: "wallet",
      channel: null,
      livemode: false,
    });
    const own = await ok(payer.get(`/v1/receipts/${payment.receipt}`));
    assert.deepEqual(own, { ...receipt, buyer: { id: payer.id, name: "Test Payer", phone: payer.phone } });
  });

  test("has the payer's fee and what was given back since, to the cent", async () => {
    const { shop, payer, payment } = await aSale({ amount: 1_000, fee_bearer: "payer" });
    for (const amount of [300, 200]) await ok(shop.refund(payment, { amount }));
    const { amount, fee, total, refunds, refunded, balance } = await ok(payer.get(`/v1/receipts/${payment.id}`));
    assert.deepEqual([amount, fee, total], [1_000, 6, 1_006]);
    assert.deepEqual(
      refunds.map((refund: { amount: number }) => refund.amount),
      [300, 200],
    );
    assert.deepEqual([refunded, balance], [503, 503]);
    assert.equal(100_000 - (await payer.balance()), balance, "what the payer is without");
  });

  test("as a PDF, by format or by Accept, in the reader's language", async () => {
    const { shop, payer, payment } = await aSale({ amount: 12_345 });
    await ok(shop.refund(payment, { amount: 45 }));
    const path = `/v1/receipts/${payment.id}`;
    const chinese = await pdfOf(shop.key, `${path}?format=pdf`, { "accept-language": "zh-CN" });
    for (const text of [
      "电子收据",
      "测试模式",
      "南山茶铺",
      "West Lake",
      "1 Nanshan Road",
      "Test P.",
      "茉莉花茶",
      payment.receipt,
      "T-1",
      "123.45 CNY",
      "-0.45 CNY",
      "123.00 CNY",
    ]) {
      assert.ok(chinese.includes(text), `${text} is missing in ${chinese}`);
    }
    const english = await pdfOf(payer.token, path, { accept: "application/pdf" });
    for (const text of ["Receipt", "Total paid", "Test Payer", payer.phone]) {
      assert.ok(english.includes(text), `${text} is missing in ${english}`);
    }
    const json = await platform.call("GET", `${path}?format=json`, {
      token: shop.key,
      headers: { accept: "application/pdf" },
    });
    assert.equal(json.body.object, "receipt");
  });

  test("is part of the payment's page", async () => {
    const { shop, payment } = await aSale();
    const page = await ok(shop.get(`/v1/payments/${payment.id}?expand[]=receipt`));
    assert.deepEqual(page.receipt, await ok(shop.get(`/v1/receipts/${payment.id}`)));
  });
});

describe("no receipt", () => {
  test("for anybody else, nor for what does not exist", async () => {
    const { shop, payment } = await aSale();
    const [otherShop, otherPayer] = [await aShop(platform), await aPayer(platform, { money: 0 })];
    for (const [who, id] of [
      [otherShop, payment.id],
      [otherPayer, payment.id],
      [otherPayer, payment.receipt],
      [shop, newId("pay")],
      [shop, "rcp_1"],
      [shop, "nothing"],
    ] as const) {
      const { status, body } = await who.get(`/v1/receipts/${id}`);
      assert.deepEqual([status, body.error.code], [404, "not_found"], id);
    }
    assert.equal((await platform.call("GET", `/v1/receipts/${payment.id}`)).status, 401);
  });

  test("of a payment that did not succeed: its state is named", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 10 })];
    const { body } = await shop.scan(await payer.code(), { amount: 11 });
    const id = body.error.details.payment;
    for (const who of [shop, payer]) {
      const { status, body } = await who.get(`/v1/receipts/${id}`);
      assert.deepEqual([status, body.error.code, body.error.details], [409, "state_conflict", { status: "failed" }]);
    }
    assert.equal((await ok(shop.get(`/v1/payments/${id}?expand=receipt`))).receipt, null);
  });

  test("in a format that there is not", async () => {
    const { shop, payment } = await aSale();
    const { status, body } = await shop.get(`/v1/receipts/${payment.id}?format=doc`);
    assert.deepEqual([status, body.error.param], [400, "format"]);
  });
});
