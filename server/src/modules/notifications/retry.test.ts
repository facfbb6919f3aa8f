import assert from "node:assert/strict";
import { test } from "node:test";
import { aShop, ok, type Shop } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { anEndpoint, aReceiver, delivery, happen, happened, idsOf, verify } from "#test/receiver.ts";

const platform = usePlatform({ LOG_LEVEL: "fatal" });
const advance = async (shop: Shop, ms: number) =>
  ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body: { advance_ms: ms } }));

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
