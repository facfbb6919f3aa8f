import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { TOTP } from "otpauth";
import { now } from "#kit/clock.ts";
import { newId } from "#kit/ids.ts";
import { createStaff } from "#modules/identity";
import { merchantAccount, platformAccount } from "#modules/merchants";
import { walletAccount } from "#modules/wallets";
import { aPayer, aShop, ok } from "#test/factories.ts";
import type { Answer } from "#test/platform.ts";
import { usePlatform } from "#test/platform.ts";

const platform = usePlatform();
const bank = platformAccount("bank_clearing", "CNY", false);

const get = async (path: string, token?: string): Promise<Answer> =>
  platform.call("GET", path, { token: token ?? (await platform.operator()) });
const send = async (
  path: string,
  body: unknown,
  options: { token?: string; key?: string | null } = {},
): Promise<Answer> => platform.call("POST", path, { token: await platform.operator(), body, ...options });
const read = (path: string, token?: string) => ok(get(path, token));
const postTransfers = (...transfers: object[]) => ok(send("/v1/ledger/transfers", { transfers }));
const openAccount = (terms: object = {}) =>
  ok(send("/v1/ledger/accounts", { code: "test", currency: "CNY", ...terms }));
const resultsOf = ({ results }: { results: { result: string }[] }) => results.map(({ result }) => result);

const transfer = (debit_account: string, credit_account: string, amount: number, more: object = {}) => ({
  debit_account,
  credit_account,
  amount,
  currency: "CNY",
  code: "test",
  ...more,
});

/** Somebody of the staff who only looks. */
async function anAuditor(): Promise<string> {
  const [email, password] = [`auditor-${randomUUID()}@example.com`, randomBytes(16).toString("base64url")];
  const { totpSecret } = await createStaff({ email, password, role: "auditor" });
  const totp = new TOTP({ secret: totpSecret }).generate({ timestamp: now() });
  return (await ok(platform.call("POST", "/v1/staff/sessions", { body: { email, password, totp }, key: null })))
    .access_token;
}

const refusal = ({ status, body }: Answer) => ({ status, code: body.error?.code, param: body.error?.param });

describe("POST /v1/ledger/transfers", () => {
  test("answers one result each, in order, and what was posted can be read", async () => {
    const [a, b] = [(await openAccount()).id, (await openAccount()).id];
    const id = newId("txn");
    const event_at = "2026-11-20T23:59:59.123Z";
    const { results } = await postTransfers(
      transfer(a, b, 100, { id, reference: "invoice 7", event_at }),
      transfer(a, newId("acc"), 1),
      transfer(a, b, 40, { kind: "pending", timeout_s: 60, linked: true }),
      transfer(b, a, 1),
    );
    assert.deepEqual(resultsOf({ results }), ["ok", "credit_account_not_found", "ok", "ok"]);
    assert.equal(results[0].id, id);
    const posted = await read(`/v1/ledger/transfers/${id}`);
    assert.match(posted.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(posted, {
      id,
      object: "ledger_transfer",
      kind: "posted",
      state: null,
      debit_account: a,
      credit_account: b,
      amount: 100,
      currency: "CNY",
      pending_transfer: null,
      timeout_s: null,
      expires_at: null,
      resolved_by: null,
      linked: false,
      code: "test",
      reference: "invoice 7",
      event_at,
      created_at: posted.created_at,
    });
    const hold = await read(`/v1/ledger/transfers/${results[2].id}`);
    assert.deepEqual([hold.state, hold.linked, hold.timeout_s], ["pending", true, 60]);
    assert.equal(Date.parse(hold.expires_at) - Date.parse(hold.created_at), 60_000);
    const taken = await postTransfers({ kind: "post", pending_transfer: hold.id, amount: 10, code: "capture" });
    const after = await read(`/v1/ledger/transfers/${hold.id}`);
    assert.deepEqual([after.state, after.resolved_by], ["posted", taken.results[0].id]);
    const account = await read(`/v1/ledger/accounts/${a}`);
    assert.deepEqual(account.balance, { debits_pending: 0, debits_posted: 110, credits_pending: 0, credits_posted: 1 });
  });

  test("moves money once for a key, and not without one", async () => {
    const [a, b] = [(await openAccount()).id, (await openAccount()).id];
    const body = { transfers: [transfer(a, b, 5)] };
    const key = randomUUID();
    const [first, again] = [
      await send("/v1/ledger/transfers", body, { key }),
      await send("/v1/ledger/transfers", body, { key }),
    ];
    assert.deepEqual([first.status, again.status, again.headers.get("idempotent-replayed")], [200, 200, "true"]);
    assert.deepEqual(first.body, again.body);
    assert.equal((await read(`/v1/ledger/accounts/${a}`)).balance.debits_posted, 5);
    const without = await send("/v1/ledger/transfers", body, { key: null });
    assert.deepEqual([without.status, without.body.error.code], [400, "idempotency_key_missing"]);
    const other = await send("/v1/ledger/transfers", { transfers: [transfer(a, b, 6)] }, { key });
    assert.deepEqual([other.status, other.body.error.code], [422, "idempotency_key_reused"]);
  });

  test("the same id by many requests at once, each with its own key, is posted once", async () => {
    const [a, b] = [(await openAccount()).id, (await openAccount()).id];
    const same = transfer(a, b, 5, { id: newId("txn") });
    const answers = await Promise.all(Array.from({ length: 8 }, () => postTransfers(same, transfer(a, b, 1))));
    const results = answers.map((answer) => resultsOf(answer)[0]);
    assert.deepEqual(
      results.filter((result) => result !== "exists"),
      ["ok"],
    );
    assert.equal((await read(`/v1/ledger/accounts/${a}`)).balance.debits_posted, 13);
  });

  test("takes 8,189 transfers with every field at its longest, and no more", async () => {
    const [a, b] = [(await openAccount({ lanes: 4 })).id, (await openAccount({ lanes: 4 })).id];
    const reference = "茶".repeat(128);
    const full = transfer(a, b, 1_000_000_007, {
      kind: "pending",
      timeout_s: 315_360_000,
      linked: false,
      code: "c".repeat(64),
      reference,
      event_at: "2026-11-20T23:59:59.123456+08:00",
    });
    const most = Array.from({ length: 8_189 }, () => ({ ...full, id: newId("txn") }));
    assert.deepEqual(new Set(resultsOf(await postTransfers(...most))), new Set(["ok"]));
    const tooMany = await send("/v1/ledger/transfers", { transfers: [...most, full] });
    assert.deepEqual(refusal(tooMany), { status: 400, code: "parameter_invalid", param: "/transfers" });
    const tooLong = await send("/v1/ledger/transfers", { transfers: [], padding: " ".repeat(8 * 1024 * 1024) });
    assert.equal(tooLong.status, 413);
    assert.deepEqual(tooLong.body.error.details, { limit: 8 * 1024 * 1024 });
  });

  test("refuses what has the wrong shape, and names the field", async () => {
    const [a, b] = [(await openAccount()).id, (await openAccount()).id];
    const wrong: [object, string, string][] = [
      [{ amount: 1.5 }, "parameter_invalid", "/transfers/0/amount"],
      [{ amount: 0 }, "parameter_invalid", "/transfers/0/amount"],
      [{ amount: 2 ** 53 }, "parameter_invalid", "/transfers/0/amount"],
      [{ amount: "5" }, "parameter_invalid", "/transfers/0/amount"],
      [{ currency: "cny" }, "parameter_invalid", "/transfers/0/currency"],
      [{ debit_account: "acc_1" }, "parameter_invalid", "/transfers/0/debit_account"],
      [{ kind: "posting" }, "parameter_invalid", "/transfers/0/kind"],
      [{ timeout_s: 0 }, "parameter_invalid", "/transfers/0/timeout_s"],
      [{ code: "With Blank" }, "parameter_invalid", "/transfers/0/code"],
      [{ code: undefined }, "parameter_missing", "/transfers/0/code"],
      [{ reference: "line\nbreak" }, "parameter_invalid", "/transfers/0/reference"],
      [{ event_at: "yesterday" }, "parameter_invalid", "/transfers/0/event_at"],
      [{ event_at: "2026-12-31T23:59:60Z" }, "parameter_invalid", "/transfers/0/event_at"],
      [{ flags: 1 }, "parameter_unknown", "/transfers/0/flags"],
    ];
    for (const [change, code, param] of wrong) {
      const answer = await send("/v1/ledger/transfers", { transfers: [{ ...transfer(a, b, 1), ...change }] });
      assert.deepEqual(refusal(answer), { status: 400, code, param });
    }
    assert.equal((await send("/v1/ledger/transfers", { transfers: [] })).status, 400);
  });
});

describe("who may", () => {
  test("write: staff with ledger:write alone", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform, { money: 0 });
    const body = { transfers: [transfer(bank, walletAccount(payer.id, "CNY"), 1)] };
    for (const [token, code] of [
      [shop.key, "actor_not_allowed"],
      [payer.token, "actor_not_allowed"],
      [await anAuditor(), "scope_missing"],
    ] as const) {
      for (const [path, sent] of [
        ["/v1/ledger/transfers", body],
        ["/v1/ledger/accounts", { code: "test", currency: "CNY" }],
        [`/v1/ledger/accounts/${bank}/close`, undefined],
      ] as const) {
        const answer = await send(path, sent, { token });
        assert.deepEqual([answer.status, answer.body.error.code], [403, code]);
      }
    }
  });

  test("read: a merchant its own accounts, never the customers' behind its payments", async () => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    const payer = await aPayer(platform, { money: 10_000 });
    const payment = await ok(shop.scan(await payer.code(), { amount: 1_250 }));
    const pending = merchantAccount(shop.id, "pending", "CNY", false);
    const wallet = walletAccount(payer.id, "CNY");

    const { data: own } = await read("/v1/ledger/accounts", shop.key);
    assert.deepEqual(own.map(({ code, owner, livemode }: Record<string, unknown>) => [code, owner, livemode]).sort(), [
      ["merchant_available", shop.id, false],
      ["merchant_pending", shop.id, false],
    ]);
    const { data: entries } = await read(`/v1/ledger/accounts/${pending}/entries`, shop.key);
    assert.deepEqual(
      entries.map((e: Record<string, unknown>) => [e.code, e.side, e.posted_change, e.reference, e.counterparty]),
      [
        ["payment_fee", "debit", 8, payment.id, null],
        ["payment", "credit", 1_250, payment.id, null],
      ],
    );
    const seen = await read(`/v1/ledger/transfers/${entries[1].id}`, shop.key);
    assert.deepEqual([seen.debit_account, seen.credit_account, seen.amount], [null, pending, 1_250]);
    const whole = await read(`/v1/ledger/transfers/${entries[1].id}`);
    assert.deepEqual([whole.debit_account, whole.credit_account], [wallet, pending]);
    assert.equal((await read(`/v1/ledger/accounts/${pending}/entries`)).data[1].counterparty, wallet);

    for (const [path, token] of [
      [`/v1/ledger/accounts/${pending}`, other.key],
      [`/v1/ledger/accounts/${pending}/entries`, other.key],
      [`/v1/ledger/accounts/${wallet}`, shop.key],
      [`/v1/ledger/accounts/${merchantAccount(shop.id, "pending", "CNY", true)}`, shop.key],
      [`/v1/ledger/transfers/${entries[1].id}`, other.key],
      [`/v1/ledger/accounts?owner=${shop.id}`, other.key],
      [`/v1/ledger/accounts/${newId("acc")}`, undefined],
      [`/v1/ledger/transfers/${newId("txn")}`, undefined],
      [`/v1/ledger/accounts/${encodeURIComponent(`${pending},"{}'`)}`, undefined],
      [`/v1/ledger/transfers/${encodeURIComponent(`${pending},"{}'`)}`, undefined],
    ] as const) {
      const answer = await get(path, token);
      assert.deepEqual([answer.status, answer.body.error.code], [404, "not_found"], path);
    }
    assert.equal((await get("/v1/ledger/accounts", payer.token)).status, 403);
    assert.equal((await get("/v1/ledger/trial_balance", shop.key)).status, 403);
  });
});

describe("accounts", () => {
  test("are opened once, whatever the key; other terms are refused", async () => {
    const owner = newId("mch");
    const id = newId("acc");
    const account = await openAccount({ id, owner, debits_must_not_exceed_credits: true });
    assert.deepEqual(account, {
      id,
      object: "ledger_account",
      code: "test",
      owner,
      currency: "CNY",
      livemode: false,
      debits_must_not_exceed_credits: true,
      credits_must_not_exceed_debits: false,
      lanes: 1,
      history: true,
      closed: false,
      balance: { debits_pending: 0, debits_posted: 0, credits_pending: 0, credits_posted: 0 },
      created_at: account.created_at,
    });
    assert.deepEqual(await openAccount({ id, owner, debits_must_not_exceed_credits: true }), account);
    const differing = await send("/v1/ledger/accounts", { id, owner, code: "test", currency: "CNY" });
    assert.deepEqual(
      [differing.status, differing.body.error.code, differing.body.error.details],
      [409, "ledger_account_terms_differ", { account: id, differs: "debits_must_not_exceed_credits" }],
    );
    const live = await send("/v1/ledger/accounts", { code: "test", currency: "CNY", livemode: true });
    assert.deepEqual(refusal(live), { status: 400, code: "parameter_invalid", param: "/livemode" });
    const both = await send("/v1/ledger/accounts", {
      code: "test",
      currency: "CNY",
      lanes: 2,
      debits_must_not_exceed_credits: true,
    });
    assert.deepEqual(refusal(both), { status: 400, code: "parameter_invalid", param: "/lanes" });
    const bothWays = { debits_must_not_exceed_credits: true, credits_must_not_exceed_debits: true };
    const twice = await send("/v1/ledger/accounts", { code: "test", currency: "CNY", ...bothWays });
    assert.deepEqual(refusal(twice), {
      status: 400,
      code: "parameter_invalid",
      param: "/credits_must_not_exceed_debits",
    });
  });

  test("are closed when empty", async () => {
    const [a, b] = [(await openAccount()).id, (await openAccount()).id];
    await postTransfers(transfer(a, b, 1));
    const full = await send(`/v1/ledger/accounts/${a}/close`, undefined);
    assert.deepEqual([full.status, full.body.error.code], [409, "ledger_account_not_empty"]);
    await postTransfers(transfer(b, a, 1));
    assert.equal((await ok(send(`/v1/ledger/accounts/${a}/close`, undefined))).closed, true);
    assert.deepEqual(resultsOf(await postTransfers(transfer(a, b, 1))), ["debit_account_closed"]);
  });

  test("are listed by code, owner and currency, page by page", async () => {
    const code = `list_${randomBytes(4).toString("hex")}`;
    const owner = newId("usr");
    const opened: string[] = [];
    for (let n = 0; n < 5; n++) opened.push((await openAccount({ code, ...(n < 3 && { owner }) })).id);
    await openAccount({ code, currency: "USD" });
    const ids = async (query: string): Promise<string[]> =>
      (await read(`/v1/ledger/accounts?${query}`)).data.map(({ id }: { id: string }) => id);
    assert.deepEqual(await ids(`code=${code}&currency=CNY`), opened.toSorted().toReversed());
    assert.deepEqual(await ids(`owner=${owner}`), opened.slice(0, 3).toSorted().toReversed());
    const first = await read(`/v1/ledger/accounts?code=${code}&currency=CNY&limit=2`);
    assert.equal(first.has_more, true);
    const rest = await ids(`code=${code}&currency=CNY&starting_after=${first.data[1].id}`);
    assert.deepEqual([...first.data.map(({ id }: { id: string }) => id), ...rest], opened.toSorted().toReversed());
  });
});

describe("the past", () => {
  test("an account's balance at a moment, and its entries with the balance after each", async () => {
    const [a, b] = [(await openAccount()).id, (await openAccount()).id];
    const first = (await postTransfers(transfer(a, b, 100))).results[0].id;
    const between = (await read(`/v1/ledger/transfers/${first}`)).created_at;
    await ok(
      platform.call("POST", "/v1/test_clock", { token: await platform.operator(), body: { advance_ms: 60_000 } }),
    );
    await postTransfers(transfer(b, a, 30), transfer(b, a, 20, { kind: "pending" }));

    const then = await read(`/v1/ledger/accounts/${a}?at=${between}`);
    assert.deepEqual(then.balance, { debits_pending: 0, debits_posted: 100, credits_pending: 0, credits_posted: 0 });
    assert.equal(then.at, between);
    assert.ok(then.as_of > between);
    const { data, has_more, as_of } = await read(`/v1/ledger/accounts/${a}/entries?limit=2`);
    assert.ok(has_more && as_of > between);
    assert.deepEqual(
      data.map((e: Record<string, unknown>) => [e.side, e.kind, e.pending_change, e.posted_change, e.balance]),
      [
        [
          "credit",
          "pending",
          20,
          0,
          { debits_pending: 0, debits_posted: 100, credits_pending: 20, credits_posted: 30 },
        ],
        ["credit", "posted", 0, 30, { debits_pending: 0, debits_posted: 100, credits_pending: 0, credits_posted: 30 }],
      ],
    );
    const { data: older } = await read(`/v1/ledger/accounts/${a}/entries?starting_after=${data[1].id}`);
    assert.deepEqual(
      older.map(({ id }: { id: string }) => id),
      [first],
    );

    const foreign = await get(`/v1/ledger/accounts/${a}/entries?starting_after=${newId("txn")}`);
    assert.deepEqual(refusal(foreign), { status: 400, code: "parameter_invalid", param: "starting_after" });
    for (const at of ["2026-13-01T00:00:00Z", "0000-01-01T00:00:00Z", "now"]) {
      const answer = await get(`/v1/ledger/accounts/${a}?at=${at}`);
      assert.deepEqual(refusal(answer), { status: 400, code: "parameter_invalid", param: "at" }, at);
    }
  });

  test("of an account without history is a named conflict", async () => {
    const { id } = await openAccount({ history: false });
    const answer = await get(`/v1/ledger/accounts/${id}/entries`);
    assert.deepEqual([answer.status, answer.body.error.code], [409, "ledger_history_not_kept"]);
  });
});

test("the trial balance: in every currency debits are credits", async () => {
  const [a, b] = [(await openAccount({ currency: "KWD" })).id, (await openAccount({ currency: "KWD" })).id];
  await postTransfers(transfer(a, b, 7, { currency: "KWD" }), transfer(a, b, 2, { currency: "KWD", kind: "pending" }));
  const { object, balanced, totals } = await read("/v1/ledger/trial_balance", await anAuditor());
  assert.deepEqual([object, balanced], ["trial_balance", true]);
  assert.deepEqual(
    totals.find(({ currency }: { currency: string }) => currency === "KWD"),
    {
      currency: "KWD",
      livemode: false,
      debits_pending: 2,
      debits_posted: 7,
      credits_pending: 2,
      credits_posted: 7,
      balanced: true,
    },
  );
});
