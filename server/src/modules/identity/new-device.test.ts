import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { config, configure } from "#kit/config.ts";
import { database } from "#kit/db.ts";
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
import { sendOneTimeCode } from "./one-time-code.ts";

const { ask, aUser, aUserWithTotp } = useServer();
const devices = "/v1/users/me/devices";

/** A user whose phone is verified, with a device that is trusted. */
async function aTrustingUser() {
  const user = await aUser();
  await database().query("update users set phone_verified_at = clock_now() where id = $1", [user.id]);
  const device = ok(await user.ask("POST", devices, { name: "Phone" }));
  const trusted = ok(await user.ask("PATCH", `${devices}/${device.id}`, { trusted: true, password: user.password }));
  return { ...user, trusted, proof: { id: device.id as string, trust_token: trusted.trust_token as string } };
}

const finish = (challenge: string, answer: object) => ask("POST", "/v1/sessions/challenge", { challenge, ...answer });
const lettersTo = async (phone: string) => (await messagesTo(phone)).map(({ kind }) => kind);

test("a device is trusted with the password, and its secret is shown once", async () => {
  const user = await aUser();
  const one = `${devices}/${ok(await user.ask("POST", devices, { name: "Phone" })).id}`;
  refused(await user.ask("PATCH", one, { trusted: true }), 400, "parameter_missing");
  refused(await user.ask("PATCH", one, { trusted: true, password: "not the password" }), 403, "password_invalid");
  refused(await user.ask("PATCH", one, {}), 400, "parameter_missing");
  assert.equal(ok(await user.ask("GET", one)).trusted, false);
  const answer = await user.ask("PATCH", one, { trusted: true, name: "My phone", password: user.password });
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const { trust_token, ...shown } = ok(answer);
  assert.match(trust_token, /^tt_[\w-]{43}$/);
  assert.deepEqual([shown.trusted, shown.name], [true, "My phone"]);
  assert.deepEqual(ok(await user.ask("GET", one)), shown);
  assert.deepEqual(await lettersTo(user.phone), ["device_trusted"]);
  assert.equal(ok(await user.ask("PATCH", one, { trusted: false })).trusted, false);
});

test("who trusts a device signs in from it as ever, and from any other only with a code that is sent", async () => {
  const user = await aTrustingUser();
  assert.equal(ok(await user.tryToSignIn({ device: user.proof })).device.id, user.proof.id);
  assert.deepEqual(await lettersTo(user.phone), ["device_trusted"]);

  const { details } = refused(await user.tryToSignIn({ device: { name: "Another" } }), 403, "mfa_required");
  assert.deepEqual([details.reason, details.methods], ["new_device", ["one_time_code"]]);
  assert.match(details.sent_to, /^1\d\d\*{4}\d{4}$/);
  const code = await codeSentTo(user.phone);
  const wrong = code === "000000" ? "000001" : "000000";
  const error = refused(await finish(details.challenge, { one_time_code: wrong }), 401, "second_factor_invalid");
  assert.deepEqual(error.details, { attempts_left: 4 });
  const { device } = ok(await finish(details.challenge, { one_time_code: code }));
  assert.equal(device.name, "Another");
  assert.deepEqual(await lettersTo(user.phone), ["new_device", "one_time_code", "device_trusted"]);
  const { rows } = await database().query(
    "select object->>'device' as device from events where owner_id = $1 and type = 'session.from_new_device'",
    [user.id],
  );
  assert.deepEqual(rows, [{ device: device.id }]);
});

test("a sent code works once, and a second challenge is met by the code that just went out", async () => {
  const user = await aTrustingUser();
  const first = refused(await user.tryToSignIn(), 403, "mfa_required").details;
  const second = refused(await user.tryToSignIn(), 403, "mfa_required").details;
  const one_time_code = await codeSentTo(user.phone);
  const answers = await Promise.all([first, second].map(({ challenge }) => finish(challenge, { one_time_code })));
  assert.deepEqual(codesOf(answers), ["ok", "second_factor_invalid"]);
});

test("neither a device's id alone, nor another's secret, nor that of a revoked or distrusted device is a proof", async () => {
  const [user, other] = [await aTrustingUser(), await aTrustingUser()];
  const { id, trust_token } = user.proof;
  const tryFrom = async (device: object) => {
    await database().query("delete from sign_in_attempts");
    return user.tryToSignIn({ device });
  };
  refused(await tryFrom({ id }), 403, "mfa_required");
  refused(await tryFrom({ id, trust_token: other.proof.trust_token }), 403, "mfa_required");
  refused(await tryFrom({ id, trust_token: `${trust_token}x` }), 403, "mfa_required");
  refused(await tryFrom(other.proof), 404, "not_found");
  refused(await tryFrom({ name: "New", trust_token }), 403, "mfa_required");

  const token = ok(await user.tryToSignIn({ device: user.proof })).access_token;
  const asUser = (method: string, path: string, body?: object) => ask(method, path, body, { token });
  const again = ok(await asUser("PATCH", `${devices}/${id}`, { trusted: true, password: user.password }));
  refused(await tryFrom(user.proof), 403, "mfa_required");
  const proof = { id, trust_token: again.trust_token };
  ok(await tryFrom(proof));

  const spare = ok(await asUser("POST", devices, { name: "Spare" }));
  ok(await asUser("PATCH", `${devices}/${spare.id}`, { trusted: true, password: user.password }));
  ok(await asUser("PATCH", `${devices}/${id}`, { trusted: false }));
  refused(await tryFrom(proof), 403, "mfa_required");
  const last = ok(await asUser("PATCH", `${devices}/${id}`, { trusted: true, password: user.password }));
  ok(await asUser("DELETE", `${devices}/${id}`));
  refused(await tryFrom({ id, trust_token: last.trust_token }), 404, "not_found");
});

test("who has a second factor is asked for that, from a trusted device too, and no sent code stands in for it", async () => {
  const user = await aUserWithTotp();
  await database().query("update users set phone_verified_at = clock_now() where id = $1", [user.id]);
  const { id } = ok(await user.ask("POST", devices, { name: "Phone" }));
  const trust = { trusted: true, password: user.password };
  const { trust_token } = ok(await user.ask("PATCH", `${devices}/${id}`, trust));
  refused(await user.tryToSignIn({ device: { id, trust_token } }), 403, "mfa_required");
  const { details } = refused(await user.tryToSignIn(), 403, "mfa_required");
  assert.deepEqual([details.reason, details.methods], ["second_factor", ["totp", "recovery_code"]]);
  await sendOneTimeCode({ phone: user.phone, purpose: "sign_in", language: "en" }, "127.0.0.1");
  const one_time_code = await codeSentTo(user.phone);
  refused(await finish(details.challenge, { one_time_code }), 401, "second_factor_invalid");
  ok(await finish(details.challenge, { totp: user.totp() }));
  assert.equal((await lettersTo(user.phone))[0], "new_device");
  ok(await user.tryToSignIn({ totp: user.totp(1), device: { id, trust_token } }));
  assert.equal((await lettersTo(user.phone)).filter((kind) => kind === "new_device").length, 1);
});

test("a challenge is void once the password has changed", async () => {
  const user = await aUserWithTotp();
  const { details } = refused(await user.tryToSignIn(), 403, "mfa_required");
  const change = { password: user.password, new_password: "another long password" };
  ok(await user.ask("PUT", "/v1/users/me/password", change));
  refused(await finish(details.challenge, { totp: user.totp() }), 401, "challenge_invalid");
});

test("in test mode who trusts no device signs in by phone and password, however often, and hears of nothing", async () => {
  const user = await aUser();
  await database().query("update users set phone_verified_at = clock_now() where id = $1", [user.id]);
  for (const _ of times(3, () => 0)) ok(await user.tryToSignIn({ device: { name: "Phone" } }));
  assert.deepEqual(await lettersTo(user.phone), []);
});

test("in live mode every sign-in without the proof of a trusted device is challenged, the first one too", async () => {
  const [phone, password] = [aPhone(), randomUUID()];
  await asLive(async () => {
    ok(await ask("POST", "/v1/one_time_codes", { phone, purpose: "register" }));
    ok(await ask("POST", "/v1/users", { phone, password, code: await codeSentTo(phone) }));
    const signIn = (device?: object) => ask("POST", "/v1/sessions", { phone, password, device });
    const { details } = refused(await signIn({ name: "Phone" }), 403, "mfa_required");
    const answer = ok(await finish(details.challenge, { one_time_code: await codeSentTo(phone) }));
    const { access_token: token, device } = answer;
    const trust = { trusted: true, password };
    const { trust_token } = ok(await ask("PATCH", `${devices}/${device.id}`, trust, { token }));
    ok(await signIn({ id: device.id, trust_token }));
    await advance(60);
    refused(await signIn(), 403, "mfa_required");
  });
});

test("an operator may switch these challenges off", async () => {
  const user = await aTrustingUser();
  const { databaseUrl, masterKeyFile } = config();
  const env = { DATABASE_URL: databaseUrl, MASTER_KEY_FILE: masterKeyFile, MODE: "test", TEST_CLOCK: "1" };
  configure({ ...env, LOG_LEVEL: "fatal", NEW_DEVICE_CHALLENGE: "never" });
  after(() => configure({ ...env, LOG_LEVEL: "fatal" }));
  ok(await user.tryToSignIn());
});
