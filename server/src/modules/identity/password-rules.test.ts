import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ApiError } from "#kit/errors.ts";
import { times } from "#test/people.ts";
import { commonPasswordsFile, isCommonPassword } from "./common-passwords.ts";
import { commonPasswords } from "./make-common-passwords.ts";
import { checkNewPassword, type Known } from "./password-rules.ts";

const ann: Known = { phone: "+8613812345678", email: "ann.lee@example.com", name: "Annabel 李娜娜" };

function verdict(password: string, kind: "user" | "staff" = "user", known = ann): string {
  try {
    checkNewPassword(password, known, { kind });
    return "ok";
  } catch (error) {
    return (error as ApiError).code;
  }
}

test("the file is what its script makes of the lists, and no larger than it has to be", () => {
  const made = commonPasswords();
  assert.ok(made.equals(readFileSync(commonPasswordsFile)), "run make-common-passwords.ts");
  assert.ok(made.length / 5 > 70_000 && made.length < 500_000);
});

test("what is tried first is refused, however its letters are written", () => {
  for (const password of [
    "password1",
    "iloveyou1",
    "PassWord1",
    "ｐａｓｓｗｏｒｄ１",
    "qwertyuiop",
    "1qaz2wsx",
    "woaini1314",
    "everything",
  ])
    assert.equal(verdict(password), "password_breached", password);
});

test("of fifty thousand random passwords none is taken for a common one", () => {
  const random = times(50_000, () => randomBytes(9).toString("base64url"));
  assert.deepEqual(random.filter(isCommonPassword), []);
});

test("length is counted in characters of the normalised text, and nothing is asked about their kinds", () => {
  assert.equal(verdict("k2p-w9x"), "password_too_short");
  assert.equal(verdict("😀🎈🍎🚲🌊🎹🧊"), "password_too_short");
  for (const password of [
    "k2p-w9xz",
    "😀🎈🍎🚲🌊🎹🧊🪁",
    "八个汉字就够了吗",
    "correct horse",
    randomUUID(),
    "tttttttu vvv",
  ])
    assert.equal(verdict(password), "ok", password);
  // Twelve code points that are six characters once they are composed.
  assert.equal(verdict("e\u0301".repeat(3) + "a\u0301u\u0301o\u0301"), "password_too_short");
});

test("staff need twelve characters", () => {
  assert.equal(verdict("k2p-w9xz-41"), "ok");
  assert.equal(verdict("k2p-w9xz-41", "staff"), "password_too_short");
  assert.equal(verdict("k2p-w9xz-417", "staff"), "ok");
});

test("repetitions, sequences and dates are easy to guess", () => {
  const easy = [
    "aaaaaaaaaa",
    "        ",
    "ababababab",
    "x7k2x7k2x7k2",
    "mnopqrstu",
    "987654321098",
    "19870915",
    "15091987",
  ];
  for (const password of [...easy, "98765432109876"])
    assert.match(verdict(password), /password_(predictable|breached)/, password);
  for (const password of ["98765432109875", "39871315", "abcdefgz9"]) assert.equal(verdict(password), "ok", password);
});

test("what everybody can know of its owner, or of the service, makes no password", () => {
  const known = [
    "13812345678",
    "+8613812345678",
    "8613812345678!",
    "ann.lee@example.com",
    "Annabel1",
    "annabel.2026",
    "李娜娜12345",
    "feiqian2026",
    "飞钱飞钱1234",
    "Feiqian-12345678",
  ];
  for (const password of known) assert.equal(verdict(password), "password_predictable", password);
  for (const password of ["annabel-w9xz-k2p", "feiqian k2p w9xz"]) assert.equal(verdict(password), "ok", password);
  assert.equal(verdict("annabel.2026", "user", {}), "ok");
});
