import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { eventually } from "#test/elsewhere.ts";
import { aShop } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { aProcess } from "#test/process.ts";
import { anEndpoint, aReceiver, deliveries, delivery, happen, happened, idsOf } from "#test/receiver.ts";

// This process takes requests only; workers are processes of their own, which can be killed.
const platform = usePlatform({ LOG_LEVEL: "fatal", ROLES: "api" });
const worker = { ROLES: "worker", LOG_LEVEL: "fatal" };
/** What a process that was killed held is free when its lease has run out: half a minute passes. */
const leasesRunOut = () =>
  database().query("update webhook_lanes set leased_until = clock_timestamp() where leased_until is not null");

test("a worker that dies between the sending and the noting leads to a second message with the same id, never to none", {
  timeout: 120_000,
}, async (t) => {
  const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
  const endpoint = await anEndpoint(platform, shop, receiver.url);
  const dying = await aProcess(t, { ...platform.env, ...worker, FAULT_POINTS: "webhooks.after_send=kill" });
  const [event] = await happen(...happened(shop));
  await once(dying.process, "exit");
  assert.deepEqual(idsOf(receiver.received), [event?.id]);
  await delivery(shop, endpoint, { status: "pending", attempts: 0 });
  await aProcess(t, { ...platform.env, ...worker });
  await leasesRunOut();
  await delivery(shop, endpoint, { status: "succeeded", attempts: 1 });
  assert.deepEqual(idsOf(receiver.received), [event?.id, event?.id]);
});

test("of two workers one is killed in the middle: nothing is lost, and only what it had on its way may come twice", {
  timeout: 120_000,
}, async (t) => {
  const shop = await aShop(platform);
  const receivers = [await aReceiver(t), await aReceiver(t), await aReceiver(t)];
  for (const receiver of receivers) receiver.answer((response) => setTimeout(() => response.end(), 5));
  const endpoints = [];
  for (const { url } of receivers) endpoints.push(await anEndpoint(platform, shop, url));
  const [first] = [
    await aProcess(t, { ...platform.env, ...worker }),
    await aProcess(t, { ...platform.env, ...worker }),
  ];
  const events = happened(shop, 600);
  for (let at = 0; at < 600; at += 100) {
    await happen(...events.slice(at, at + 100));
    if (at === 200) await Promise.all(receivers.map((receiver) => receiver.got(100)));
    if (at === 300) first.process.kill("SIGKILL");
  }
  await leasesRunOut();
  for (const [i, receiver] of receivers.entries()) {
    await eventually(() => new Set(idsOf(receiver.received)).size === 600, 60_000);
    assert.deepEqual([...new Set(idsOf(receiver.received))], idsOf(events));
    const endpoint = endpoints[i];
    await eventually(async () => (await deliveries(shop, endpoint, "status=pending")).length === 0);
    assert.ok(receiver.received.length <= 600 + 32, `${receiver.received.length} messages`);
  }
});

test("two workers that live send each message once", { timeout: 120_000 }, async (t) => {
  const shop = await aShop(platform);
  const receivers = [await aReceiver(t), await aReceiver(t), await aReceiver(t)];
  for (const { url } of receivers) await anEndpoint(platform, shop, url);
  await Promise.all([aProcess(t, { ...platform.env, ...worker }), aProcess(t, { ...platform.env, ...worker })]);
  const events = happened(shop, 500);
  for (let at = 0; at < 500; at += 50) await happen(...events.slice(at, at + 50));
  for (const receiver of receivers) {
    await receiver.got(500, 60_000);
    assert.deepEqual(idsOf(receiver.received), idsOf(events));
  }
});

test("a worker that is told to stop finishes what it has and leaves the rest, within seconds", {
  timeout: 120_000,
}, async (t) => {
  const [shop, receiver, hanging] = [await aShop(platform), await aReceiver(t), await aReceiver(t)];
  hanging.answer(() => {});
  const endpoint = await anEndpoint(platform, shop, receiver.url);
  const stuck = await anEndpoint(platform, shop, hanging.url);
  const stopping = await aProcess(t, { ...platform.env, ...worker });
  await happen(...happened(shop, 20));
  await hanging.got(1);
  await receiver.got(20);
  stopping.process.kill("SIGTERM");
  const [code] = await once(stopping.process, "exit");
  assert.equal(code, 0);
  assert.equal((await deliveries(shop, endpoint, "status=succeeded")).length, 20);
  assert.equal((await deliveries(shop, stuck, "status=pending")).length, 20);
  hanging.answer(204);
  await aProcess(t, { ...platform.env, ...worker });
  await eventually(async () => (await deliveries(shop, stuck, "status=succeeded")).length === 20, 30_000);
  assert.equal(receiver.received.length, 20);
});
