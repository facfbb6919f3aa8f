import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { anAuthenticator, presentAlone, type Twist } from "#test/authenticator.ts";
import { advance, ok, refused, times, useServer } from "#test/people.ts";

const { ask, origin, aUser } = useServer();
const path = "/v1/users/me/passkeys";

type User = Awaited<ReturnType<typeof aUser>>;
type Authenticator = ReturnType<typeof anAuthenticator>;

const optionsFor = async (user: User) =>
  ok(await user.ask("POST", `${path}/options`, { password: user.password })).public_key;
const register = (user: User, credential: object, name = "Phone") => user.ask("POST", path, { name, credential });

/** A user with a passkey that an authenticator in software holds. */
async function aUserWithPasskey(options = {}) {
  const user = await aUser();
  const authenticator = anAuthenticator(origin(), options);
  const { recovery_codes, ...passkey } = ok(await register(user, authenticator.create(await optionsFor(user))));
  return { ...user, authenticator, passkey, recoveryCodes: recovery_codes as string[] };
}

const signInOptions = async () => ok(await ask("POST", "/v1/sessions/passkey/options", {})).public_key;
const signInWith = (credential: object) => ask("POST", "/v1/sessions/passkey", { credential });
const signIn = async ({ authenticator }: { authenticator: Authenticator }, twist: Twist = {}) =>
  signInWith(authenticator.get(await signInOptions(), twist));

test("what a browser is asked for is what the rules of WebAuthn for payments ask", async () => {
  const user = await aUser({ email: "passkey@example.com", name: "Ann" });
  refused(await user.ask("POST", `${path}/options`, { password: "not the password" }), 403, "password_invalid");
  const options = await optionsFor(user);
  assert.deepEqual(options.rp, { id: "localhost", name: "Feiqian" });
  assert.deepEqual(
    options.pubKeyCredParams.map(({ alg }: { alg: number }) => alg),
    [-8, -7, -257],
  );
  const { residentKey, userVerification } = options.authenticatorSelection;
  assert.deepEqual(
    [residentKey, userVerification, options.attestation, options.timeout],
    ["required", "required", "none", 300_000],
  );
  assert.ok(Buffer.from(options.challenge, "base64url").length >= 32);
  const handle = Buffer.from(options.user.id, "base64url");
  assert.equal(handle.length, 32);
  assert.ok(!handle.includes(user.id) && !handle.includes("passkey@"));
  assert.notEqual((await optionsFor(user)).challenge, options.challenge);
  const asked = await signInOptions();
  assert.deepEqual([asked.userVerification, asked.rpId, asked.allowCredentials ?? []], ["required", "localhost", []]);
});

for (const algorithm of [-7, -8]) {
  test(`a passkey (COSE ${algorithm}) signs in without a password, and is a second factor`, async () => {
    const user = await aUserWithPasskey({ algorithm });
    assert.equal(user.recoveryCodes.length, 10);
    const { user: shown, device } = ok(await signIn(user));
    assert.deepEqual([shown.id, device], [user.id, null]);
    const { details } = refused(await user.tryToSignIn(), 403, "mfa_required");
    assert.deepEqual(details.methods, ["passkey", "recovery_code"]);
    assert.deepEqual(details.passkey.allowCredentials, [
      { id: user.authenticator.id, type: "public-key", transports: ["internal"] },
    ]);
    const body = { challenge: details.challenge, passkey: user.authenticator.get(details.passkey) };
    assert.equal(ok(await ask("POST", "/v1/sessions/challenge", body)).user.id, user.id);
    const [listed] = ok(await user.ask("GET", path)).data;
    assert.ok(listed.used_at);
  });
}

test("a passkey whose authenticator counts nothing signs in again and again", async () => {
  const user = await aUserWithPasskey({ counts: false });
  for (const _ of times(3, () => 0)) ok(await signIn(user));
});

const twists: Record<string, Twist> = {
  "another page": { origin: "https://evil.example.com" },
  "a page of the same domain and another port": { origin: "http://localhost:1" },
  "a page inside another site's": { crossOrigin: true },
  "another domain": { domain: "evil.example.com" },
  "the other ceremony": { type: "webauthn.create" },
  "nobody verified": { flags: presentAlone },
  "nobody present": { flags: 0 },
  "a challenge of the attacker's own": { challenge: Buffer.alloc(54, 7).toString("base64url") },
  "another user handle": { userHandle: Buffer.alloc(32, 7).toString("base64url") },
};

test("a passkey's answer for another page, domain, ceremony, challenge or user, or without the user's verification, is refused", async () => {
  const user = await aUserWithPasskey();
  for (const [what, twist] of Object.entries(twists))
    assert.equal((await signIn(user, twist)).body.error?.code, "credentials_invalid", what);
  ok(await signIn(user));
});

test("a passkey made for another page, domain, ceremony or without the user's verification is not registered", async () => {
  const user = await aUser();
  const made = [twists["another page"], twists["another domain"], { type: "webauthn.get" }, { crossOrigin: true }];
  for (const twist of [...made, { flags: presentAlone | 0x40 }, { challenge: "AAAA" }]) {
    const credential = anAuthenticator(origin()).create(await optionsFor(user), twist);
    assert.equal(refused(await register(user, credential), 400, "passkey_invalid").param, "/credential");
  }
  const { response, ...rest } = anAuthenticator(origin()).create(await optionsFor(user));
  for (const attestationObject of ["AAAA", "o2NmbXRmcGFja2Vk", response.attestationObject.slice(0, 90)])
    refused(await register(user, { ...rest, response: { ...response, attestationObject } }), 400, "passkey_invalid");
  assert.deepEqual(ok(await user.ask("GET", path)).data, []);
});

test("a signature by another key, or over another answer, is refused", async () => {
  const [ann, bo] = [await aUserWithPasskey(), await aUserWithPasskey()];
  const options = await signInOptions();
  const [mine, theirs] = [ann.authenticator.get(options), bo.authenticator.get(options)];
  const forged = { ...mine, response: { ...mine.response, signature: theirs.response.signature } };
  refused(await signInWith(forged), 401, "credentials_invalid");
  refused(await signInWith({ ...theirs, id: mine.id, rawId: mine.id }), 401, "credentials_invalid");
  refused(await signInWith(anAuthenticator(origin()).get(options)), 401, "credentials_invalid");
  ok(await signInWith(mine));
});

test("an answer signs in once, also when it is brought many times at once, and its replay is no copied key", async () => {
  const user = await aUserWithPasskey();
  const credential = user.authenticator.get(await signInOptions());
  const answers = await Promise.all(times(5, () => signInWith(credential)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  refused(await signInWith(credential), 401, "credentials_invalid");
  assert.deepEqual(await copiesOf(user), []);
});

test("a challenge serves its own purpose, for five minutes", async () => {
  const user = await aUserWithPasskey();
  const { details } = refused(await user.tryToSignIn(), 403, "mfa_required");
  const { details: other } = refused(await user.tryToSignIn(), 403, "mfa_required");
  refused(await signInWith(user.authenticator.get(details.passkey)), 401, "credentials_invalid");
  const answer = (challenge: string, options: { challenge: string }) =>
    ask("POST", "/v1/sessions/challenge", {
      challenge,
      passkey: user.authenticator.get({ rpId: "localhost", ...options }),
    });
  refused(await answer(details.challenge, await signInOptions()), 401, "second_factor_invalid");
  refused(await answer(details.challenge, other.passkey), 401, "second_factor_invalid");
  refused(await answer(details.challenge, await optionsFor(user)), 401, "second_factor_invalid");
  const options = await signInOptions();
  await advance(301);
  refused(await signInWith(user.authenticator.get(options)), 401, "credentials_invalid");
});

test("options for one user register no passkey of another, and register one", async () => {
  const [ann, bo] = [await aUser(), await aUser()];
  const options = await optionsFor(ann);
  refused(await register(bo, anAuthenticator(origin()).create(options)), 400, "passkey_invalid");
  const authenticator = anAuthenticator(origin());
  const [first, second] = [authenticator.create(options), anAuthenticator(origin()).create(options)];
  ok(await register(ann, first));
  refused(await register(ann, second), 400, "passkey_invalid");
  const stolen = authenticator.create(await optionsFor(bo));
  refused(await register(bo, stolen), 400, "passkey_invalid");
});

/** What the owner was told of a copied key. */
async function copiesOf({ id }: { id: string }) {
  const { rows } = await database().query(
    "select object from events where owner_id = $1 and type = 'passkey.copied' order by position",
    [id],
  );
  return rows.map(({ object }) => [object.last_counter, object.counter]);
}

test("a counter that falls tells of a copied key: it does not sign in, and the owner hears of it", async () => {
  const user = await aUserWithPasskey();
  ok(await signIn(user, { counter: 10 }));
  refused(await signIn(user, { counter: 10 }), 401, "credentials_invalid");
  refused(await signIn(user, { counter: 0 }), 401, "credentials_invalid");
  assert.deepEqual(await copiesOf(user), [
    [10, 10],
    [10, 0],
  ]);
  ok(await signIn(user, { counter: 11 }));
});

test("a passkey is named, listed and deleted by its owner alone, with the password; the last one takes the recovery codes along", async () => {
  const [user, other] = [await aUserWithPasskey(), await aUser()];
  const { password, passkey } = user;
  const one = `${path}/${passkey.id}`;
  assert.deepEqual(ok(await user.ask("PATCH", one, { name: "不可见的钥匙" })), { ...passkey, name: "不可见的钥匙" });
  assert.equal(ok(await user.ask("GET", path)).data[0].name, "不可见的钥匙");
  refused(await other.ask("GET", one), 404, "not_found");
  refused(await other.ask("PATCH", one, { name: "Mine" }), 404, "not_found");
  refused(await other.ask("DELETE", one, { password: other.password }), 404, "not_found");
  refused(await user.ask("DELETE", one, { password: "not the password" }), 403, "password_invalid");
  ok(await user.ask("DELETE", one, { password }));
  refused(await signIn(user), 401, "credentials_invalid");
  refused(await user.ask("GET", one), 404, "not_found");
  assert.equal(ok(await user.ask("GET", "/v1/users/me/totp")).recovery_codes_left, 0);
  ok(await user.tryToSignIn());
  ok(await register(user, user.authenticator.create(await optionsFor(user))));
});

test("ten passkeys are the most, also when they come at once; only the first gives recovery codes", async () => {
  const user = await aUser();
  const credentials: object[] = [];
  for (const _ of times(12, () => 0)) credentials.push(anAuthenticator(origin()).create(await optionsFor(user)));
  const answers = await Promise.all(credentials.map((credential) => register(user, credential)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 10);
  assert.equal(answers.filter(({ body }) => body.recovery_codes?.length === 10).length, 1);
  const last = await register(user, anAuthenticator(origin()).create(await optionsFor(user)));
  assert.deepEqual(refused(last, 409, "passkey_limit_reached").details, { most: 10 });
  assert.equal((await optionsFor(user)).excludeCredentials.length, 10);
});

test("other sessions end with a new or a deleted passkey where its owner says so, and go on otherwise", async () => {
  const user = await aUser();
  const { password } = user;
  const make = async (more: object = {}) => {
    const authenticator = anAuthenticator(origin());
    const credential = authenticator.create(await optionsFor(user));
    return { authenticator, passkey: ok(await user.ask("POST", path, { name: "Phone", credential, ...more })) };
  };
  const lives = async (token: string) => (await ask("GET", "/v1/users/me", undefined, { token })).status === 200;
  const { access_token: before } = await user.signIn();
  const first = await make();
  assert.equal(await lives(before), true);
  await make({ end_other_sessions: true });
  assert.deepEqual(await Promise.all([before, user.token].map(lives)), [false, true]);

  const { access_token: after } = ok(await signIn(first));
  const one = `${path}/${first.passkey.id}`;
  refused(
    await user.ask("DELETE", one, { password: "not the password", end_other_sessions: true }),
    403,
    "password_invalid",
  );
  assert.equal(await lives(after), true);
  ok(await user.ask("DELETE", one, { password, end_other_sessions: true }));
  assert.deepEqual(await Promise.all([after, user.token].map(lives)), [false, true]);
});
