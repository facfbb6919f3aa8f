import assert from "node:assert/strict";
import { test } from "node:test";
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
