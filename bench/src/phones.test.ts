import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { digitsOf, Phones } from "./phones.ts";

interface Vector {
  readonly key: string;
  readonly step: number;
  readonly n: number;
  readonly digits: string;
}

test("the published vectors come out of this implementation too", () => {
  const file = new URL("../../server/src/modules/codes/vectors.json", import.meta.url);
  const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: Vector[] };
  assert.ok(vectors.length > 0);
  for (const { key, step, n, digits } of vectors) {
    assert.equal(digitsOf(createSecretKey(Buffer.from(key, "base64url")), step, n), digits);
  }
});

test("phones show three different codes each in a step, and then none", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 30_000 * 1_000 });
  const phones = new Phones(
    "88",
    Array.from({ length: 5 }, (_, alias) => ({ alias, key: Buffer.alloc(32, alias + 1) })),
  );
  const shown = Array.from({ length: 15 }, () => phones.show() as string);
  assert.ok(shown.every((code) => /^88\d{16}$/.test(code)));
  assert.equal(new Set(shown).size, 15);
  assert.equal(phones.left, 0);
  assert.equal(phones.show(), undefined);
  t.mock.timers.setTime(30_000 * 1_001);
  assert.equal(phones.left, 15);
  assert.ok(!shown.includes(phones.show() as string));
});
