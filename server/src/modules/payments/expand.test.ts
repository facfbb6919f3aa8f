import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { aPayer, aShop, ok } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { anEndpoint, aReceiver } from "#test/receiver.ts";
import { expandable } from "./expand.ts";

const platform = usePlatform();

/** A shop with one paid order of 1,250. */
async function aSale() {
  const [shop, payer] = [await aShop(platform), await aPayer(platform)];
  const payment = await ok(shop.scan(await payer.code(), { amount: 1_250 }));
  const read = (query: string) => ok(shop.get(`/v1/payments/${payment.id}?${query}`));
  return { shop, payer, payment, read };
}

describe("one request for a payment's one page", () => {
  test("its transitions, its events, its attempt and its transfers, each in order; what has no module yet is null", async () => {
    const { payer, payment, read } = await aSale();
    const names = ["transitions", "attempts", "ledger_transfers", "events", "risk_decision", "route"];
    const page = await read(names.map((name) => `expand[]=${name}`).join("&"));
    const [event] = page.events;
    const { transitions, attempts, ledger_transfers, events, risk_decision, route, ...rest } = page;
    assert.deepEqual(rest, payment);
    assert.deepEqual([risk_decision, route], [null, null]);
    assert.deepEqual(transitions, [{ from: null, to: "succeeded", at: event.created_at, event: event.id }]);
    assert.equal(events.length, 1);
    assert.deepEqual([event.type, event.data.object], ["payment.succeeded", payment]);
    assert.deepEqual(
      attempts.map((attempt: Record<string, unknown>) => [attempt.kind, attempt.method, attempt.payer, attempt.status]),
      [["payment_code", "wallet", payer.id, "succeeded"]],
    );
    assert.deepEqual(
      ledger_transfers.map(({ code, amount, reference }: Record<string, unknown>) => [code, amount, reference]),
      [
        ["payment", 1_250, payment.id],
        ["payment_fee", 8, payment.id],
        ["code_allowance_spent", 1_250, payment.id],
      ],
    );
    const [money, fee, allowance] = ledger_transfers;
    assert.deepEqual(
      [money.debit_account, allowance.debit_account],
      [null, null],
      "the customer's accounts stay hidden",
    );
    assert.equal(money.credit_account, fee.debit_account);
  });

  test("every name at once, with the refund and the webhook that told of the payment", async (t) => {
    const receiver = await aReceiver(t);
    const [shop, payer] = [await aShop(platform), await aPayer(platform)];
    const endpoint = await anEndpoint(platform, shop, receiver.url, { events: ["payment.*"] });
    const payment = await ok(shop.scan(await payer.code()));
    const refund = await ok(shop.refund(payment, { amount: 100 }));
    await receiver.got(1);
    const page = await ok(
      shop.get(`/v1/payments/${payment.id}?${expandable.map((name) => `expand[]=${name}`).join("&")}`),
    );
    assert.deepEqual(page.refunds, [refund]);
    assert.deepEqual(
      page.deliveries.map(({ endpoint, event }: Record<string, unknown>) => [endpoint, event]),
      [[endpoint.id, page.events[0].id]],
    );
    assert.equal(page.receipt.refunded, 100);
    for (const name of expandable) assert.ok(name in page, name);
  });

  test("two payments of one moment never show each other's transfers", async () => {
    const shop = await aShop(platform);
    const payers = await Promise.all(Array.from({ length: 8 }, () => aPayer(platform)));
    const codes = await Promise.all(payers.map((payer) => payer.code()));
    const sales = await Promise.all(codes.map((code) => ok(shop.scan(code))));
    for (const { id } of sales) {
      const { ledger_transfers } = await ok(shop.get(`/v1/payments/${id}?expand=ledger_transfers`));
      assert.deepEqual(
        ledger_transfers.map(({ reference }: { reference: string }) => reference),
        [id, id, id],
      );
    }
  });

  test("a refused scan has its attempt with the reason, and no transfers", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform, { money: 10 })];
    const { body } = await shop.scan(await payer.code(), { amount: 11 });
    const id = body.error.details.payment;
    const page = await ok(shop.get(`/v1/payments/${id}?expand=attempts&expand=ledger_transfers&expand=transitions`));
    assert.deepEqual([page.attempts[0].status, page.attempts[0].failure_code], ["failed", "insufficient_funds"]);
    assert.deepEqual([page.ledger_transfers, page.receipt], [[], null]);
    assert.deepEqual(
      page.transitions.map(({ to }: { to: string }) => to),
      ["failed"],
    );
  });

  test("brackets or none, once or twice: the same; a payment without is as it was", async () => {
    const { payment, read } = await aSale();
    const expected = await read("expand[]=attempts&expand[]=events");
    for (const query of [
      "expand=attempts&expand=events",
      "expand%5B%5D=events&expand=attempts",
      "expand[]=events&expand=events&expand=attempts",
    ]) {
      assert.deepEqual(await read(query), expected, query);
    }
    assert.deepEqual(await read(""), payment);
    assert.equal(payment.receipt, `rcp${payment.id.slice(3)}`);
  });

  test("a name that nobody knows is refused with those that are known; others find nothing to expand", async () => {
    const { shop, payer, payment } = await aSale();
    for (const [query, param] of [
      ["expand[]=everything", "expand[]/0"],
      ["expand=events&expand=constructor", "expand/1"],
    ]) {
      const { status, body } = await shop.get(`/v1/payments/${payment.id}?${query}`);
      assert.deepEqual([status, body.error.code, body.error.param], [400, "parameter_invalid", param]);
      assert.ok(body.error.details.allowed.includes("ledger_transfers"));
    }
    const other = await aShop(platform);
    assert.equal((await other.get(`/v1/payments/${payment.id}?expand=events`)).status, 404);
    assert.equal((await payer.get(`/v1/payments/${payment.id}?expand=events`)).status, 404);
  });
});
