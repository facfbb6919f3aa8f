import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "otpauth";
import { database } from "#kit/db.ts";
import type { ApiError } from "#kit/errors.ts";
import { appCode } from "#test/authenticator.ts";
import { advance, codesOf, nextTotpStep, ok, refused, times, useServer } from "#test/people.ts";
import { signIn } from "./sign-in.ts";

const { ask, aUser, aUserWithTotp } = useServer();
const path = "/v1/users/me/totp";

test("an authenticator app is set up with the password, counts after its first code, and gives ten recovery codes", async () => {
  const user = await aUser({ email: "totp@example.com" });
  const { password } = user;
  assert.equal(ok(await user.ask("GET", path)).status, "none");
  refused(await user.ask("POST", path, { password: "not the password" }), 403, "password_invalid");
  const answer = await user.ask("POST", path, { password });
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const { status, secret, otpauth_url } = ok(answer);
  assert.deepEqual([status, Secret.fromBase32(secret).bytes.length], ["pending", 20]);
  const url = new URL(otpauth_url);
  assert.deepEqual(
    [url.host, decodeURIComponent(url.pathname), url.searchParams.get("secret")],
    ["totp", "/Feiqian:totp@example.com", secret],
  );
  ok(await user.tryToSignIn());

  const code = appCode(secret);
  const wrong = code === "000000" ? "000001" : "000000";
  refused(await user.ask("POST", `${path}/confirm`, { code: wrong }), 403, "totp_invalid");
  const { status: after, recovery_codes } = ok(await user.ask("POST", `${path}/confirm`, { code }));
  assert.deepEqual([after, new Set(recovery_codes).size], ["active", 10]);
  assert.match(recovery_codes[0], /^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
  refused(await user.tryToSignIn(), 403, "mfa_required");
  refused(await user.tryToSignIn({ totp: code }), 401, "credentials_invalid");
  const shown = ok(await user.ask("GET", path));
  assert.deepEqual([shown.status, shown.recovery_codes_left, "secret" in shown], ["active", 10, false]);
});

test("the secret of a pending app is replaced by asking again; that of an active one is not", async () => {
  const user = await aUser();
  const { password } = user;
  const { secret: old } = ok(await user.ask("POST", path, { password }));
  const { secret } = ok(await user.ask("POST", path, { password }));
  refused(await user.ask("POST", `${path}/confirm`, { code: appCode(old) }), 403, "totp_invalid");
  ok(await user.ask("POST", `${path}/confirm`, { code: appCode(secret) }));
  refused(await user.ask("POST", `${path}/confirm`, { code: appCode(secret) }), 409, "state_conflict");
  refused(await user.ask("POST", path, { password }), 409, "state_conflict");
});

test("a lost answer to the confirmation is given again to the same key, codes and all", async () => {
  const user = await aUser();
  const { secret } = ok(await user.ask("POST", path, { password: user.password }));
  const code = appCode(secret);
  const confirm = () => user.ask("POST", `${path}/confirm`, { code }, { "idempotency-key": "confirm-1" });
  assert.deepEqual(ok(await confirm()), ok(await confirm()));
});

test("a code beside the password signs in once, also when two requests bring it", async () => {
  await nextTotpStep();
  const user = await aUserWithTotp();
  const totp = user.totp();
  const answers = await Promise.all(times(4, () => user.tryToSignIn({ totp })));
  assert.deepEqual(codesOf(answers), ["credentials_invalid", "credentials_invalid", "credentials_invalid", "ok"]);
  refused(await user.tryToSignIn({ totp: user.totp(-1) }), 401, "credentials_invalid");
  refused(await user.tryToSignIn({ totp: user.totp(2) }), 401, "credentials_invalid");
  assert.equal(ok(await user.tryToSignIn({ totp: user.totp(1) })).user.id, user.id);
});

test("a wrong password tells nothing of a second factor, whatever code comes along, and uses none up", async () => {
  const [user, plain] = [await aUserWithTotp(), await aUser()];
  const totp = user.totp();
  const error = async (phone: string, more: object) => {
    const answer = await ask("POST", "/v1/sessions", { phone, password: "not the password", ...more });
    const { request_id: _id, ...rest } = refused(answer, 401, "credentials_invalid");
    return rest;
  };
  const without = await error(plain.phone, {});
  assert.deepEqual(await error(user.phone, {}), without);
  assert.deepEqual(await error(user.phone, { totp }), without);
  ok(await user.tryToSignIn({ totp }));
});

test("who has no second factor signs in as ever, also when a code comes along", async () => {
  const user = await aUser();
  ok(await user.tryToSignIn());
  ok(await user.tryToSignIn({ totp: "123456" }));
});

test("codes are guessed slowly by who knows the password, from wherever; a stranger holds nobody up", async () => {
  const { phone, password, totp, id } = await aUserWithTotp();
  let n = 0;
  const attempt = (password: string, totp: string) =>
    signIn({ phone, password, totp }, { address: `203.0.113.${++n}`, party: { id: "localhost", origins: [] } }).then(
      ({ user }) => user.id,
      (error: ApiError) => error.code,
    );
  for (const _ of times(15, () => 0)) assert.equal(await attempt("not the password", totp()), "credentials_invalid");
  for (const _ of times(10, () => 0)) assert.equal(await attempt(password, totp(100)), "credentials_invalid");
  assert.equal(await attempt(password, totp(100)), "sign_in_throttled");
  assert.equal(await attempt(password, totp()), "sign_in_throttled");
  await advance(1);
  assert.equal(await attempt(password, totp()), id);
  assert.equal(await attempt(password, totp(100)), "credentials_invalid");
});

test("an app is switched off with password and code, and then the password alone signs in", async () => {
  const user = await aUserWithTotp();
  const { password } = user;
  const remove = (body: object) => user.ask("DELETE", path, body);
  refused(await remove({ password }), 400, "parameter_missing");
  refused(await remove({ password: "not the password", code: user.totp() }), 403, "password_invalid");
  refused(await remove({ password, code: user.totp(100) }), 403, "totp_invalid");
  refused(await remove({ password, recovery_code: "0000-0000-0000-0000" }), 403, "recovery_code_invalid");
  const { status, recovery_codes_left } = ok(await remove({ password, code: user.totp() }));
  assert.deepEqual([status, recovery_codes_left], ["none", 0]);
  ok(await user.tryToSignIn());
  refused(await remove({ password, code: user.totp(1) }), 404, "not_found");
});

test("who lost the phone switches the app off by a recovery code", async () => {
  const user = await aUserWithTotp();
  const { password, recoveryCodes } = user;
  ok(await user.ask("DELETE", path, { password, recovery_code: recoveryCodes[0]?.toUpperCase().replaceAll("-", " ") }));
  ok(await user.tryToSignIn());
});

test("new recovery codes make the old ones void, and are for those who have a second factor", async () => {
  const [user, plain] = [await aUserWithTotp(), await aUser()];
  const renew = (who: typeof plain) => who.ask("POST", "/v1/users/me/recovery_codes", { password: who.password });
  refused(await renew(plain), 409, "state_conflict");
  const { recovery_codes, left } = ok(await renew(user));
  assert.equal(left, 10);
  const remove = (recovery_code: unknown) => user.ask("DELETE", path, { password: user.password, recovery_code });
  refused(await remove(user.recoveryCodes[3]), 403, "recovery_code_invalid");
  ok(await remove(recovery_codes[3]));
});

test("setting up and switching off are written down and told, without secrets", async () => {
  const user = await aUserWithTotp();
  ok(await user.ask("DELETE", path, { password: user.password, code: user.totp() }));
  const { rows: acts } = await database().query(
    "select action, before::text || after::text as text from audit_log where owner_id = $1 order by id",
    [user.id],
  );
  const { rows: events } = await database().query(
    "select type, object::text as text from events where owner_id = $1 and type like 'totp.%' order by position",
    [user.id],
  );
  assert.deepEqual(
    acts.map(({ action }) => action).filter((action: string) => action.startsWith("totp.")),
    ["totp.activated", "totp.removed"],
  );
  assert.deepEqual(
    events.map(({ type }) => type),
    ["totp.activated", "totp.removed"],
  );
  for (const { text } of [...acts, ...events])
    for (const secret of [user.secret, ...user.recoveryCodes]) assert.ok(!text?.includes(secret));
});

test("other sessions end with the change of the app where its owner says so, and go on otherwise", async () => {
  const user = await aUser();
  const { password } = user;
  const { secret } = ok(await user.ask("POST", path, { password }));
  const [stays, goes] = [await aUser(), await user.signIn()];
  const lives = async (token: string) => (await ask("GET", "/v1/users/me", undefined, { token })).status === 200;
  const confirm = (code: string, more: object = {}) => user.ask("POST", `${path}/confirm`, { code, ...more });
  refused(await confirm(appCode(secret, 100), { end_other_sessions: true }), 403, "totp_invalid");
  assert.equal(await lives(goes.access_token), true, "what is refused ends nothing");
  ok(await confirm(appCode(secret, -1)));
  assert.equal(await lives(goes.access_token), true);
  ok(await user.ask("DELETE", path, { password, code: appCode(secret), end_other_sessions: true }));
  assert.deepEqual(await Promise.all([goes.access_token, user.token, stays.token].map(lives)), [false, true, true]);
  refused(
    await ask("POST", "/v1/sessions/refresh", { refresh_token: goes.refresh_token }),
    401,
    "refresh_token_invalid",
  );

  const again = await user.signIn();
  const { secret: second } = ok(await user.ask("POST", path, { password }));
  ok(await confirm(appCode(second), { end_other_sessions: true }));
  assert.deepEqual(await Promise.all([again.access_token, user.token].map(lives)), [false, true]);
  const { rows } = await database().query(
    "select after from audit_log where owner_id = $1 and action = 'user.other_sessions_ended'",
    [user.id],
  );
  assert.deepEqual(rows, [{ after: { sessions_ended: 1 } }, { after: { sessions_ended: 1 } }]);
});
