import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { newId } from "#kit/ids.ts";
import { keyOf, signedHeaders } from "#kit/webhook-signature.ts";
import { aShop, ok, type Shop } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { anEndpoint, aReceiver, delivery, happen, happened, type Received, verify } from "#test/receiver.ts";

const platform = usePlatform({ LOG_LEVEL: "fatal" });
const post = (shop: Shop, path: string, body: object = {}) => platform.call("POST", path, { token: shop.key, body });
const patch = (shop: Shop, path: string, body: object) => platform.call("PATCH", path, { token: shop.key, body });
const remove = (shop: Shop, path: string) => platform.call("DELETE", path, { token: shop.key });
const aSecret = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString("base64")}`;
const anywhere = "https://shop.example/hook";

describe("a signature", () => {
  test("is the one of the published vector", () => {
    const key = keyOf("whsec_ZmVpcWlhbi1kZW1vLXNlY3JldC0wMDAw");
    assert.ok(key);
    const body = '{"type":"payment.succeeded","timestamp":"2026-11-21T08:00:00Z","data":{"id":"pay_1"}}';
    assert.deepEqual(signedHeaders([key], "msg_1", 1_763_712_000, body), {
      "webhook-id": "msg_1",
      "webhook-timestamp": "1763712000",
      "webhook-signature": "v1,XuqN8ISdHRx94BR5KOcJip5rtX5o+Bcg4XOjbBrvF2g=",
    });
  });

  test("is made by secrets of 24 to 64 bytes in their one spelling", () => {
    for (const bytes of [24, 25, 26, 64]) assert.ok(keyOf(aSecret(bytes)), String(bytes));
    const whole = aSecret(32);
    for (const wrong of [
      aSecret(23),
      aSecret(65),
      whole.slice(6),
      `${whole}=`,
      whole.slice(0, -1),
      whole.replace("B", "!"),
      "whsec_",
      "",
    ])
      assert.equal(keyOf(wrong), undefined, wrong);
  });
});

describe("an endpoint", () => {
  test("shows its secret when it is made, and never again; a repetition gets the same one", async () => {
    const shop = await aShop(platform);
    const asked = {
      token: shop.key,
      key: newId("req"),
      body: { url: anywhere, events: ["*"], description: "Shop server" },
    };
    const { secret, ...made } = await ok(platform.call("POST", "/v1/webhook_endpoints", asked));
    assert.match(secret, /^whsec_[\w+/]{43}=$/);
    assert.deepEqual(made, {
      id: made.id,
      object: "webhook_endpoint",
      url: anywhere,
      description: "Shop server",
      events: ["*"],
      enabled: true,
      disabled_reason: null,
      failing_since: null,
      previous_secret_expires_at: null,
      livemode: false,
      created_at: made.created_at,
    });
    assert.equal((await ok(platform.call("POST", "/v1/webhook_endpoints", asked))).secret, secret);
    assert.deepEqual(await ok(shop.get(`/v1/webhook_endpoints/${made.id}`)), made);
    assert.deepEqual((await ok(shop.get("/v1/webhook_endpoints"))).data, [made]);
    const { data } = await ok(shop.get(`/v1/events?object=${made.id}`));
    assert.deepEqual(data[0].data.object, made);
  });

  test("what it may not be is named", async () => {
    const shop = await aShop(platform);
    const { id } = await anEndpoint(platform, shop, anywhere);
    const fine = { url: anywhere, events: ["*"] };
    const wrong: [body: object, code: string, param: string][] = [
      [{ events: ["*"] }, "parameter_missing", "/url"],
      [{ url: anywhere }, "parameter_missing", "/events"],
      [{ ...fine, events: [] }, "parameter_invalid", "/events"],
      [{ ...fine, events: ["payment.succeeded", "payment.dreamt_of"] }, "parameter_invalid", "/events/1"],
      [{ ...fine, events: ["payment"] }, "parameter_invalid", "/events/0"],
      [{ ...fine, events: ["pay*"] }, "parameter_invalid", "/events/0"],
      [{ ...fine, events: ["*", "*"] }, "parameter_invalid", "/events"],
      [{ ...fine, events: "*" }, "parameter_invalid", "/events"],
      [{ ...fine, url: "http://shop.example/" }, "parameter_invalid", "/url"],
      [{ ...fine, url: "https://10.0.0.1/" }, "parameter_invalid", "/url"],
      [{ ...fine, url: "https://me:you@shop.example/" }, "parameter_invalid", "/url"],
      [{ ...fine, url: "" }, "parameter_invalid", "/url"],
      [{ ...fine, url: 7 }, "parameter_invalid", "/url"],
      [{ ...fine, secret: "whsec_c2hvcnQ=" }, "parameter_invalid", "/secret"],
      [{ ...fine, secret: "guess me" }, "parameter_invalid", "/secret"],
      [{ ...fine, description: "two\nlines" }, "parameter_invalid", "/description"],
      [{ ...fine, livemode: true }, "parameter_unknown", "/livemode"],
    ];
    for (const [body, code, param] of wrong) {
      const answer = await post(shop, "/v1/webhook_endpoints", body);
      assert.deepEqual([answer.status, answer.body.error?.code, answer.body.error?.param], [400, code, param]);
    }
    for (const [body, param] of [
      [{ url: "https://[::1]:99/" }, "/url"],
      [{ events: ["*", "no.such"] }, "/events/1"],
      [{ enabled: "yes" }, "/enabled"],
    ] as const) {
      const answer = await patch(shop, `/v1/webhook_endpoints/${id}`, body);
      assert.deepEqual([answer.status, answer.body.error?.param], [400, param]);
    }
    const rotated = await post(shop, `/v1/webhook_endpoints/${id}/rotate_secret`, { secret: "short" });
    assert.deepEqual([rotated.status, rotated.body.error.param], [400, "/secret"]);
  });

  test("is not found by others, whatever they try", async (t) => {
    const [shop, other, receiver] = [await aShop(platform), await aShop(platform), await aReceiver(t)];
    const { id } = await anEndpoint(platform, shop, receiver.url);
    const sent = await ok(post(shop, `/v1/webhook_endpoints/${id}/test`));
    const [event] = await happen(...happened(shop));
    const own = await anEndpoint(platform, other, anywhere);
    const tries = [
      other.get(`/v1/webhook_endpoints/${id}`),
      other.get(`/v1/webhook_endpoints/${id}/deliveries`),
      other.get(`/v1/webhook_deliveries/${sent.id}`),
      patch(other, `/v1/webhook_endpoints/${id}`, { enabled: false }),
      remove(other, `/v1/webhook_endpoints/${id}`),
      post(other, `/v1/webhook_endpoints/${id}/test`),
      post(other, `/v1/webhook_endpoints/${id}/rotate_secret`),
      post(other, `/v1/webhook_deliveries/${sent.id}/resend`),
      post(other, `/v1/events/${event?.id}/resend`),
      post(shop, `/v1/events/${event?.id}/resend`, { endpoint: own.id }),
    ];
    for (const answer of await Promise.all(tries))
      assert.deepEqual([answer.status, answer.body.error?.code], [404, "not_found"]);
    assert.deepEqual((await ok(other.get("/v1/webhook_endpoints"))).data.length, 1);
    assert.equal((await ok(shop.get(`/v1/webhook_endpoints/${id}`))).enabled, true);
  });

  test("is kept with the scopes for it", async () => {
    const shop = await aShop(platform);
    const key = async (...scopes: string[]) =>
      (await ok(post(shop, "/v1/api_keys", { name: "narrow", scopes }))).secret;
    const [reader, writer, payer] = [
      await key("webhooks:read"),
      await key("webhooks:write"),
      await key("payments:write"),
    ];
    const ask = async (token: string, method: string) => {
      const body = method === "POST" ? { body: { url: anywhere, events: ["*"] } } : {};
      const answer = await platform.call(method, "/v1/webhook_endpoints", { token, ...body });
      return answer.body.error?.code ?? answer.status;
    };
    assert.deepEqual([await ask(reader, "GET"), await ask(reader, "POST")], [200, "scope_missing"]);
    assert.deepEqual([await ask(writer, "GET"), await ask(writer, "POST")], ["scope_missing", 200]);
    assert.deepEqual([await ask(payer, "GET"), await ask(payer, "POST")], ["scope_missing", "scope_missing"]);
  });

  test("there are twenty of in each mode", async () => {
    const shop = await aShop(platform);
    for (let i = 0; i < 20; i++) await anEndpoint(platform, shop, anywhere);
    const { status, body } = await post(shop, "/v1/webhook_endpoints", { url: anywhere, events: ["*"] });
    assert.deepEqual([status, body.error.code, body.error.details.limit], [409, "webhook_endpoint_limit", 20]);
  });

  test("switched off keeps what waits and gets nothing new; switched on it gets what waited", async (t) => {
    const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
    receiver.answer(500);
    const endpoint = await anEndpoint(platform, shop, receiver.url);
    const [waiting] = await happen(...happened(shop));
    await delivery(shop, endpoint, { attempts: 1, status: "pending" });
    const off = await ok(patch(shop, `/v1/webhook_endpoints/${endpoint.id}`, { enabled: false }));
    assert.deepEqual([off.enabled, off.disabled_reason], [false, "merchant"]);
    const [missed] = await happen(...happened(shop));
    const beside = await anEndpoint(platform, shop, (await aReceiver(t)).url);
    const later = await happen(...happened(shop));
    await delivery(shop, beside, { event: later[0]?.id, status: "succeeded" });
    assert.deepEqual((await post(shop, `/v1/webhook_endpoints/${endpoint.id}/test`)).body.error.code, "state_conflict");
    await ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body: { advance_ms: 6_000 } }));
    receiver.answer(204);
    const on = await ok(patch(shop, `/v1/webhook_endpoints/${endpoint.id}`, { enabled: true }));
    assert.deepEqual([on.enabled, on.disabled_reason, on.failing_since], [true, null, null]);
    await delivery(shop, endpoint, { event: waiting?.id, attempts: 2, status: "succeeded" });
    assert.ok(!receiver.received.some(({ id }) => id === missed?.id));
  });

  test("deleted gets nothing more, and what waited is given up", async (t) => {
    const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
    receiver.answer(500);
    const endpoint = await anEndpoint(platform, shop, receiver.url);
    await happen(...happened(shop));
    const { id } = await delivery(shop, endpoint, { attempts: 1, status: "pending" });
    await ok(remove(shop, `/v1/webhook_endpoints/${endpoint.id}`));
    assert.equal((await ok(shop.get(`/v1/webhook_deliveries/${id}`))).status, "canceled");
    assert.equal((await shop.get(`/v1/webhook_endpoints/${endpoint.id}`)).status, 404);
    assert.equal((await remove(shop, `/v1/webhook_endpoints/${endpoint.id}`)).status, 404);
  });

  test("that answers 410 is switched off; the merchant gets an event, the operator an alert to acknowledge", async (t) => {
    const [shop, receiver, beside] = [await aShop(platform), await aReceiver(t), await aReceiver(t)];
    receiver.answer(410);
    const endpoint = await anEndpoint(platform, shop, receiver.url);
    await anEndpoint(platform, shop, beside.url, { events: ["webhook_endpoint.disabled"] });
    await happen(...happened(shop));
    await delivery(shop, endpoint, { status: "failed", response_status: 410, attempts: 1 });
    const shown = await ok(shop.get(`/v1/webhook_endpoints/${endpoint.id}`));
    assert.deepEqual([shown.enabled, shown.disabled_reason], [false, "gone"]);
    const [told] = (await beside.got(1)) as [Received];
    assert.deepEqual([told.body.type, told.body.data.object.id], ["webhook_endpoint.disabled", endpoint.id]);

    const token = await platform.operator();
    const alerts = async (query: string) => (await ok(platform.call("GET", `/v1/alerts?${query}`, { token }))).data;
    const alert = (await alerts("status=open&type=webhook_endpoint.disabled")).find(
      (one: { about: string }) => one.about === endpoint.id,
    );
    assert.deepEqual([alert.merchant, alert.details.reason, alert.acknowledged_by], [shop.id, "gone", null]);
    const seen = await ok(platform.call("POST", `/v1/alerts/${alert.id}/acknowledge`, { token }));
    assert.deepEqual([seen.status, seen.acknowledged_by?.slice(0, 4)], ["acknowledged", "stf_"]);
    assert.deepEqual(await ok(platform.call("POST", `/v1/alerts/${alert.id}/acknowledge`, { token })), seen);
    assert.ok(!(await alerts("status=open")).some((one: { id: string }) => one.id === alert.id));
    assert.equal((await platform.call("POST", `/v1/alerts/${newId("alr")}/acknowledge`, { token })).status, 404);
    assert.equal((await platform.call("GET", "/v1/alerts", { token: shop.key })).status, 403);
  });
});

describe("a secret", () => {
  test("may be the merchant's own", async (t) => {
    const [shop, receiver, secret] = [await aShop(platform), await aReceiver(t), aSecret(40)];
    assert.equal((await anEndpoint(platform, shop, receiver.url, { secret })).secret, secret);
    await happen(...happened(shop));
    verify(secret, (await receiver.got(1))[0] as Received);
  });

  test("that is rotated signs beside the new one for as long as said, a day unless said", async (t) => {
    const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
    const endpoint = await anEndpoint(platform, shop, receiver.url);
    const rotate = (body: object) => ok(post(shop, `/v1/webhook_endpoints/${endpoint.id}/rotate_secret`, body));
    const rotated = await rotate({});
    assert.notEqual(rotated.secret, endpoint.secret);
    const leftMs =
      Date.parse(rotated.previous_secret_expires_at) - Date.parse((await ok(shop.get("/v1/test_clock"))).now);
    assert.ok(leftMs > 86_390_000 && leftMs <= 86_400_000);
    await happen(...happened(shop));
    const [both] = (await receiver.got(1)) as [Received];
    assert.equal(both.signature.split(" ").length, 2);
    for (const secret of [endpoint.secret, rotated.secret]) verify(secret, both);
    const { secret } = await rotate({ overlap_seconds: 0, secret: aSecret(24) });
    await happen(...happened(shop));
    const alone = (await receiver.got(2))[1] as Received;
    verify(secret, alone);
    for (const old of [endpoint.secret, rotated.secret]) assert.throws(() => verify(old, alone));
  });

  test("signs nothing that was changed", async (t) => {
    const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
    const { secret } = await anEndpoint(platform, shop, receiver.url);
    await happen(...happened(shop));
    const [{ text, body }] = (await receiver.got(1)) as [Received];
    assert.throws(() => new Webhook(secret).verify(text.replace('"amount":1', '"amount":9'), body.headers));
    assert.throws(() => new Webhook(secret).verify(text, { ...body.headers, "webhook-id": newId("evt") }));
  });
});
