import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { before, describe, test } from "node:test";
import { inflateSync } from "node:zlib";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { drawPng, drawSvg, leastSize } from "./draw-qr.ts";

const text =
  "00020101021226440014cn.feiqian.pay0114M00000000000010204S001520454115303156540512.505802CN5917FEIQIAN DEMO SHOP" +
  "6008HANGZHOU62330111INV202611210507ORD00010703T0164210002ZH0105飞钱演示店0202杭州63047275";

describe("drawing QR codes", () => {
  before(() => {
    const path = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
    const wasm = readFileSync(path);
    prepareZXingModule({
      overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length) },
    });
  });

  test("a scanner reads the PNG of any size and margin back, Chinese names included", async () => {
    for (const [size, margin] of [
      [leastSize(text, 0), 0],
      [leastSize(text, 4), 4],
      [300, 4],
      [511, 2],
      [1_024, 10],
    ] as const) {
      const [found] = await readBarcodes(drawPng(text, { size, margin }), { formats: ["QRCode"] });
      assert.equal(found?.text, text, `${size} ${margin}`);
    }
  });

  test("the PNG is as large as was asked for, and its margin is light", () => {
    for (const size of [200, 257, 512]) {
      const png = drawPng(text, { size, margin: 4 });
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [size, size]);
      const rows = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)));
      assert.equal(rows.length, size * (1 + Math.ceil(size / 8)));
      assert.ok(rows.subarray(1, 1 + Math.floor(size / 8)).every((byte) => byte === 0xff));
    }
  });

  test("the SVG's path darkens the very modules that the PNG darkens", async () => {
    const margin = 4;
    const svg = drawSvg(text, { size: 600, margin });
    const side = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
    const png = drawPng(text, { size: side, margin });
    const rows = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)));
    const dark = new Set<string>();
    for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
      for (let i = 0; i < Number(length); i++) dark.add(`${Number(x) + i} ${y}`);
    }
    const rowLength = 1 + Math.ceil(side / 8);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const light = ((rows[y * rowLength + 1 + (x >> 3)] as number) >> (7 - (x & 7))) & 1;
        assert.equal(dark.has(`${x} ${y}`), light === 0, `${x} ${y}`);
      }
    }
  });
});
