import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { config } from "#kit/config.ts";
import { newId } from "#kit/ids.ts";
import { audit } from "#modules/ledger";
import { platformAccount } from "#modules/merchants";
import { walletAccount } from "#modules/wallets";
import type { Answer, CallOptions, Client } from "./platform.ts";

/** A merchant with a test key, as an operator sets it up. */
export interface Shop {
  readonly id: string;
  readonly key: string;
  /** Charges a code; the order number and the idempotency key are fresh unless given. */
  scan(code: string, terms?: Record<string, unknown>, options?: CallOptions): Promise<Answer>;
  /** A payment that has succeeded, by a payer of its own unless one is given. */
  paid(terms?: Record<string, unknown>, payer?: Payer): Promise<Answer["body"]>;
  /** Refunds a payment, what is left of it unless an amount is given; number and key are fresh unless given. */
  refund(payment: { id: string }, terms?: Record<string, unknown>, options?: CallOptions): Promise<Answer>;
  /** Makes an order that waits for its payer; number and idempotency key are fresh unless given. */
  order(terms?: Record<string, unknown>, options?: CallOptions): Promise<Answer>;
  close(order: { id: string }, options?: CallOptions): Promise<Answer>;
  /** Makes a QR code, static with an open amount unless the terms say otherwise. */
  qrCode(terms?: Record<string, unknown>): Promise<Answer>;
  /** Scans with manual capture: a payment that is authorised and holds its money. */
  held(terms?: Record<string, unknown>, payer?: Payer): Promise<Answer["body"]>;
  capture(payment: { id: string }, terms?: Record<string, unknown>, options?: CallOptions): Promise<Answer>;
  cancel(payment: { id: string }, options?: CallOptions): Promise<Answer>;
  get(path: string): Promise<Answer>;
}

/** A signed-in user with money and a payment PIN. */
export interface Payer {
  readonly id: string;
  readonly phone: string;
  readonly password: string;
  readonly token: string;
  readonly pin: string;
  /** A fresh payment code, as the phone would show it. */
  code(): Promise<string>;
  /** Sends money to another user, by id or by phone. */
  transfer(to: { id: string } | { phone: string }, amount: number, terms?: Terms): Promise<Answer>;
  /** Pays an order from the wallet, with its key and the PIN unless `body` says otherwise. */
  confirm(order: Order, options?: CallOptions & { body?: Record<string, unknown> }): Promise<Answer>;
  /** Pays a scanned QR code; without the PIN unless it is given. */
  collect(qr: string, terms?: Record<string, unknown>, options?: CallOptions): Promise<Answer>;
  /** Money from a bank account of test mode, and to one. */
  topUp(amount: number, source?: string, terms?: Terms): Promise<Answer>;
  withdraw(amount: number, destination?: string, terms?: Terms): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** What the wallet holds now, in minor units. */
  balance(): Promise<number>;
}

/** Fields of a request that differ from the usual ones, and the idempotency key when it is to be repeated. */
export interface Terms {
  key?: string | null;
  [field: string]: unknown;
}

/** What of an order its payer needs. */
export interface Order {
  readonly id: string;
  readonly payment_key?: string;
}

export async function aShop(platform: Client, terms: Record<string, unknown> = {}): Promise<Shop> {
  const someShop = { name: "Test shop", mcc: "5411", country: "CN", city: "Hangzhou" };
  const merchant = await ok(byTwo(platform, "POST", "/v1/merchants", { ...someShop, ...terms }));
  const newKey = { merchant: merchant.id, livemode: false, name: "test" };
  const { secret } = await ok(byTwo(platform, "POST", "/v1/api_keys", newKey));
  const scan: Shop["scan"] = (code, order = {}, options = {}) =>
    platform.call("POST", "/v1/payments", {
      token: secret,
      body: { amount: 1_250, currency: "CNY", out_trade_no: `order-${randomUUID()}`, code, ...order },
      ...options,
    });
  return {
    id: merchant.id,
    key: secret,
    scan,
    paid: async (order = {}, payer) => ok(scan(await (payer ?? (await aPayer(platform))).code(), order)),
    refund: (payment, wanted = {}, options = {}) =>
      platform.call("POST", "/v1/refunds", {
        token: secret,
        body: { payment: payment.id, out_refund_no: `refund-${randomUUID()}`, ...wanted },
        ...options,
      }),
    held: async (order = {}, payer) =>
      ok(scan(await (payer ?? (await aPayer(platform))).code(), { capture: "manual", ...order })),
    capture: ({ id }, body = {}, options = {}) =>
      platform.call("POST", `/v1/payments/${id}/capture`, { token: secret, body, ...options }),
    cancel: ({ id }, options = {}) => platform.call("POST", `/v1/payments/${id}/cancel`, { token: secret, ...options }),
    order: (terms = {}, options = {}) =>
      platform.call("POST", "/v1/payments", {
        token: secret,
        body: { amount: 1_250, currency: "CNY", out_trade_no: `order-${randomUUID()}`, ...terms },
        ...options,
      }),
    close: ({ id }, options = {}) => platform.call("POST", `/v1/payments/${id}/close`, { token: secret, ...options }),
    qrCode: (terms = {}) =>
      platform.call("POST", "/v1/qr_codes", { token: secret, body: { type: "static", ...terms } }),
    get: (path) => platform.call("GET", path, { token: secret }),
  };
}

export async function aPayer(
  platform: Client,
  { money = 100_000, name = "Test Payer" }: { money?: number; name?: string } = {},
): Promise<Payer> {
  const phone = `+86139${String(randomInt(100_000_000)).padStart(8, "0")}`;
  const password = randomUUID();
  const pin = "402917";
  await ok(platform.call("POST", "/v1/users", { body: { phone, password, name } }));
  const { access_token: token, user } = await ok(
    platform.call("POST", "/v1/sessions", { body: { phone, password }, key: null }),
  );
  await ok(platform.call("PUT", "/v1/users/me/payment_pin", { token, body: { pin, password } }));
  if (money > 0) await giveMoney(platform, user.id, money);
  const move = (path: string, body: object, { key, ...terms }: Terms = {}) =>
    platform.call("POST", path, {
      token,
      body: { currency: "CNY", pin, ...body, ...terms },
      ...(key !== undefined && { key }),
    });
  return {
    id: user.id,
    phone,
    password,
    token,
    pin,
    code: async () => (await ok(platform.call("POST", "/v1/payment_codes", { token, body: {} }))).code,
    transfer: (to, amount, terms) =>
      move("/v1/transfers", { to: "id" in to ? { user: to.id } : { phone: to.phone }, amount }, terms),
    confirm: ({ id, payment_key }, { body, ...options } = {}) =>
      platform.call("POST", `/v1/payments/${id}/confirm`, {
        token,
        body: { payment_key, method: "wallet", pin, ...body },
        ...options,
      }),
    collect: (qr, terms = {}, options = {}) =>
      platform.call("POST", "/v1/collect", { token, body: { qr, ...terms }, ...options }),
    topUp: (amount, source = "ba_test_ok", terms = {}) => move("/v1/topups", { amount, source }, terms),
    withdraw: (amount, destination = "ba_test_ok", terms = {}) =>
      move("/v1/withdrawals", { amount, destination }, terms),
    get: (path) => platform.call("GET", path, { token }),
    balance: async () => (await ok(platform.call("GET", "/v1/wallet", { token }))).balances[0].available,
  };
}

/** Money into a wallet from the operator's bank. */
export const giveMoney = (platform: Client, userId: string, amount: number): Promise<void> => {
  const { currency } = config();
  return moveMoney(
    platform,
    platformAccount("bank_clearing", currency, false),
    walletAccount(userId, currency),
    amount,
  );
};

/** Money between two accounts, as a ledger transfer by staff. */
export async function moveMoney(platform: Client, from: string, to: string, amount: number): Promise<void> {
  const transfer = { debit_account: from, credit_account: to, amount, currency: config().currency };
  const { results } = await ok(
    platform.call("POST", "/v1/ledger/transfers", {
      token: await platform.operator(),
      body: { transfers: [{ id: newId("txn"), ...transfer, code: "adjustment" }] },
    }),
  );
  assert.equal(results[0].result, "ok");
}

/** Posted credits less debits of an account, in minor units; 0 for one that was never opened. */
export async function balanceOf(platform: Client, id: string): Promise<number> {
  const { status, body } = await platform.call("GET", `/v1/ledger/accounts/${id}`, {
    token: await platform.operator(),
  });
  return status === 404 ? 0 : body.balance.credits_posted - body.balance.debits_posted;
}

/** What the operator asks for and, where it takes two, an approver agrees to. */
export async function byTwo(platform: Client, method: string, path: string, body: unknown): Promise<Answer> {
  const asked = await platform.call(method, path, { token: await platform.operator(), body });
  if (asked.status !== 202) return asked;
  return agree(platform, asked.body);
}

/** Somebody else approves; gives the answer that the maker would have had at once. */
export async function agree(platform: Client, { id, digest }: { id: string; digest: string }): Promise<Answer> {
  const token = await platform.approver();
  const answer = await platform.call("POST", `/v1/approvals/${id}/approve`, { token, body: { digest } });
  const { status, result, secret } = answer.body;
  if (status !== "approved") return answer;
  if (!secret) return { ...answer, body: result };
  const fetched = await platform.call("POST", `/v1/approvals/${id}/result`, { token: await platform.operator() });
  return { ...fetched, body: fetched.body.result };
}

/** Terms of a shop that has a pricing plan of its own. */
export async function onPlan(platform: Client, terms: Record<string, unknown>): Promise<{ pricing_plan: string }> {
  const body = { name: "Test plan", rate_bps: 60, currency: config().currency, ...terms };
  const plan = await ok(byTwo(platform, "POST", "/v1/pricing_plans", body));
  return { pricing_plan: plan.id };
}

/** The body of an answer that must be a success. */
export async function ok(answer: Promise<Answer>): Promise<Answer["body"]> {
  const { status, body } = await answer;
  assert.ok(status < 300, `${status} ${JSON.stringify(body)}`);
  return body;
}

/** Recomputes every balance from the transfers: no account differs, debits equal credits. */
export async function booksBalance(): Promise<void> {
  assert.deepEqual((await audit()).differences, []);
}

export const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
