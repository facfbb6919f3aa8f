import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import {
  AuthenticationError,
  ConflictError,
  createClient,
  InvalidRequestError,
  NotFoundError,
  PaymentRefusedError,
  PermissionError,
} from "@feiqian/sdk";
import { aPayer, aShop, times } from "@feiqian/server/test/factories.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";

const platform = usePlatform();
/** A shop's client and one of its customers. */
async function aCounter() {
  const [shop, payer] = await Promise.all([aShop(platform), aPayer(platform)]);
  const order = async (terms: object = {}) => ({
    amount: 1_250,
    currency: "CNY",
    out_trade_no: `order-${randomUUID()}`,
    code: await payer.code(),
    ...terms,
  });
  return { shop, payer, order, feiqian: createClient({ baseUrl: platform.url, apiKey: shop.key }) };
}

test("a scanned code is charged, read again by its id, and found by its order number", async () => {
  const { feiqian, order } = await aCounter();
  const terms = await order();
  const payment = await feiqian.payments.create(terms);
  assert.equal(payment.status, "succeeded");
  assert.equal(payment.amount, 1_250);
  assert.deepEqual(await feiqian.payments.retrieve(payment.id), payment);
  const found = await feiqian.payments.list({ out_trade_no: terms.out_trade_no });
  assert.deepEqual(found.data, [payment]);
});

test("the answer around the object: status, request id, and whether it is a repetition", async () => {
  const { feiqian, order } = await aCounter();
  const terms = await order();
  const idempotencyKey = randomUUID();
  const first = await feiqian.payments.create(terms, { idempotencyKey }).withResponse();
  assert.equal(first.status, 200);
  assert.match(first.requestId ?? "", /^req_/);
  assert.equal(first.headers.get("feiqian-version"), "2026-11-01");
  assert.equal(first.replayed, false);
  const again = await feiqian.payments.create(terms, { idempotencyKey }).withResponse();
  assert.equal(again.replayed, true);
  assert.deepEqual(again.data, first.data);
});

test("a list is iterated over all pages, newest first; with ending_before towards the newest", async () => {
  const { feiqian, shop, payer } = await aCounter();
  const made: string[] = [];
  for (let n = 0; n < 7; n++) made.push((await shop.scan(await payer.code(), { amount: 100 + n })).body.id);
  const newestFirst = made.toReversed();
  const idsOf = async (list: AsyncIterable<{ id: string }>) => {
    const ids: string[] = [];
    for await (const { id } of list) ids.push(id);
    return ids;
  };
  assert.deepEqual(await idsOf(feiqian.payments.list({ limit: 3 })), newestFirst);
  assert.deepEqual(await idsOf(feiqian.payments.list({ limit: 7 })), newestFirst);
  const [oldest = ""] = made;
  assert.deepEqual(await idsOf(feiqian.payments.list({ limit: 2, ending_before: oldest })), made.slice(1));
  const page = await feiqian.payments.list({ limit: 3 });
  assert.deepEqual([page.data.length, page.has_more], [3, true]);
  const second = await page.next();
  assert.deepEqual(
    second?.data.map(({ id }) => id),
    newestFirst.slice(3, 6),
  );
  assert.equal(await (await second?.next())?.next(), undefined);
  assert.equal((await feiqian.payments.list({ limit: 1 }).withResponse()).data.data[0]?.id, newestFirst[0]);
});

test("leaving a loop over a list fetches no further page", async () => {
  const { shop, feiqian, order } = await aCounter();
  let requests = 0;
  const counting = createClient({
    baseUrl: platform.url,
    apiKey: shop.key,
    fetch: (url, init) => {
      requests++;
      return fetch(url, init);
    },
  });
  await Promise.all(times(3, async () => feiqian.payments.create(await order({ amount: 1 }))));
  for await (const _ of counting.payments.list({ limit: 2 })) break;
  assert.equal(requests, 1);
});

test("errors are classes by what the caller should do", async () => {
  const { feiqian, order } = await aCounter();
  const poor = await aPayer(platform, { money: 1_249 });
  const refusal = await failure(PaymentRefusedError, feiqian.payments.create(await order({ code: await poor.code() })));
  assert.deepEqual([refusal.status, refusal.code], [402, "insufficient_funds"]);
  assert.match(refusal.payment ?? "", /^pay_/);
  assert.equal((await feiqian.payments.retrieve(refusal.payment ?? "")).status, "failed");

  const wrong = await failure(InvalidRequestError, feiqian.payments.create(await order({ amount: 0 })));
  assert.deepEqual([wrong.status, wrong.code, wrong.param], [400, "parameter_invalid", "/amount"]);
  assert.match(wrong.requestId ?? "", /^req_/);
  assert.match(wrong.docUrl ?? "", /errors#parameter_invalid$/);

  const missing = await failure(NotFoundError, feiqian.payments.retrieve("pay_00000000000000000000000000"));
  assert.deepEqual([missing.status, missing.code], [404, "not_found"]);

  const terms = await order();
  await feiqian.payments.create(terms);
  const conflict = await failure(ConflictError, feiqian.payments.create({ ...(await order(terms)), amount: 7 }));
  assert.equal(conflict.code, "out_trade_no_conflict");

  const stranger = createClient({ baseUrl: platform.url, apiKey: "sk_test_nobody" });
  const unknown = await failure(AuthenticationError, stranger.payments.list());
  assert.equal(unknown.code, "credentials_unknown");
  assert.equal(
    (await failure(AuthenticationError, createClient({ baseUrl: platform.url }).payments.list())).status,
    401,
  );

  const forbidden = await failure(PermissionError, feiqian.wallet.retrieve());
  assert.deepEqual([forbidden.status, forbidden.code], [403, "actor_not_allowed"]);
});

test("the language of messages is the client's or the call's", async () => {
  const { feiqian } = await aCounter();
  const english = await failure(NotFoundError, feiqian.payments.retrieve("pay_none"));
  const chinese = await failure(NotFoundError, feiqian.payments.retrieve("pay_none", {}, { language: "zh-CN" }));
  assert.deepEqual([english.message, chinese.message], ["There is no such object.", "对象不存在。"]);
  assert.equal(english.code, chinese.code);
});

test("a pinned version that does not exist is refused", async () => {
  const { shop } = await aCounter();
  const old = createClient({ baseUrl: platform.url, apiKey: shop.key, version: "2020-01-01" });
  assert.equal((await failure(InvalidRequestError, old.payments.list())).code, "version_unknown");
  const pinned = createClient({ baseUrl: platform.url, apiKey: shop.key, version: "2026-11-01" });
  assert.equal((await pinned.payments.list({ limit: 1 })).object, "list");
});

test("a user's client signs in, shows a code and sees the wallet; the key may be a function", async () => {
  const { payer } = await aCounter();
  const visitor = createClient({ baseUrl: platform.url });
  const session = await visitor.sessions.create({ phone: payer.phone, password: payer.password });
  const tokens = [session.access_token];
  const user = createClient({ baseUrl: `${platform.url}/`, apiKey: async () => tokens[0] ?? "" });
  const { code } = await user.paymentCodes.create({});
  assert.match(code, /^\d{18}$/);
  const { balances } = await user.wallet.retrieve();
  assert.equal(balances[0]?.currency, "CNY");
  await user.sessions.current.delete();
  assert.equal((await failure(AuthenticationError, user.wallet.retrieve())).status, 401);
});

test("files come as bytes, with their type and name", async () => {
  const { feiqian, order } = await aCounter();
  await feiqian.payments.create(await order({ subject: "早餐 ☕" }));
  const { id } = await feiqian.qrCodes.create({ type: "static", amount: 100 });
  const png = await feiqian.qrCodes.png(id);
  assert.match(png.contentType, /^image\/png/);
  assert.deepEqual([...png.bytes.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  const csv = await feiqian.records.export({ format: "csv" }).withResponse();
  assert.match(csv.data.contentType, /^text\/csv/);
  assert.match(csv.data.fileName ?? "", /\.csv$/);
  assert.match(new TextDecoder().decode(csv.data.bytes), /1250|12\.50/);
  assert.match(csv.requestId ?? "", /^req_/);
  const none = await failure(NotFoundError, feiqian.qrCodes.svg("qr_00000000000000000000000000"));
  assert.equal(none.code, "not_found");
});

test("the test clock moves by the SDK", async () => {
  const { feiqian } = await aCounter();
  const before = await feiqian.testClock.retrieve();
  const after = await feiqian.testClock.advance({ advance_ms: 60_000 });
  assert.equal(after.offset_ms, before.offset_ms + 60_000);
});

/** What the call fails with, which must be of this class. */
async function failure<E extends Error>(kind: new (...args: never[]) => E, call: Promise<unknown>): Promise<E> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof kind, String(error));
    return error;
  }
  assert.fail("the call succeeded");
}
