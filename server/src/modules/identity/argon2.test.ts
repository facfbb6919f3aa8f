import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { UnsealError, unseal } from "#kit/crypto.ts";
import type { ApiError } from "#kit/errors.ts";
import { times, useServer } from "#test/people.ts";
import { checkSecret, sealSecret } from "./argon2.ts";

useServer();
const context = "test secret";

test("a secret is kept as argon2id with its parameters and a salt of its own", async () => {
  const [a, b] = await Promise.all([
    sealSecret("password", "tr0ub4dor", context),
    sealSecret("password", "tr0ub4dor", context),
  ]);
  const [one, two] = [unseal(a, context).toString(), unseal(b, context).toString()];
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  const pin = unseal(await sealSecret("pin", "402917", "pins usr_1"), "pins usr_1").toString("utf8");
  assert.match(pin, /^\$argon2id\$v=19\$m=2048,t=1,p=1\$/);
  assert.notEqual(one.split("$")[4], two.split("$")[4]);
  assert.deepEqual(await checkSecret("password", "tr0ub4dor", a, context), { right: true, outdated: false });
  assert.deepEqual(await checkSecret("password", "tr0ub4dor ", a, context), { right: false, outdated: false });
});

test("a hash moved to another account does not open", async () => {
  const sealed = await sealSecret("pin", "739164", "payment_pins.pin usr_a");
  await assert.rejects(checkSecret("pin", "739164", sealed, "payment_pins.pin usr_b"), UnsealError);
});

test("a flood of sign-ins is told to come back and does not hold up PINs", async () => {
  const sealed = await sealSecret("pin", "739164", context);
  const started = performance.now();
  const flood = times(130, () =>
    sealSecret("password", randomBytes(8).toString("hex"), context).then(
      () => "done",
      ({ code }: ApiError) => code,
    ),
  );
  assert.equal((await checkSecret("pin", "739164", sealed, context)).right, true);
  const pinTook = performance.now() - started;
  const outcomes = await Promise.all(flood);
  const floodTook = performance.now() - started;
  assert.equal(outcomes.filter((code) => code === "done").length, 102);
  assert.equal(outcomes.filter((code) => code === "overloaded").length, 28);
  assert.ok(pinTook < floodTook / 3, `${pinTook} of ${floodTook} ms`);
});
