import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import brandsOf from "credit-card-type";
import fc from "fast-check";
import { cardNumber, testCards } from "#test/cards.ts";
import { cardNumbersIn, isLuhn, withoutCardNumbers } from "./card-numbers.ts";

test("the check digit catches every wrong digit and nearly every swapped pair", () => {
  for (const number of Object.values(testCards)) {
    assert.ok(isLuhn(number), number);
    for (let at = 0; at < number.length; at++) {
      const wrong = number.slice(0, at) + ((Number(number[at]) + 1) % 10) + number.slice(at + 1);
      assert.ok(!isLuhn(wrong), wrong);
    }
  }
});

test("a card number is found between anything that is no digit, in a row or in groups, and other digits are left alone", () => {
  const { visa } = testCards;
  for (const text of [
    visa,
    `card=${visa};`,
    `%B${visa}^NAME^2512`,
    `;${visa}=25121010000`,
    `"${visa}"`,
    `卡号${visa}。`,
  ])
    assert.deepEqual(cardNumbersIn(text), [visa], text);
  assert.deepEqual(cardNumbersIn("4111 1111 1111 1111 and 3782-822463-10005"), [
    "4111 1111 1111 1111",
    "3782-822463-10005",
  ]);
  for (const text of ["4111111111111112", "411111111111", "2026-11-21T16:00:00.000Z", "01m7zf2hcw3jbghbxz85kjx2zt"])
    assert.deepEqual(cardNumbersIn(text), [], text);
});

test("whatever JSON a card number stands in, it is JSON without it afterwards", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.boolean(), (before, after, grouped) => {
      const number = cardNumber("4");
      const shown = grouped ? number.replace(/(\d{4})(?=\d)/g, "$1 ") : number;
      const letter = (text: string) => `${text}x`;
      const line = JSON.stringify({
        a: `${letter(before)}${shown}x${after}`,
        list: [Number(number)],
        n: Number(number),
      });
      const clean = withoutCardNumbers(line);
      assert.ok(!clean.includes(number) && !clean.includes(shown));
      JSON.parse(clean);
    }),
  );
});

test("this repository holds no card numbers but the ones that are published for tests", () => {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const known = new Set<string>(Object.values(testCards));
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean);
  // Digests, the lock file and a list of passwords are long runs of letters and digits that mean nothing.
  const texts = files.filter(
    (name) => !/(\.(png|ico|gz|br|bin|bloom|woff2?)|package-lock\.json|make-common-passwords\.ts)$/.test(name),
  );
  const found = texts.flatMap((name) => {
    let text: string;
    try {
      text = readFileSync(`${root}/${name}`, "utf8");
    } catch {
      return []; // Removed, and not committed yet.
    }
    // Some phone numbers have a right check digit by chance.
    return (
      cardNumbersIn(text.replace(/\+\d{7,15}/g, ""))
        .map((run) => run.replace(/\D/g, ""))
        // One in ten runs has a right check digit by chance; a card also begins as its brand does, and is as long.
        .filter((number) => brandsOf(number).some(({ lengths }) => lengths.includes(number.length)))
        .filter((number) => !known.has(number))
        .map((run) => `${name}: ${run}`)
    );
  });
  assert.deepEqual(found, []);
});
