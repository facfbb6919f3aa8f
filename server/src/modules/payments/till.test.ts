import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { database } from "#kit/db.ts";
import { aPayer, aShop, ok, type Shop, times } from "#test/factories.ts";
import { type Answer, usePlatform, useSecondServer } from "#test/platform.ts";

const platform = usePlatform();

const said = ({ status, body }: Answer): string => `${status} ${body.error?.code ?? body.status ?? body.object}`;

async function aStore(shop: Shop): Promise<string> {
  return (await ok(platform.call("POST", "/v1/stores", { token: shop.key, body: { name: "West Lake" } }))).id;
}

async function aTerminal(shop: Shop, terms: Record<string, unknown> = {}) {
  const body = { store: terms.store ?? (await aStore(shop)), name: "Counter 1", ...terms };
  return ok(platform.call("POST", "/v1/terminals", { token: shop.key, body }));
}

const aPairingCode = async (shop: Shop, id: string): Promise<string> =>
  (await ok(platform.call("POST", `/v1/terminals/${id}/pairing_codes`, { token: shop.key }))).pairing_code;

const pair = (pairing_code: string): Promise<Answer> =>
  platform.call("POST", "/v1/terminals/pair", { body: { pairing_code }, key: null });

/** A shop with a paired till. */
async function aTill(terms: Record<string, unknown> = {}, shop?: Shop) {
  const owner = shop ?? (await aShop(platform));
  const terminal = await aTerminal(owner, terms);
  const { token } = await ok(pair(await aPairingCode(owner, terminal.id)));
  const ask = (method: string, path: string, body?: object) =>
    platform.call(method, path, { token, ...(body && { body }) });
  const charge = async (terms: object = {}) =>
    ask("POST", "/v1/payments", {
      amount: 1_250,
      currency: "CNY",
      out_trade_no: `order-${crypto.randomUUID()}`,
      code: await (await aPayer(platform)).code(),
      ...terms,
    });
  const refund = (payment: string, amount?: number) =>
    ask("POST", "/v1/refunds", { payment, out_refund_no: `refund-${crypto.randomUUID()}`, ...(amount && { amount }) });
  return { shop: owner, terminal, token, ask, charge, refund };
}

describe("pairing", () => {
  test("a code pairs one till, once, however it is typed", async () => {
    const shop = await aShop(platform);
    const terminal = await aTerminal(shop);
    const code = await aPairingCode(shop, terminal.id);
    assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    const answers = await Promise.all(times(5, () => pair(` ${code.toLowerCase().replace("-", " ")}`)));
    assert.deepEqual(answers.map(said).sort(), ["200 terminal_token", ...times(4, () => "400 pairing_code_invalid")]);
    const { token, terminal: paired } = answers.find(({ status }) => status === 200)?.body ?? {};
    assert.match(token, /^tt_test_[0-9A-Za-z]{43}$/);
    assert.deepEqual([paired.id, paired.store], [terminal.id, terminal.store]);
    assert.notEqual(paired.paired_at, null);
  });

  test("a newer code ends the one before; one that is ten minutes old is worth nothing", async () => {
    const shop = await aShop(platform);
    const terminal = await aTerminal(shop);
    const [first, second] = [await aPairingCode(shop, terminal.id), await aPairingCode(shop, terminal.id)];
    assert.equal(said(await pair(first)), "400 pairing_code_invalid");
    const body = { advance_ms: 601_000 };
    await ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body }));
    assert.equal(said(await pair(second)), "400 pairing_code_invalid");
    await ok(pair(await aPairingCode(shop, terminal.id)));
  });

  test("the till that was paired before is one no longer", async () => {
    const till = await aTill();
    assert.equal(said(await till.charge()), "200 succeeded");
    const { token } = await ok(pair(await aPairingCode(till.shop, till.terminal.id)));
    assert.equal(said(await till.charge()), "401 credentials_unknown");
    assert.equal((await platform.call("GET", "/v1/payments?out_trade_no=x", { token })).status, 200);
  });

  test("neither the token nor the code is in the database", async () => {
    const shop = await aShop(platform);
    const { token } = await aTill({}, shop);
    const code = await aPairingCode(shop, (await aTerminal(shop)).id);
    const { rows } = await database().query<{ text: string }>(
      "select t::text as text from pairing_codes t union all select t::text from terminal_tokens t",
    );
    const stored = rows.map(({ text }) => text).join();
    assert.ok(rows.length >= 2);
    for (const secret of [token, token.slice(8), code, code.replace("-", "")]) assert.ok(!stored.includes(secret));
  });
});

describe("what a till may do", () => {
  test("it charges codes at its own place, asks, and finds by number", async () => {
    const till = await aTill();
    const { body: payment } = await till.charge();
    assert.deepEqual(
      [payment.status, payment.terminal, payment.store],
      ["succeeded", till.terminal.id, till.terminal.store],
    );
    assert.equal(said(await till.ask("GET", `/v1/payments/${payment.id}`)), "200 succeeded");
    assert.equal(said(await till.ask("POST", `/v1/payments/${payment.id}/query`)), "200 succeeded");
    const { body: found } = await till.ask("GET", `/v1/payments?out_trade_no=${payment.out_trade_no}`);
    assert.deepEqual(
      found.data.map(({ id }: { id: string }) => id),
      [payment.id],
    );
  });

  test("nothing but that", async () => {
    const till = await aTill();
    const elsewhere = await aTerminal(till.shop);
    assert.equal(said(await till.charge({ terminal: elsewhere.id })), "403 actor_not_allowed");
    assert.equal(said(await till.charge({ store: elsewhere.store })), "403 actor_not_allowed");
    assert.equal(said(await till.charge({ notify: "http://127.0.0.1:65000/" })), "400 order_field_with_code");
    assert.equal(said(await till.charge({ capture: "manual" })), "403 actor_not_allowed");
    assert.equal(said(await till.charge({ code: undefined })), "400 parameter_missing");
    assert.equal(said(await till.ask("GET", "/v1/payments")), "400 parameter_missing");
    for (const path of ["/v1/balance", "/v1/api_keys", "/v1/records", "/v1/refunds", "/v1/stores"])
      assert.match(said(await till.ask("GET", path)), /^40[34] /, path);
  });

  test("what another store took is not found", async () => {
    const till = await aTill();
    const other = await aTill({}, till.shop);
    const { body: payment } = await other.charge();
    assert.equal(said(await till.ask("GET", `/v1/payments/${payment.id}`)), "404 not_found");
    assert.equal(said(await till.ask("POST", `/v1/payments/${payment.id}/query`)), "404 not_found");
    assert.deepEqual((await till.ask("GET", `/v1/payments?out_trade_no=${payment.out_trade_no}`)).body.data, []);
    assert.equal(said(await till.refund(payment.id)), "404 not_found");
  });

  test("without a limit it refunds nothing; its refunds of a day stay within it, whatever races", async () => {
    const till = await aTill();
    const { body: payment } = await till.charge({ amount: 5_000 });
    assert.equal(said(await till.refund(payment.id, 1)), "403 terminal_refund_limit");
    const body = { refund_limit: 1_000 };
    await ok(platform.call("PATCH", `/v1/terminals/${till.terminal.id}`, { token: till.shop.key, body }));
    const answers = await Promise.all(times(8, () => till.refund(payment.id, 300)));
    assert.deepEqual(answers.map(said).sort(), [
      ...times(3, () => "200 succeeded"),
      ...times(5, () => "403 terminal_refund_limit"),
    ]);
    assert.equal(said(await till.refund(payment.id, 100)), "200 succeeded");
    assert.equal(
      said(await till.shop.refund(payment, { amount: 2_000 })),
      "200 succeeded",
      "the merchant is not limited",
    );
    const { body: refund } = answers.find(({ status }) => status === 200) ?? { body: {} };
    assert.equal(said(await till.ask("GET", `/v1/refunds/${refund.id}`)), "200 succeeded");
    await ok(platform.call("POST", "/v1/test_clock", { token: till.shop.key, body: { advance_ms: 24 * 3_600_000 } }));
    assert.equal(said(await till.refund(payment.id, 900)), "200 succeeded", "another day");
  });
});

describe("a till that is gone", () => {
  const elsewhere = useSecondServer(platform);

  test("reported lost, it is worth nothing, also at another server; found again, it is paired anew", async () => {
    const till = await aTill();
    const waiting = await aPairingCode(till.shop, till.terminal.id);
    const read = () => elsewhere.call("GET", "/v1/payments?out_trade_no=x", { token: till.token });
    assert.equal((await read()).status, 200);
    const report = () =>
      platform.call("POST", `/v1/terminals/${till.terminal.id}/report_lost`, { token: till.shop.key });
    assert.equal(said(await report()), "200 lost");
    assert.equal(said(await report()), "200 lost");
    assert.equal(said(await till.charge()), "401 credentials_unknown");
    while ((await read()).status === 200);
    assert.equal(said(await read()), "401 credentials_unknown");
    assert.equal(said(await pair(waiting)), "400 pairing_code_invalid");
    const codes = `/v1/terminals/${till.terminal.id}/pairing_codes`;
    assert.equal(said(await platform.call("POST", codes, { token: till.shop.key })), "403 terminal_blocked");
    const body = { status: "active" };
    await ok(platform.call("PATCH", `/v1/terminals/${till.terminal.id}`, { token: till.shop.key, body }));
    assert.equal(said(await till.charge()), "401 credentials_unknown");
    await ok(pair(await aPairingCode(till.shop, till.terminal.id)));
  });

  test("blocked, it waits", async () => {
    const till = await aTill();
    const set = (status: string) =>
      ok(platform.call("PATCH", `/v1/terminals/${till.terminal.id}`, { token: till.shop.key, body: { status } }));
    await set("blocked");
    assert.equal(said(await till.charge()), "403 terminal_blocked");
    await set("active");
    assert.equal(said(await till.charge()), "200 succeeded");
  });
});
