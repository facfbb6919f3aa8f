import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, ok } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { anEndpoint, aReceiver, type Received, verify } from "#test/receiver.ts";

const platform = usePlatform({ LOG_LEVEL: "fatal" });
const rotate = async (token: string, body: object = {}) =>
  ok(platform.call("POST", "/v1/notify_secret/rotate", { token, body }));

test("what happens to an order and its refunds is told where the order says, signed by the notify secret, and its neighbours' not", async (t) => {
  const [shop, payer] = [await aShop(platform), await aPayer(platform)];
  const [receiver, endpoint] = [await aReceiver(t), await aReceiver(t)];
  assert.equal((await shop.get("/v1/notify_secret")).status, 404);
  const { secret, ...shown } = await rotate(shop.key);
  assert.deepEqual(await ok(shop.get("/v1/notify_secret")), shown);
  assert.ok(!JSON.stringify(shown).includes("whsec_"));
  await anEndpoint(platform, shop, endpoint.url, { events: ["payment.succeeded"] });
  const order = await ok(shop.order({ notify: `${receiver.url}?order=7` }));
  await ok(payer.confirm(order));
  const silent = await ok(shop.order());
  await ok(payer.confirm(silent));
  const refund = await ok(shop.refund(order, { amount: 100 }));
  const messages = await receiver.got(3);
  await endpoint.got(2);
  assert.deepEqual(
    new Set(messages.map(({ path, body }) => `${path} ${body.type} ${body.data.object.id}`)),
    new Set([
      `/hook?order=7 payment.requires_payment ${order.id}`,
      `/hook?order=7 payment.succeeded ${order.id}`,
      `/hook?order=7 refund.succeeded ${refund.id}`,
    ]),
  );
  for (const message of messages) verify(secret, message);
  assert.ok(!JSON.stringify(messages.map(({ text }) => text)).includes(order.payment_key));

  const page = await ok(shop.get(`/v1/payments/${order.id}?expand[]=deliveries`));
  assert.ok(page.deliveries.some(({ url }: { url: string | null }) => url === order.notify));
  const { data } = await ok(
    platform.call("POST", `/v1/events/${messages[0]?.id}/resend`, { token: shop.key, body: {} }),
  );
  assert.ok(data.some(({ url }: { url: string | null }) => url === order.notify));
  await receiver.got(4);
});

test("an address that is told before its merchant has a secret is told signed, by one that the merchant can replace", async (t) => {
  const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
  const order = await ok(shop.order({ notify: receiver.url }));
  const [first] = (await receiver.got(1)) as [Received];
  assert.match(first.signature, /^v1,[\w+/]{43}=$/);
  assert.equal(first.body.data.object.id, order.id);
  assert.equal((await ok(shop.get("/v1/notify_secret"))).object, "notify_secret");
  const { secret } = await rotate(shop.key);
  await ok(platform.call("POST", `/v1/payments/${order.id}/close`, { token: shop.key, body: {} }));
  const closed = (await receiver.got(2))[1] as Received;
  assert.deepEqual([closed.body.type, closed.signature.split(" ").length], ["payment.closed", 2]);
  verify(secret, closed);
});

test("one host that hangs does not hold up another of the same merchant", async (t) => {
  const [shop, hanging, fast] = [await aShop(platform), await aReceiver(t), await aReceiver(t)];
  hanging.answer(() => {});
  for (let i = 0; i < 5; i++) await ok(shop.order({ notify: hanging.url }));
  const order = await ok(shop.order({ notify: fast.url }));
  await eventually(() => fast.received.some(({ body }) => body.data.object.id === order.id), 30_000);
});
