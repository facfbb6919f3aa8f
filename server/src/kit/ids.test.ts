import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  derivedId,
  derivedIdAt,
  idBelongingTo,
  idPattern,
  idsBelongingTo,
  idsSince,
  newId,
  timeOfDerived,
} from "./ids.ts";

const times = fc.nat({ max: 2 ** 48 });

test("ids are their prefix and 26 characters, and no two are the same", () => {
  const ids = Array.from({ length: 20_000 }, () => newId("pay"));
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, new RegExp(idPattern("pay", "usr")));
});

test("ids of later milliseconds sort later", async () => {
  const earlier = newId("pay");
  await new Promise((resolve) => setTimeout(resolve, 3));
  assert.ok(newId("pay") > earlier);
});

test("the pattern takes no other prefix, length or letter", () => {
  const pattern = new RegExp(idPattern("usr"));
  const id = newId("usr");
  for (const wrong of [
    newId("pay"),
    `${id}0`,
    id.slice(1),
    id.slice(0, -1),
    `${id.slice(0, -1)}U`,
    `${id.slice(0, -1)}i`,
    `x${id}`,
  ])
    assert.doesNotMatch(wrong, pattern, wrong);
});

test("a derived id is the same for the same parts, and another for parts that are cut elsewhere", () => {
  assert.equal(derivedId("acc", "wallet", "usr_1", 7), derivedId("acc", "wallet", "usr_1", 7));
  assert.match(derivedId("acc", "wallet"), new RegExp(idPattern("acc")));
  const ids = [
    derivedId("acc", "wallet", "usr_1"),
    derivedId("acc", "walletusr_1"),
    derivedId("acc", "wallet", "usr_", 1),
    derivedId("acc", "usr_1", "wallet"),
    derivedId("acc", "wallet", "usr_1", ""),
  ];
  assert.equal(new Set(ids).size, ids.length);
});

test("ids of a business time sort by it, and a bound parts the earlier from the later", () => {
  fc.assert(
    fc.property(times, times, fc.string(), fc.string(), (one, other, a, b) => {
      const [early, late] = [derivedIdAt("rcd", one, a), derivedIdAt("rcd", other, b)];
      if (one < other) assert.ok(early < late);
      assert.equal(early >= idsSince("rcd", other), one >= other);
      assert.match(early, new RegExp(idPattern("rcd")));
    }),
  );
});

test("what belongs to an object has ids of its own between bounds of its own, and nothing else lies there", () => {
  const objects = Array.from({ length: 50 }, () => newId("pay"));
  const belonging = objects.map((object) => [0, 1, 31, 32, 1023].map((n) => idBelongingTo("txn", object, n)));
  assert.equal(new Set(belonging.flat()).size, 250);
  objects.forEach((object, i) => {
    const { from, to } = idsBelongingTo("txn", object);
    const within = [...belonging.flat(), ...objects].filter((id) => id >= from && id < to);
    assert.deepEqual(within, belonging[i]);
    for (const id of within) assert.match(id, new RegExp(idPattern("txn")));
  });
  assert.throws(() => idBelongingTo("txn", objects[0] ?? "", 1024), RangeError);
});

test("a derived id tells the time it was made with", () => {
  fc.assert(fc.property(times, (ms) => assert.equal(timeOfDerived(derivedIdAt("stm", ms, "x")), ms)));
});
