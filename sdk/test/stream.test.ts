import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import {
  AuthenticationError,
  createClient,
  type Event,
  type Feiqian,
  type Fetch,
  type StreamOptions,
} from "@feiqian/sdk";
import { aShop } from "@feiqian/server/test/factories.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";
import fc from "fast-check";
import { MessageReader } from "../src/stream.ts";

const text = [
  ": hello\n\n",
  "retry: 1000\n",
  'id: evt_1\nevent: payment.succeeded\ndata: {"id":"evt_1"}\n\n',
  'id: evt_2\r\ndata: {"id":"evt_2",\r\ndata: "name":"早餐 ☕"}\r\n\r\n',
  "data:no space\rdata:  two\r\r",
  "event: nothing\n\n",
  "id: evt_3\ndata\n\n",
  "id: evt_4\ndata: never finished\n",
].join("");
const expected = [
  { event: "payment.succeeded", id: "evt_1", data: '{"id":"evt_1"}' },
  { event: "", id: "evt_2", data: '{"id":"evt_2",\n"name":"早餐 ☕"}' },
  { event: "", id: "evt_2", data: "no space\n two" },
  { event: "", id: "evt_3", data: "" },
];

test("messages of the event stream are the same wherever the chunks end, inside of characters too", () => {
  const bytes = new TextEncoder().encode(text);
  const cuts = fc.uniqueArray(fc.integer({ min: 0, max: bytes.length }), { maxLength: 30 });
  fc.assert(
    fc.property(cuts, (cuts) => {
      const reader = new MessageReader();
      const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const messages = edges.slice(1).flatMap((end, i) => [...reader.read(bytes.subarray(edges[i], end))]);
      assert.deepEqual(messages, expected);
    }),
  );
});

const platform = usePlatform();

/** A shop's client on a network that cuts each event stream after so many chunks; and how often it was opened. */
async function aShakyLine(chunks: number) {
  const shop = await aShop(platform);
  const opened: (string | null)[] = [];
  const cutting: Fetch = async (url, init) => {
    const response = await fetch(url, init);
    if (!url.endsWith("/v1/stream") || !response.body) return response;
    opened.push(new Headers(init.headers).get("last-event-id"));
    let left = chunks;
    const cut = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (left-- > 0) controller.enqueue(chunk);
        else controller.error(new TypeError("terminated"));
      },
    });
    return new Response(response.body.pipeThrough(cut), response);
  };
  const feiqian = createClient({ baseUrl: platform.url, apiKey: shop.key, fetch: cutting });
  const order = () => feiqian.payments.create({ amount: 100, currency: "CNY", out_trade_no: `order-${randomUUID()}` });
  return { shop, feiqian, order, opened };
}

/** Reads events while `work` makes them happen, until there are so many. */
async function listen(feiqian: Feiqian, count: number, work: () => Promise<unknown>, options: StreamOptions = {}) {
  const signal = AbortSignal.timeout(30_000);
  const ready = Promise.withResolvers<void>();
  const events: Event[] = [];
  const working = ready.promise.then(work);
  const stream = feiqian.events.stream({ ...options, signal, onOpen: ready.resolve });
  for await (const event of stream) {
    events.push(event);
    if (events.length === count) break;
  }
  await working;
  return events;
}

test("events arrive as they happen, and are what can be read afterwards", async () => {
  const { feiqian, order } = await aShakyLine(1_000);
  const made: string[] = [];
  const events = await listen(feiqian, 3, async () => {
    for (let n = 0; n < 3; n++) made.push((await order()).id);
  });
  assert.deepEqual(
    events.map(({ type, data }) => [type, data.object.id]),
    made.map((id) => ["payment.requires_payment", id]),
  );
  const [first] = events;
  assert.deepEqual(await feiqian.events.retrieve(first?.id ?? ""), first);
});

test("a stream that breaks again and again misses nothing and tells nothing twice", async () => {
  const { feiqian, order, opened } = await aShakyLine(2);
  const made: string[] = [];
  const events = await listen(feiqian, 6, async () => {
    for (let n = 0; n < 6; n++) made.push((await order()).id);
  });
  assert.deepEqual(
    events.map(({ data }) => data.object.id),
    made,
  );
  assert.ok(opened.length > 1, "it did break");
  assert.deepEqual(opened[0], null);
  assert.ok(opened.slice(1).every((last) => events.some(({ id }) => id === last)));
});

test("a stream goes on after the event that it is told", async () => {
  const { feiqian, order } = await aShakyLine(1_000);
  for (let n = 0; n < 3; n++) await order();
  const { data } = await feiqian.events.list();
  const [third, second, first] = data;
  const missed = await listen(feiqian, 2, async () => {}, { lastEventId: first?.id ?? "" });
  assert.deepEqual(missed, [second, third]);
});

test("a stream from an event that is no longer known says that something may be missing", async () => {
  const { feiqian, order } = await aShakyLine(1_000);
  let resets = 0;
  const options = { lastEventId: "evt_00000000000000000000000000", onReset: () => resets++ };
  const events = await listen(feiqian, 1, order, options);
  assert.deepEqual([events.length, resets], [1, 1]);
});

test("a stream that may not be read throws, and one that is aborted ends with the reason", async () => {
  const stranger = createClient({ baseUrl: platform.url, apiKey: "sk_test_nobody" });
  await assert.rejects(stranger.events.stream().next(), AuthenticationError);
  const { feiqian } = await aShakyLine(1_000);
  const controller = new AbortController();
  const reason = new Error("enough");
  const stream = feiqian.events.stream({ signal: controller.signal, onOpen: () => controller.abort(reason) });
  await assert.rejects(stream.next(), reason);
});
