import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type TestContext, test } from "node:test";
import {
  ConflictError,
  ConnectionError,
  createClient,
  type FeiqianOptions,
  InvalidRequestError,
  PlatformError,
  RateLimitError,
  TimeoutError,
} from "@feiqian/sdk";
import { aPayer, aShop } from "@feiqian/server/test/factories.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";
import { aLossyServer, type Fate } from "./lossy-server.ts";

const platform = usePlatform();

/** A shop whose network is bad, and a customer. */
async function aBadLine(t: TestContext, fates: Fate[], options: Partial<FeiqianOptions> = {}) {
  const [shop, payer, network] = await Promise.all([aShop(platform), aPayer(platform), aLossyServer(platform.url)]);
  t.after(() => network.close());
  const feiqian = createClient({ baseUrl: network.url, apiKey: shop.key, ...options });
  const code = await payer.code();
  network.fates = fates;
  const pay = (given: object = {}) =>
    feiqian.payments.create({ amount: 500, currency: "CNY", out_trade_no: `order-${randomUUID()}`, code }, given);
  const paid = async () => 100_000 - (await payer.balance());
  return { shop, payer, feiqian, network, pay, paid };
}

const apiError = (status: number, type: string, code: string, headers: Record<string, string> = {}): Fate => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify({ error: { type, code, message: code, param: null, doc_url: "", request_id: "req_1" } }),
});

test("a payment whose answers are lost is made once: every attempt has the same key", async (t) => {
  const line = await aBadLine(t, ["lose_answer", "cut_answer", "lose_request"]);
  const payment = await line.pay().withResponse();
  assert.equal(payment.data.status, "succeeded");
  assert.equal(payment.replayed, true);
  const keys = new Set(line.network.seen.map((headers) => headers["idempotency-key"]));
  assert.deepEqual([line.network.seen.length, keys.size], [4, 1]);
  assert.equal(await line.paid(), 500);
});

test("two calls have two keys", async (t) => {
  const line = await aBadLine(t, []);
  await line.pay();
  await assert.rejects(line.pay());
  assert.equal(new Set(line.network.seen.map((headers) => headers["idempotency-key"])).size, 2);
});

test("when every answer is lost the error has the key with which the call can be made again", async (t) => {
  const line = await aBadLine(t, ["lose_answer", "lose_answer"], { maxRetries: 1 });
  const error = await failure(line.pay());
  assert.ok(error instanceof ConnectionError);
  const order = { out_trade_no: "order-again", amount: 1, currency: "CNY", code: await line.payer.code() };
  const idempotencyKey = error.idempotencyKey ?? "";
  const reused = await failure(line.feiqian.payments.create(order, { idempotencyKey }));
  assert.ok(reused instanceof InvalidRequestError && reused.code === "idempotency_key_reused");
  assert.equal(await line.paid(), 500);
});

test("overload is tried again after the time that the server asks for", async (t) => {
  const busy = [
    apiError(429, "rate_limit", "rate_limited", { "retry-after": "1" }),
    apiError(503, "platform", "overloaded", { "retry-after": "0" }),
    apiError(409, "conflict", "idempotency_in_progress", { "retry-after": "0" }),
  ];
  const line = await aBadLine(t, busy);
  const begun = performance.now();
  assert.equal((await line.pay()).status, "succeeded");
  assert.ok(performance.now() - begun >= 1_000);
  assert.equal(line.network.seen.length, 4);
});

test("a server that asks for more than ten seconds is not waited for: the caller decides", async (t) => {
  const line = await aBadLine(t, [apiError(429, "rate_limit", "rate_limited", { "retry-after": "11" })]);
  const error = await failure(line.pay());
  assert.ok(error instanceof RateLimitError);
  assert.equal(error.retryAfter, 11);
});

test("an answer is an answer: refusals and conflicts are not tried again", async (t) => {
  const line = await aBadLine(t, [apiError(409, "conflict", "state_conflict")]);
  assert.ok((await failure(line.pay())) instanceof ConflictError);
  assert.ok((await failure(line.feiqian.payments.retrieve("pay_none"))) instanceof Error);
  assert.equal(line.network.seen.length, 2);
});

test("what a proxy answers in the platform's place is a PlatformError that says so", async (t) => {
  const page = { status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad gateway</h1>" };
  const line = await aBadLine(t, [page, page, { status: 301, headers: { location: "http://127.0.0.1:1/" } }], {
    maxRetries: 1,
  });
  for (const status of [502, 301]) {
    const error = await failure(line.pay());
    assert.ok(error instanceof PlatformError);
    assert.deepEqual([error.status, error.code], [status, "answer_unreadable"]);
  }
  assert.equal(await line.paid(), 0);
});

test("registration has no key, so that it is not repeated when its answer was lost; an overload is", async (t) => {
  const line = await aBadLine(t, [apiError(503, "platform", "overloaded", { "retry-after": "0" }), "lose_answer"]);
  const visitor = createClient({ baseUrl: line.network.url });
  const phone = `+86139${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`;
  const error = await failure(visitor.users.create({ phone, password: randomUUID() }));
  assert.ok(error instanceof ConnectionError);
  assert.deepEqual(
    line.network.seen.map((headers) => headers["idempotency-key"]),
    [undefined, undefined],
  );
});

test("each attempt has its time; a call that gets no answer in any is a TimeoutError", async (t) => {
  const line = await aBadLine(t, ["silence", "pass", "silence"], { timeoutMs: 2_000, maxRetries: 1 });
  assert.equal((await line.pay()).status, "succeeded");
  const error = await failure(line.pay({ timeoutMs: 50, maxRetries: 0 }));
  assert.ok(error instanceof TimeoutError && error instanceof ConnectionError);
});

test("an abort ends the call at once with its reason: during the request and during the pause", async (t) => {
  const busy = apiError(503, "platform", "overloaded", { "retry-after": "9" });
  const line = await aBadLine(t, ["silence", busy]);
  const reason = new Error("the customer left");
  for (const requests of [1, 2]) {
    const controller = new AbortController();
    const call = failure(line.pay({ signal: controller.signal }));
    while (line.network.seen.length < requests) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(reason);
    assert.equal(await call, reason);
  }
  const aborted = await failure(line.pay({ signal: AbortSignal.abort(reason) }));
  assert.equal(aborted, reason);
  assert.equal(await line.paid(), 0);
});

test("a server that is not there is a ConnectionError", async () => {
  const nobody = createClient({ baseUrl: "http://127.0.0.1:1", apiKey: "sk_test_1", maxRetries: 0 });
  const error = await failure(nobody.payments.list());
  assert.ok(error instanceof ConnectionError);
  assert.ok(error.cause instanceof TypeError);
});

async function failure(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  assert.fail("the call succeeded");
}
