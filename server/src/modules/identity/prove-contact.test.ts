import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import {
  advance,
  aPhone,
  asLive,
  codeSentTo,
  codesOf,
  messagesTo,
  ok,
  refused,
  times,
  useServer,
} from "#test/people.ts";

const { ask, aUser, signInFromNewDevice } = useServer();
const send = async (who: { phone: string } | { email: string }, purpose: string): Promise<string> => {
  ok(await ask("POST", "/v1/one_time_codes", { ...who, purpose }));
  return codeSentTo("phone" in who ? who.phone : who.email);
};
const anEmail = () => `${randomUUID()}@example.com`;
const kinds = async (to: string) => (await messagesTo(to)).map(({ kind }) => kind);

test("a user proves the phone and the email of the account, one after the other", async () => {
  const email = anEmail();
  const { phone, ask: askAs } = await aUser({ email });
  const verify = (body: object) => askAs("POST", "/v1/users/me/verifications", body);
  const code = await send({ phone }, "verify");
  refused(await verify({ email, code }), 403, "one_time_code_invalid");
  const half = ok(await verify({ phone, code }));
  assert.deepEqual([half.phone_verified, half.email_verified], [true, false]);
  ok(await verify({ phone, code }));
  const whole = ok(await verify({ email, code: await send({ email }, "verify") }));
  assert.deepEqual([whole.phone_verified, whole.email_verified], [true, true]);
  assert.deepEqual(ok(await askAs("GET", "/v1/users/me")), whole);
});

test("nobody proves what belongs to somebody else, with a right code neither", async () => {
  const [ann, bo] = [await aUser(), await aUser()];
  const code = await send({ phone: bo.phone }, "verify");
  const stolen = await ann.ask("POST", "/v1/users/me/verifications", { phone: bo.phone, code });
  assert.equal(refused(stolen, 404, "not_found").param, "/phone");
  const unknown = await ann.ask("POST", "/v1/users/me/verifications", { email: anEmail(), code });
  assert.equal(refused(unknown, 404, "not_found").param, "/email");
  ok(await bo.ask("POST", "/v1/users/me/verifications", { phone: bo.phone, code }));
});

test("a phone is changed by the code that the new one got and the password; the old one is told and signs nobody in", async () => {
  const user = await aUser();
  const [old, phone] = [user.phone, aPhone()];
  const code = await send({ phone }, "change_phone");
  const change = (body: object) =>
    user.ask("PUT", "/v1/users/me/phone", { phone, code, password: user.password, ...body });
  refused(await change({ password: "wrong" }), 403, "password_invalid");
  refused(await change({ phone: aPhone() }), 403, "one_time_code_invalid");
  const changed = ok(await change({}));
  assert.deepEqual([changed.phone, changed.phone_verified], [phone, true]);
  refused(await ask("POST", "/v1/sessions", { phone: old, password: user.password }), 401, "credentials_invalid");
  ok(await ask("POST", "/v1/sessions", { phone, password: user.password }));
  assert.deepEqual([await kinds(old), await kinds(phone)], [["phone_changed"], ["one_time_code"]]);
  ok(await ask("POST", "/v1/users", { phone: old, password: "k2p-w9xz-41" }));
});

test("somebody without an email gets one, and its case does not matter", async () => {
  const user = await aUser();
  const email = `${randomUUID()}.Lee@Example.com`;
  const code = await send({ email }, "change_email");
  const changed = ok(await user.ask("PUT", "/v1/users/me/email", { email, code, password: user.password }));
  assert.deepEqual([changed.email, changed.email_verified], [email.replace("Example", "example"), true]);
  ok(await ask("POST", "/v1/sessions", { email: email.toUpperCase(), password: user.password }));
  assert.deepEqual(await kinds(user.phone), ["email_changed"]);
});

test("a phone that belongs to an account can't be taken over, and its owner is told", async () => {
  const [ann, bo] = [await aUser(), await aUser()];
  ok(await ask("POST", "/v1/one_time_codes", { phone: bo.phone, purpose: "change_phone" }));
  assert.deepEqual(await kinds(bo.phone), ["account_exists"]);
  const body = { phone: bo.phone, code: "123456", password: ann.password };
  refused(await ann.ask("PUT", "/v1/users/me/phone", body), 403, "one_time_code_invalid");
});

test("of two users who change to one phone at once, one has it, and the other keeps the own", async () => {
  const users = [await aUser(), await aUser()];
  const phone = aPhone();
  const code = await send({ phone }, "change_phone");
  const answers = await Promise.all(
    users.map(({ ask, password }) => ask("PUT", "/v1/users/me/phone", { phone, code, password })),
  );
  assert.deepEqual(codesOf(answers), ["ok", "one_time_code_invalid"]);
  const phones = await Promise.all(users.map(async ({ ask }) => ok(await ask("GET", "/v1/users/me")).phone));
  assert.equal(phones.filter((one) => one === phone).length, 1);
  assert.ok(users.some(({ phone: own }) => phones.includes(own)));
});

test("two changes of one user at once leave one phone that signs in", async () => {
  const user = await aUser();
  const phones = [aPhone(), aPhone()];
  const codes = await Promise.all(phones.map((phone) => send({ phone }, "change_phone")));
  await Promise.all(
    phones.map((phone, n) => user.ask("PUT", "/v1/users/me/phone", { phone, code: codes[n], password: user.password })),
  );
  const { phone: now } = ok(await user.ask("GET", "/v1/users/me"));
  const signIns = [user.phone, ...phones].map((phone) =>
    ask("POST", "/v1/sessions", { phone, password: user.password }),
  );
  assert.deepEqual(codesOf(await Promise.all(signIns)), ["credentials_invalid", "credentials_invalid", "ok"]);
  assert.ok(phones.includes(now));
});

test("on a live server a forgotten PIN is set anew with the password and a code, and the owner is told", async () => {
  await asLive(async () => {
    const phone = aPhone();
    const password = randomUUID();
    ok(await ask("POST", "/v1/users", { phone, password, code: await send({ phone }, "register") }));
    const { access_token: token } = await signInFromNewDevice({ phone, password });
    const set = (body: object) => ask("PUT", "/v1/users/me/payment_pin", { password, ...body }, { token });
    ok(await set({ pin: "739164" }));
    ok(await set({ pin: "739165", current_pin: "739164" }));
    refused(await set({ pin: "852963" }), 400, "one_time_code_missing");
    refused(await set({ pin: "852963", code: "000000" }), 403, "one_time_code_invalid");
    await advance(1_200);
    const code = await send({ phone }, "reset_pin");
    const later = { token: (await signInFromNewDevice({ phone, password })).access_token };
    ok(await ask("PUT", "/v1/users/me/payment_pin", { password, pin: "852963", code }, later));
    refused(
      await ask("PUT", "/v1/users/me/payment_pin", { password, pin: "852964", code }, later),
      403,
      "one_time_code_invalid",
    );
    assert.equal((await kinds(phone)).filter((kind) => kind === "payment_pin_changed").length, 2);
  });
});

test("what is asked for in a burst is counted once for each code", async () => {
  const { phone } = await aUser();
  const answers = await Promise.all(times(5, () => ask("POST", "/v1/one_time_codes", { phone, purpose: "verify" })));
  assert.deepEqual(codesOf(answers), ["ok", ...times(4, () => "one_time_codes_limited")].sort());
  assert.equal((await messagesTo(phone)).length, 1);
});
