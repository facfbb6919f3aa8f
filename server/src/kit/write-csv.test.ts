import assert from "node:assert/strict";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setImmediate as otherTurn } from "node:timers/promises";
import { eventually } from "#test/elsewhere.ts";
import type { Column } from "./table.ts";
import { writeCsv } from "./write-csv.ts";

const columns: Column<number>[] = [
  { title: { en: "n", "zh-CN": "数" }, cell: (n) => ({ minor: n, currency: "JPY" }) },
  { title: { en: "text", "zh-CN": "文" }, cell: (n) => `"${n}",\n茶` },
];

test("quotes, commas and line ends are kept apart as RFC 4180 says, with Excel's mark in front", async () => {
  assert.equal(await text(writeCsv(columns, [7], "zh-CN")), '数,文\r\n7,"""7"",\n茶"\r\n');
  const [first] = await writeCsv(columns, [7], "en").take(1).toArray();
  assert.deepEqual([...Buffer.from(first).subarray(0, 3)], [0xef, 0xbb, 0xbf]);
});

test("a million rows nobody reads are not made: a slow reader holds up the rows, not the memory", async () => {
  let made = 0;
  let ended = false;
  async function* rows() {
    try {
      for (; made < 1_000_000; made++) yield made;
    } finally {
      ended = true;
    }
  }
  const file = writeCsv(columns, rows(), "en");
  await once(file, "readable");
  for (let turn = 0; turn < 10_000; turn++) await otherTurn();
  assert.ok(made < 5_000, `${made} rows wait in memory`);
  file.destroy();
  // Who hangs up ends the reading.
  await eventually(() => ended);
});

test("rows that fail midway break the file off: its end is not that of a whole one", async () => {
  async function* rows() {
    yield 1;
    await otherTurn();
    throw new Error("the database is gone");
  }
  await assert.rejects(text(writeCsv(columns, rows(), "en")), /the database is gone/);
});
