import assert from "node:assert/strict";
import { test } from "node:test";
import { purgeEvents } from "#kit/purge-events.ts";
import { eventually } from "#test/elsewhere.ts";
import { aShop, ok, type Shop } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { anEndpoint, aReceiver, deliveries, delivery, happen, happened, idsOf, verify } from "#test/receiver.ts";
import { purgeDeliveries } from "./jobs.ts";

const platform = usePlatform({ LOG_LEVEL: "fatal" });
const advance = async (shop: Shop, ms: number) =>
  ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body: { advance_ms: ms } }));

const dayMs = 86_400_000;

// Staff tokens end when time moves: everything is set up by one operator before.
const shops = Promise.withResolvers<Shop[]>();
test("shops are set up", async () =>
  shops.resolve([await aShop(platform), await aShop(platform), await aShop(platform)]));

test("an attempt that fails is made again on schedule, with the same id, for three days; then it is given up", {
  timeout: 120_000,
}, async (t) => {
  const [shop] = (await shops.promise) as [Shop];
  const receiver = await aReceiver(t);
  receiver.answer(500);
  const endpoint = await anEndpoint(platform, shop, receiver.url);
  const [event] = await happen(...happened(shop));
  const minutes = [5 / 60, 5, 30, 120, 300, 600, 840, 1_200, 1_440];
  for (const [i, wait] of minutes.entries()) {
    const facts = { attempts: i + 1, status: "pending", response_status: 500, error: "status" };
    const shown = await delivery(shop, endpoint, facts);
    const ms = Date.parse(shown.next_attempt_at) - Date.parse(shown.last_attempt_at);
    assert.ok(ms >= wait * 60_000 && ms <= wait * 66_000, `attempt ${i + 2} after ${ms} ms`);
    await advance(shop, ms);
  }
  await delivery(shop, endpoint, { attempts: 10, status: "failed", next_attempt_at: null });
  assert.deepEqual(idsOf(receiver.received), Array(10).fill(event?.id));
  // Each attempt is signed afresh, at the machine's time.
  for (const message of receiver.received) verify(endpoint.secret, message);
});

test("an endpoint that only fails for days is switched off; one success in between starts the count again", {
  timeout: 120_000,
}, async (t) => {
  const [, shop] = (await shops.promise) as [Shop, Shop];
  const receiver = await aReceiver(t);
  const endpoint = await anEndpoint(platform, shop, receiver.url);
  const looks = async (facts: object) => {
    let shown: Record<string, unknown> = {};
    await eventually(async () => {
      shown = await ok(shop.get(`/v1/webhook_endpoints/${endpoint.id}`));
      return Object.entries(facts).every(([name, value]) => shown[name] === value);
    }, 30_000);
    return shown;
  };
  const fails = async () => {
    receiver.answer(500);
    const [event] = await happen(...happened(shop));
    await delivery(shop, endpoint, { event: event?.id, attempts: 1, response_status: 500 });
    return looks({ enabled: true });
  };
  const { failing_since: since } = await fails();
  assert.ok(since);
  await advance(shop, 4 * dayMs);
  assert.equal((await fails()).failing_since, since);
  receiver.answer(204);
  await advance(shop, dayMs);
  await looks({ failing_since: null });
  await fails();
  await advance(shop, 5 * dayMs + 60_000);
  await looks({ enabled: false, disabled_reason: "failing" });
});

test("deliveries are forgotten after 30 days, a few days after events only", { timeout: 120_000 }, async (t) => {
  const [, , shop] = (await shops.promise) as [Shop, Shop, Shop];
  const receiver = await aReceiver(t);
  const endpoint = await anEndpoint(platform, shop, receiver.url);
  const [old] = await happen(...happened(shop));
  await delivery(shop, endpoint, { event: old?.id, status: "succeeded" });
  await advance(shop, 20 * dayMs);
  const [young] = await happen(...happened(shop));
  await delivery(shop, endpoint, { event: young?.id, status: "succeeded" });
  await advance(shop, 11.5 * dayMs);
  assert.ok((await purgeDeliveries()) > 0);
  assert.ok((await purgeEvents()) > 0);
  assert.deepEqual(
    (await deliveries(shop, endpoint)).map(({ event }: { event: string }) => event),
    [young?.id],
  );
  assert.equal((await shop.get(`/v1/events/${old?.id}`)).status, 404);
  assert.equal((await shop.get(`/v1/events/${young?.id}`)).status, 200);
  assert.deepEqual([await purgeDeliveries(), await purgeEvents()], [0, 0]);
});
