import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/elsewhere.ts";
import { aShop, ok, type Shop, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import {
  anEndpoint,
  aReceiver,
  deliveries,
  delivery,
  happen,
  happened,
  type Received,
  verify,
} from "#test/receiver.ts";

const platform = usePlatform({ LOG_LEVEL: "fatal" });
const post = (shop: Shop, path: string, body: object = {}) => platform.call("POST", path, { token: shop.key, body });

describe("sent again", () => {
  test("a test event reaches the one endpoint, whatever it asked for", async (t) => {
    const [shop, receiver, beside] = [await aShop(platform), await aReceiver(t), await aReceiver(t)];
    const endpoint = await anEndpoint(platform, shop, receiver.url, { events: ["refund.failed"] });
    await anEndpoint(platform, shop, beside.url, { events: ["*"] });
    const sent = await ok(post(shop, `/v1/webhook_endpoints/${endpoint.id}/test`));
    assert.deepEqual([sent.endpoint, sent.event_type, sent.status], [endpoint.id, "webhook_endpoint.test", "pending"]);
    const [message] = (await receiver.got(1)) as [Received];
    verify(endpoint.secret, message);
    assert.deepEqual([message.id, message.body.type], [sent.event, "webhook_endpoint.test"]);
    await happen(...happened(shop));
    await eventually(() => beside.received.some(({ body }) => body.type === "payment.succeeded"));
    assert.ok(!beside.received.some(({ body }) => body.type === "webhook_endpoint.test"));
  });

  test("a delivery is a new one with the same webhook-id", async (t) => {
    const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
    const endpoint = await anEndpoint(platform, shop, receiver.url);
    const [event] = await happen(...happened(shop));
    const before = await delivery(shop, endpoint, { status: "succeeded" });
    assert.deepEqual([before.attempts, before.response_status, before.event], [1, 204, event?.id]);
    const again = await ok(post(shop, `/v1/webhook_deliveries/${before.id}/resend`));
    assert.notEqual(again.id, before.id);
    const messages = await receiver.got(2);
    assert.deepEqual(
      messages.map(({ id }) => id),
      [event?.id, event?.id],
    );
    assert.equal(messages[0]?.text, messages[1]?.text);
    assert.deepEqual((await deliveries(shop, endpoint, `event=${event?.id}`)).length, 2);
  });

  test("an event goes to all that want it, or to the one that is named", async (t) => {
    const shop = await aShop(platform);
    const [event] = await happen(...happened(shop));
    const receivers = await Promise.all(times(3, () => aReceiver(t)));
    const asked = [["payment.*"], ["*"], ["store.created"]];
    const made = await Promise.all(
      receivers.map(({ url }, i) => anEndpoint(platform, shop, url, { events: asked[i] })),
    );
    const all = await ok(post(shop, `/v1/events/${event?.id}/resend`));
    assert.deepEqual(
      new Set(all.data.map((one: { endpoint: string }) => one.endpoint)),
      new Set(made.slice(0, 2).map(({ id }) => id)),
    );
    const one = await ok(post(shop, `/v1/events/${event?.id}/resend`, { endpoint: made[2].id }));
    assert.deepEqual(
      one.data.map((each: { endpoint: string }) => each.endpoint),
      [made[2].id],
    );
    for (const receiver of receivers) await eventually(() => receiver.received.some(({ id }) => id === event?.id));
  });

  test("the log pages, newest first, and filters", async (t) => {
    const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
    const endpoint = await anEndpoint(platform, shop, receiver.url);
    await happen(...happened(shop, 12));
    await eventually(async () => (await deliveries(shop, endpoint, "status=succeeded")).length === 12);
    const all = (await deliveries(shop, endpoint)).map(({ id }: { id: string }) => id);
    const page = (query: string) => ok(shop.get(`/v1/webhook_endpoints/${endpoint.id}/deliveries?limit=5&${query}`));
    const [first, second] = [await page(""), await page(`starting_after=${all[4]}`)];
    assert.deepEqual(
      [...first.data, ...second.data].map(({ id }) => id),
      all.slice(0, 10),
    );
    assert.deepEqual([first.has_more, (await page(`starting_after=${all[9]}`)).has_more], [true, false]);
    assert.deepEqual((await page("status=failed")).data, []);
  });
});
