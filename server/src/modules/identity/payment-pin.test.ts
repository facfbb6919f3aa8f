import assert from "node:assert/strict";
import { test } from "node:test";
import { now } from "#kit/clock.ts";
import type { ApiError } from "#kit/errors.ts";
import { armFaultPoints, disarmFaultPoints } from "#kit/fault-points.ts";
import { checkPin } from "#modules/identity";
import { advance, exhaust, ok, refused, times, useServer } from "#test/people.ts";
import { isSimple } from "./payment-pin.ts";

const { ask, aUser } = useServer();
const path = "/v1/users/me/payment_pin";
const pin = "739164";

async function aPayer() {
  const user = await aUser();
  ok(await user.ask("PUT", path, { pin, password: user.password }));
  return user;
}

const guess = (userId: string, pin: string) =>
  checkPin(userId, pin).then(
    () => ({ code: "ok", details: undefined }),
    ({ code, details }: ApiError) => ({ code, details }),
  );

test("a PIN is set with the password, and then it is right", async () => {
  const user = await aUser();
  assert.deepEqual(ok(await user.ask("GET", path)), { object: "payment_pin", set: false, locked_until: null });
  assert.equal((await guess(user.id, pin)).code, "pin_not_set");
  refused(await user.ask("PUT", path, { pin, password: "not the password" }), 403, "password_invalid");
  assert.equal((await guess(user.id, pin)).code, "pin_not_set");
  assert.deepEqual(ok(await user.ask("PUT", path, { pin, password: user.password })), {
    object: "payment_pin",
    set: true,
    locked_until: null,
  });
  assert.equal((await guess(user.id, pin)).code, "ok");
});

test("wrong PINs say how many attempts are left; the fifth locks for a quarter of an hour", async () => {
  const user = await aPayer();
  for (const left of [4, 3, 2, 1]) {
    assert.deepEqual(await guess(user.id, "000001"), { code: "pin_invalid", details: { attempts_left: left } });
  }
  const { code, details } = await guess(user.id, "000001");
  assert.equal(code, "pin_locked");
  const wait = Date.parse(details?.retry_at as string) - now();
  assert.ok(wait > 880_000 && wait <= 901_000, `${wait} ms`);
  assert.deepEqual(await guess(user.id, pin), { code, details }, "the right one too");
  assert.equal(ok(await user.ask("GET", path)).locked_until, details?.retry_at);
  await advance(901);
  const { access_token: token } = await user.signIn();
  assert.equal(ok(await ask("GET", path, undefined, { token })).locked_until, null);
  assert.deepEqual(await guess(user.id, "000001"), { code: "pin_invalid", details: { attempts_left: 4 } });
  assert.equal((await guess(user.id, pin)).code, "ok");
});

test("a right PIN starts the count afresh", async () => {
  const user = await aPayer();
  for (const _ of times(3, () => 0)) {
    for (const _ of times(4, () => 0)) assert.equal((await guess(user.id, "000001")).code, "pin_invalid");
    assert.equal((await guess(user.id, pin)).code, "ok");
  }
});

test("fifty guesses at once are five", async () => {
  const user = await aPayer();
  const answers = await Promise.all(times(50, (n) => guess(user.id, String(n).padStart(6, "0"))));
  const left = answers.filter(({ code }) => code === "pin_invalid").map(({ details }) => details?.attempts_left);
  assert.deepEqual(new Set(left), new Set([1, 2, 3, 4]));
  assert.equal(left.length, 4);
  assert.equal(answers.filter(({ code }) => code === "pin_locked").length, 46);
});

test("fifty right ones at once are never more than five looked at, and none is wrong", async () => {
  const user = await aPayer();
  const codes = new Set((await Promise.all(times(50, () => guess(user.id, pin)))).map(({ code }) => code));
  assert.ok(codes.has("ok"));
  assert.ok(!codes.has("pin_invalid"));
});

test("a guess whose process dies before the comparison counts", async () => {
  const user = await aPayer();
  armFaultPoints("identity.pin_guess_counted=error*4");
  for (const _ of times(4, () => 0)) await assert.rejects(checkPin(user.id, "000001"));
  disarmFaultPoints();
  assert.equal((await guess(user.id, "000001")).code, "pin_locked");
});

test("a PIN is changed with the password; the old one, when given, must be right and counts", async () => {
  const user = await aPayer();
  const change = (body: object) => user.ask("PUT", path, { password: user.password, ...body });
  const wrong = refused(await change({ pin: "503817", current_pin: "000001" }), 403, "pin_invalid");
  assert.deepEqual([wrong.param, wrong.details], ["/current_pin", { attempts_left: 4 }]);
  ok(await change({ pin: "503817", current_pin: pin }));
  assert.equal((await guess(user.id, pin)).code, "pin_invalid");
  for (const _ of times(4, () => 0)) await guess(user.id, "000001");
  assert.equal((await guess(user.id, "503817")).code, "pin_locked");
  ok(await change({ pin: "284650" }));
  assert.equal((await guess(user.id, "284650")).code, "ok");
});

test("guessing the password here is as slow as signing in", async () => {
  const user = await aPayer();
  const set = (password: string) => user.ask("PUT", path, { pin: "503817", password });
  await exhaust(async () => refused(await set("not the password"), 403, "password_invalid"));
  refused(await set(user.password), 429, "sign_in_throttled");
  await advance(8);
  ok(await set(user.password));
});

test("a PIN that everybody tries first is refused", async () => {
  const simple = [
    "000000",
    "111111",
    "123456",
    "654321",
    "012345",
    "567890",
    "890123",
    "987654",
    "098765",
    "121212",
    "696969",
    "123123",
    "520520",
  ];
  for (const pin of simple) assert.ok(isSimple(pin), pin);
  for (const pin of ["739164", "112233", "135790", "123457", "100000", "123321"]) assert.ok(!isSimple(pin), pin);
  const user = await aUser();
  const { password } = user;
  refused(await user.ask("PUT", path, { pin: "123456", password }), 400, "pin_too_simple");
  for (const pin of ["12345", "1234567", "12345a", "１２３４５７", 739164]) {
    assert.equal(refused(await user.ask("PUT", path, { pin, password }), 400, "parameter_invalid").param, "/pin");
  }
  refused(await user.ask("PUT", path, { pin }), 400, "parameter_missing");
});
