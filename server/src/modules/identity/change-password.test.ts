import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { armFaultPoints, disarmFaultPoints } from "#kit/fault-points.ts";
import { flushSignals } from "#kit/security-signals.ts";
import { aPhone, codeSentTo, codesOf, exhaust, messagesTo, ok, refused, times, useServer } from "#test/people.ts";
import { checkPassword } from "./check-password.ts";
import { openUserSession } from "./open-user-session.ts";
import { attemptKeys } from "./throttle.ts";
import { findUser } from "./user.ts";

const { ask, aUser, aUserWithTotp } = useServer();
const fresh = "k2p-w9xz-next";
const me = (token: string) => ask("GET", "/v1/users/me", undefined, { token });
const askForCode = (phone: string) => ask("POST", "/v1/one_time_codes", { phone, purpose: "reset_password" });

test("a password change ends every other session, at once and with its refresh token, and keeps the one that asks", async () => {
  const user = await aUser();
  const others = [await user.signIn(), await user.signIn()];
  for (const { access_token } of others) ok(await me(access_token));
  const body = { password: user.password, new_password: fresh };
  assert.deepEqual(ok(await user.ask("PUT", "/v1/users/me/password", body)), {
    object: "password_change",
    sessions_ended: 2,
  });
  for (const { access_token, refresh_token } of others) {
    refused(await me(access_token), 401, "credentials_unknown");
    refused(await ask("POST", "/v1/sessions/refresh", { refresh_token }), 401, "refresh_token_invalid");
  }
  ok(await me(user.token));
  const { phone } = user;
  refused(await ask("POST", "/v1/sessions", { phone, password: user.password }), 401, "credentials_invalid");
  ok(await ask("POST", "/v1/sessions", { phone, password: fresh }));
  assert.deepEqual(
    (await messagesTo(phone)).map(({ kind }) => kind),
    ["password_changed"],
  );
});

test("who does not know the old password changes nothing, however often it is tried", async () => {
  const user = await aUser();
  const attempt = () => user.ask("PUT", "/v1/users/me/password", { password: "wrong", new_password: fresh });
  await exhaust(async () => refused(await attempt(), 403, "password_invalid"));
  refused(await attempt(), 429, "sign_in_throttled");
  assert.deepEqual(await messagesTo(user.phone), []);
  await user.signIn();
});

test("a new password keeps the rules, and the field is named", async () => {
  const user = await aUser();
  for (const [new_password, code] of [
    ["short", "password_too_short"],
    ["password123", "password_breached"],
    [user.phone, "password_predictable"],
  ]) {
    const answer = await user.ask("PUT", "/v1/users/me/password", { password: user.password, new_password });
    assert.equal(refused(answer, 400, code as string).param, "/new_password");
  }
});

test("of two changes with one old password at once, one is made", async () => {
  const user = await aUser();
  const change = (new_password: string) =>
    user.ask("PUT", "/v1/users/me/password", { password: user.password, new_password });
  armFaultPoints("identity.password_confirmed=delay:200*2");
  const answers = await Promise.all([change("k2p-w9xz-one"), change("k2p-w9xz-two")]);
  disarmFaultPoints();
  assert.deepEqual(codesOf(answers), ["ok", "password_invalid"]);
});

test("a sign-in that compared the old password opens nothing once another is set, and neither does one that waits for its second factor", async () => {
  const [plain, careful] = [await aUser(), await aUserWithTotp()];
  const change = (user: typeof plain) =>
    user.ask("PUT", "/v1/users/me/password", { password: user.password, new_password: fresh });
  const passwordGeneration = await checkPassword(plain.id, plain.password);
  const user = await findUser(database(), plain.id);
  assert.ok(user && passwordGeneration);
  const attempt = attemptKeys("somebody", "192.0.2.1");
  const arrival = { user, device: undefined, address: "192.0.2.1", attempt, passwordGeneration, isNew: false };
  ok(await change(plain));
  await assert.rejects(openUserSession(arrival), { code: "credentials_invalid" });

  const { details } = refused(await careful.tryToSignIn(), 403, "mfa_required");
  ok(await change(careful));
  const answer = { challenge: details.challenge, totp: careful.totp(1) };
  refused(await ask("POST", "/v1/sessions/challenge", answer), 401, "challenge_invalid");
});

test("a reset by code sets the password, ends every session, signs nobody in and tells the owner", async () => {
  const user = await aUser();
  const { phone } = user;
  ok(await askForCode(phone));
  const code = await codeSentTo(phone);
  const reset = await ask("POST", "/v1/password_resets", { phone, code, password: fresh });
  assert.deepEqual(ok(reset), { object: "password_reset", sessions_ended: 1 });
  refused(await me(user.token), 401, "credentials_unknown");
  refused(await ask("POST", "/v1/sessions", { phone, password: user.password }), 401, "credentials_invalid");
  ok(await ask("POST", "/v1/sessions", { phone, password: fresh }));
  assert.equal((await messagesTo(phone))[0]?.kind, "password_reset");
  refused(
    await ask("POST", "/v1/password_resets", { phone, code, password: "k2p-w9xz-more" }),
    403,
    "one_time_code_invalid",
  );
});

test("a reset opens neither a locked PIN nor one that is forgotten", async () => {
  const user = await aUser();
  const pin = "739164";
  ok(await user.ask("PUT", "/v1/users/me/payment_pin", { pin, password: user.password }));
  const wrong = { pin: "852963", password: user.password, current_pin: "111222" };
  for (const _ of times(5, () => 0)) await user.ask("PUT", "/v1/users/me/payment_pin", wrong);
  ok(await askForCode(user.phone));
  const body = { phone: user.phone, code: await codeSentTo(user.phone), password: fresh };
  ok(await ask("POST", "/v1/password_resets", body));
  const { access_token } = ok(await ask("POST", "/v1/sessions", { phone: user.phone, password: fresh }));
  const state = ok(await ask("GET", "/v1/users/me/payment_pin", undefined, { token: access_token }));
  assert.ok(state.set && state.locked_until);
});

test("of ten resets with one code at once, one is made", async () => {
  const { phone } = await aUser();
  ok(await askForCode(phone));
  const code = await codeSentTo(phone);
  const reset = (n: number) => ask("POST", "/v1/password_resets", { phone, code, password: `k2p-w9xz-${n}` });
  const answers = await Promise.all(times(5, reset));
  assert.deepEqual(codesOf(answers), ["ok", ...times(4, () => "one_time_code_invalid")].sort());
});

test("a reset tells nothing about accounts, and its code is of no use for anything else", async () => {
  const { phone: taken } = await aUser();
  const free = aPhone();
  const answers = new Set<string>();
  for (const phone of [taken, free]) {
    ok(await askForCode(phone));
    const wrong = phone === taken && (await codeSentTo(taken)) === "123456" ? "654321" : "123456";
    const { status, body } = await ask("POST", "/v1/password_resets", { phone, code: wrong, password: fresh });
    const { request_id: _id, ...error } = body.error;
    answers.add(JSON.stringify([status, error]));
  }
  assert.equal(answers.size, 1);
  const code = await codeSentTo(taken);
  refused(await ask("POST", "/v1/users", { phone: taken, password: fresh, code }), 403, "one_time_code_invalid");
});

test("who guessed at the old password until it was held up signs in with the new one at once", async () => {
  const { phone } = await aUser();
  await exhaust(() => ask("POST", "/v1/sessions", { phone, password: "wrong" }));
  ok(await askForCode(phone));
  ok(await ask("POST", "/v1/password_resets", { phone, code: await codeSentTo(phone), password: fresh }));
  ok(await ask("POST", "/v1/sessions", { phone, password: fresh }));
});

test("changes of a password are in the audit log, without the password, and wrong codes are signalled", async () => {
  const user = await aUser();
  const { id, phone, password } = user;
  ok(await user.ask("PUT", "/v1/users/me/password", { password, new_password: fresh }));
  ok(await askForCode(phone));
  const code = await codeSentTo(phone);
  refused(
    await ask("POST", "/v1/password_resets", { phone: aPhone(), code, password: fresh }),
    403,
    "one_time_code_invalid",
  );
  ok(await ask("POST", "/v1/password_resets", { phone, code, password: "k2p-w9xz-more" }));
  const { rows } = await database().query(
    "select action, actor_kind, row_to_json(a)::text as text from audit_log a where object_id = $1 order by position",
    [id],
  );
  const acts = rows.map(({ action, actor_kind }) => `${action} by ${actor_kind}`);
  assert.deepEqual(acts.slice(-2), ["user.password_changed by user", "user.password_reset by anonymous"]);
  for (const { text } of rows) for (const secret of [fresh, password, phone, code]) assert.ok(!text.includes(secret));
  await flushSignals();
  const signals = await database().query("select from security_signals where kind = 'one_time_code_wrong'");
  assert.ok((signals.rowCount ?? 0) > 0);
});
