import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { advance, codesOf, nextTotpStep, ok, refused, times, useServer } from "#test/people.ts";
import { forgetOldChallenges } from "./sign-in-challenge.ts";

const { ask, aUser, aUserWithTotp } = useServer();

type User = Awaited<ReturnType<typeof aUserWithTotp>>;

/** Signs in with the password alone, and gives the challenge. */
async function challenged(user: User, more: object = {}) {
  const { details } = refused(await user.tryToSignIn(more), 403, "mfa_required");
  return details as { challenge: string; methods: string[] };
}
const finish = (challenge: string, answer: object) => ask("POST", "/v1/sessions/challenge", { challenge, ...answer });

test("a sign-in with the password alone is challenged, and a code finishes it with the answer of a sign-in", async () => {
  const user = await aUserWithTotp();
  const { challenge, methods } = await challenged(user, { device: { name: "不可见的手机", platform: "ios" } });
  assert.deepEqual(methods, ["totp", "recovery_code"]);
  const answer = await finish(challenge, { totp: user.totp() });
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const { access_token, device, ...rest } = ok(answer);
  assert.deepEqual(Object.keys(rest).sort(), ["expires_in", "refresh_token", "session", "token_type", "user"]);
  assert.deepEqual([rest.user.id, device.name, device.platform], [user.id, "不可见的手机", "ios"]);
  assert.equal(ok(await ask("GET", "/v1/users/me", undefined, { token: access_token })).id, user.id);
});

test("a challenge is answered once: neither it nor its code works again", async () => {
  const user = await aUserWithTotp();
  const { challenge } = await challenged(user);
  const totp = user.totp();
  ok(await finish(challenge, { totp }));
  refused(await finish(challenge, { totp: user.totp(1) }), 401, "challenge_invalid");
  const { challenge: next } = await challenged(user);
  const error = refused(await finish(next, { totp }), 401, "second_factor_invalid");
  assert.deepEqual(error.details, { attempts_left: 4 });
  ok(await finish(next, { totp: user.totp(1) }));
});

test("two right answers at once sign in once", async () => {
  const user = await aUserWithTotp();
  const { challenge } = await challenged(user);
  const answers = await Promise.all([
    finish(challenge, { totp: user.totp() }),
    finish(challenge, { recovery_code: user.recoveryCodes[0] }),
    finish(challenge, { recovery_code: user.recoveryCodes[1] }),
  ]);
  assert.deepEqual(codesOf(answers), ["challenge_invalid", "challenge_invalid", "ok"]);
});

test("one code brought to two challenges at once signs in once", async () => {
  const user = await aUserWithTotp();
  const challenges = [await challenged(user), await challenged(user)];
  const totp = user.totp();
  const answers = await Promise.all(challenges.map(({ challenge }) => finish(challenge, { totp })));
  assert.deepEqual(codesOf(answers), ["ok", "second_factor_invalid"]);
});

test("five guesses are the end of a challenge, also fifty at once; right ones included", async () => {
  const user = await aUserWithTotp();
  const { challenge } = await challenged(user);
  const wrong = { totp: user.totp(100) };
  const answers = await Promise.all(times(50, () => finish(challenge, wrong)));
  const left = answers.flatMap(({ body }) => body.error?.details?.attempts_left ?? []);
  assert.deepEqual(new Set(left), new Set([0, 1, 2, 3, 4]));
  assert.equal(left.length, 5);
  refused(await finish(challenge, { totp: user.totp() }), 401, "challenge_invalid");
  ok(await finish((await challenged(user)).challenge, { totp: user.totp() }));
});

test("a challenge is over after five minutes, and the hourly job forgets it", async () => {
  const user = await aUserWithTotp();
  const { challenge } = await challenged(user);
  const kept = async () => {
    const { rows } = await database().query("select count(*)::int as n from sign_in_challenges where user_id = $1", [
      user.id,
    ]);
    return rows[0].n;
  };
  await advance(299);
  await forgetOldChallenges();
  assert.equal(await kept(), 1);
  await advance(2);
  refused(await finish(challenge, { totp: user.totp() }), 401, "challenge_invalid");
  await forgetOldChallenges();
  assert.equal(await kept(), 0);
});

test("a challenge is its user's: another's code does not answer it, and no change of it is one", async () => {
  await nextTotpStep();
  const [ann, bo] = [await aUserWithTotp(), await aUserWithTotp()];
  const { challenge } = await challenged(ann);
  refused(await finish(challenge, { totp: bo.totp() }), 401, "second_factor_invalid");
  refused(await finish(challenge, { recovery_code: bo.recoveryCodes[0] }), 401, "second_factor_invalid");
  const moved = challenge.replace(ann.id, bo.id);
  for (const other of [moved, `${challenge}x`, challenge.slice(0, -1), "sc_", "’or 1=1"])
    refused(await finish(other, { totp: bo.totp() }), 401, "challenge_invalid");
  ok(await finish(challenge, { totp: ann.totp() }));
});

test("an answer names one factor", async () => {
  const user = await aUserWithTotp();
  const { challenge } = await challenged(user);
  refused(await finish(challenge, {}), 400, "parameter_missing");
  const both = await finish(challenge, { totp: user.totp(), recovery_code: user.recoveryCodes[0] });
  assert.equal(refused(both, 400, "parameter_invalid").param, "/recovery_code");
  ok(await finish(challenge, { totp: user.totp() }));
});

test("a recovery code signs in once, however it is typed, and its owner hears of it", async () => {
  const user = await aUserWithTotp();
  const [code = ""] = user.recoveryCodes;
  ok(
    await finish((await challenged(user)).challenge, { recovery_code: ` ${code.toUpperCase().replaceAll("-", "")} ` }),
  );
  const again = await finish((await challenged(user)).challenge, { recovery_code: code });
  refused(again, 401, "second_factor_invalid");
  assert.equal(ok(await user.ask("GET", "/v1/users/me/totp")).recovery_codes_left, 9);
  const { rows } = await database().query(
    "select object from events where owner_id = $1 and type = 'recovery_code.used'",
    [user.id],
  );
  assert.deepEqual(
    rows.map(({ object }) => object.left),
    [9],
  );
});

test("a recovery code brought to many challenges at once signs in once", async () => {
  const user = await aUserWithTotp();
  const challenges: string[] = [];
  for (const _ of times(4, () => 0)) challenges.push((await challenged(user)).challenge);
  const [recovery_code] = user.recoveryCodes;
  const answers = await Promise.all(challenges.map((challenge) => finish(challenge, { recovery_code })));
  assert.deepEqual(codesOf(answers), ["ok", "second_factor_invalid", "second_factor_invalid", "second_factor_invalid"]);
});

test("a device that is not one's own is refused before a second factor is asked", async () => {
  const [user, other] = [await aUserWithTotp(), await aUser()];
  const { device } = await other.signIn({ name: "Phone" });
  refused(await user.tryToSignIn({ device: { id: device.id } }), 404, "not_found");
  refused(await user.tryToSignIn({ device: {} }), 400, "parameter_missing");
});

test("opening challenges over and over is throttled as guessing is", async () => {
  const user = await aUserWithTotp();
  for (const _ of times(5, () => 0)) await challenged(user);
  refused(await user.tryToSignIn(), 429, "sign_in_throttled");
  await advance(1);
  const { challenge } = await challenged(user);
  ok(await finish(challenge, { totp: user.totp() }));
  await challenged(user);
});
