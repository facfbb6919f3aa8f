import assert from "node:assert/strict";
import { argon2Sync, randomBytes } from "node:crypto";
import { test } from "node:test";
import { seal, unseal } from "#kit/crypto.ts";
import { database } from "#kit/db.ts";
import type { ApiError } from "#kit/errors.ts";
import { advance, aPhone, codesOf, exhaust, ok, refused, statementsOf, times, useServer } from "#test/people.ts";
import { hashesMade } from "./argon2.ts";
import { signIn } from "./sign-in.ts";
import { attemptKeys, forgetOldAttempts } from "./throttle.ts";
import { handleOf } from "./user.ts";

const { ask, aUser } = useServer();
const wrong = "not the password";

test("signing in gives a bearer token for ten minutes and the user", async () => {
  const { phone, password, user } = await aUser();
  const answer = await ask("POST", "/v1/sessions", { phone, password });
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const { access_token, refresh_token, session, ...rest } = ok(answer);
  assert.deepEqual(rest, { token_type: "Bearer", expires_in: 600, user, device: null });
  assert.match(refresh_token, /^rt_/);
  assert.match(session, /^ses_[0-9a-z]{26}$/);
  assert.equal(ok(await ask("GET", "/v1/users/me", undefined, { token: access_token })).id, user.id);
});

test("an email signs in however its case is typed", async () => {
  const { password, id } = await aUser({ email: "Mixed.Case@example.net" });
  assert.equal(ok(await ask("POST", "/v1/sessions", { email: "mixed.case@EXAMPLE.net", password })).user.id, id);
});

test("a sign-in names either a phone or an email", async () => {
  const { phone, password } = await aUser();
  refused(await ask("POST", "/v1/sessions", { password }), 400, "parameter_missing");
  refused(await ask("POST", "/v1/sessions", { phone, email: "a@example.com", password }), 400, "parameter_invalid");
});

test("an unknown account and a wrong password get the same answer", async () => {
  const { phone } = await aUser();
  const known = await ask("POST", "/v1/sessions", { phone, password: wrong });
  const unknown = await ask("POST", "/v1/sessions", { phone: aPhone(), password: wrong });
  refused(known, 401, "credentials_invalid");
  const shape = ({ status, headers, body }: typeof known) => {
    const { request_id: _id, ...error } = body.error;
    return { status, error, headers: [...headers.keys()].sort() };
  };
  assert.deepEqual(shape(unknown), shape(known));
});

test("an unknown account costs the same work as a wrong password: one hash, as dear, and the same statements", async () => {
  const { phone } = await aUser();
  const workOf = async (phone: string) => {
    const hashes = hashesMade();
    const statements = await statementsOf(async () =>
      refused(await ask("POST", "/v1/sessions", { phone, password: wrong }), 401, "credentials_invalid"),
    );
    return { hashes: hashesMade() - hashes, statements };
  };
  const known = await workOf(phone);
  assert.equal(known.hashes, 1);
  assert.ok(known.statements.includes("identity.select_password"), "statements are seen");
  assert.deepEqual(await workOf(aPhone()), known);
});

const signInFrom = (address: string, phone: string, password: string) =>
  signIn({ phone, password }, { address, party: { id: "localhost", origins: [] } }).then(
    ({ user }) => user.id,
    (error: ApiError) => error.code,
  );

test("after five wrong passwords each attempt has to wait longer, a right one too", async () => {
  const { phone, password } = await aUser();
  const attempt = (password: string) => ask("POST", "/v1/sessions", { phone, password });
  await exhaust(async () => refused(await attempt(wrong), 401, "credentials_invalid"));
  for (const pause of [8, 16, 32]) {
    const answer = await attempt(password);
    refused(answer, 429, "sign_in_throttled");
    const retryAfter = Number(answer.headers.get("retry-after"));
    assert.ok(retryAfter > pause / 2 && retryAfter <= pause, `${retryAfter} of ${pause} s`);
    await advance(retryAfter);
    refused(await attempt(wrong), 401, "credentials_invalid");
  }
  await advance(64);
  ok(await attempt(password));
  for (const _ of times(5, () => 0)) refused(await attempt(wrong), 401, "credentials_invalid");
});

test("of fifty guesses at once one is judged", async () => {
  const { phone } = await aUser();
  const attempt = () => ask("POST", "/v1/sessions", { phone, password: wrong });
  await exhaust(attempt);
  await advance(8);
  const answers = await Promise.all(times(50, attempt));
  assert.deepEqual(codesOf(answers), ["credentials_invalid", ...times(49, () => "sign_in_throttled")]);
});

test("guessing does not hold up the owner, who comes from another network", async () => {
  const { phone, password, id } = await aUser();
  await exhaust(async () => assert.equal(await signInFrom("2001:db8:1:2::1", phone, wrong), "credentials_invalid"));
  assert.equal(await signInFrom("2001:db8:1:2:ffff::9", phone, password), "sign_in_throttled", "a /64 is one network");
  assert.equal(await signInFrom("203.0.113.9", phone, password), id);
  assert.equal(await signInFrom("2001:db8:1:2::1", phone, password), "sign_in_throttled");
});

test("one password tried on many accounts is slowed down by network; signing in counts nothing", async () => {
  const { phone, password, id } = await aUser();
  const address = "198.51.100.7";
  const { network } = attemptKeys(phone, address);
  const level = async (): Promise<number> => {
    const { rows } = await database().query("select level from sign_in_attempts where key = $1", [network]);
    return rows[0].level;
  };
  for (const _ of times(3, () => 0)) assert.equal(await signInFrom(address, phone, password), id);
  assert.equal(await level(), 0);
  assert.equal(await signInFrom(address, aPhone(), wrong), "credentials_invalid");
  assert.equal(await level(), 1);
  const set = "update sign_in_attempts set level = $2, counted_at = clock_now() where key = $1";
  await database().query(set, [network, 98]);
  assert.equal(await signInFrom(address, aPhone(), wrong), "credentials_invalid");
  await database().query(set, [network, 110]);
  assert.equal(await signInFrom(address, aPhone(), wrong), "sign_in_throttled");
  assert.equal(await signInFrom("198.51.100.8", aPhone(), wrong), "credentials_invalid");
  await advance(30);
  assert.equal(await signInFrom(address, phone, password), id);
});

test("attempts of a day ago are forgotten by the daily job, newer ones are not", async () => {
  const { phone } = await aUser();
  await signInFrom("192.0.2.1", phone, wrong);
  await advance(86_000);
  await signInFrom("192.0.2.2", phone, wrong);
  await advance(1_000);
  await forgetOldAttempts();
  const kept = async (address: string) => {
    const { account, network } = attemptKeys(handleOf({ phone }), address);
    const query = "select count(*)::int as n from sign_in_attempts where key = any($1)";
    return (await database().query(query, [[account, network]])).rows[0].n;
  };
  assert.deepEqual([await kept("192.0.2.1"), await kept("192.0.2.2")], [0, 2]);
});

test("a sign-in enrols a device or names one's own, and its session knows it", async () => {
  const [ann, bo] = [await aUser(), await aUser()];
  const first = await ann.signIn({ name: "Ann's phone", platform: "ios" });
  assert.deepEqual([first.device.name, first.device.platform], ["Ann's phone", "ios"]);
  const again = await ann.signIn({ id: first.device.id });
  assert.deepEqual(again.device, first.device);
  const { phone, password } = bo;
  const stolen = await ask("POST", "/v1/sessions", { phone, password, device: { id: first.device.id } });
  assert.equal(refused(stolen, 404, "not_found").param, "/device/id");
  const nameless = await ask("POST", "/v1/sessions", { phone, password, device: { platform: "web" } });
  assert.equal(refused(nameless, 400, "parameter_missing").param, "/device/name");
  const sessions = ok(await ann.ask("GET", "/v1/users/me/sessions")).data;
  assert.deepEqual(
    sessions.map(({ device }: { device: string }) => device),
    [first.device.id, first.device.id, null],
  );
});

test("a hash of other parameters still signs in and is made anew", async () => {
  const { id, phone, password } = await aUser();
  const context = `users.password ${id}`;
  const stored = async (): Promise<string> => {
    const { rows } = await database().query("select sealed_password from users where id = $1", [id]);
    return unseal(rows[0].sealed_password, context).toString();
  };
  const nonce = randomBytes(16);
  const tag = argon2Sync("argon2id", {
    message: password,
    nonce,
    memory: 8192,
    passes: 1,
    parallelism: 1,
    tagLength: 32,
  });
  const bare = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");
  const old = seal(`$argon2id$v=19$m=8192,t=1,p=1$${bare(nonce)}$${bare(tag)}`, context);
  await database().query("update users set sealed_password = $2 where id = $1", [id, old]);

  refused(await ask("POST", "/v1/sessions", { phone, password: wrong }), 401, "credentials_invalid");
  assert.match(await stored(), /m=8192,t=1/);
  ok(await ask("POST", "/v1/sessions", { phone, password }));
  assert.match(await stored(), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  ok(await ask("POST", "/v1/sessions", { phone, password }));
});

test("the event of a sign-in names user, session and device and holds no secret", async () => {
  const user = await aUser();
  const { device, session } = await user.signIn({ name: "Laptop" });
  const { rows } = await database().query(
    "select type, object from events where owner_id = $1 and object_id = any($2) order by position",
    [user.id, [session, device.id]],
  );
  assert.deepEqual(
    rows.map(({ type }) => type),
    ["device.enrolled", "session.created"],
  );
  const { created_at: _at, ...told } = rows[1].object;
  assert.deepEqual(told, {
    id: session,
    object: "session",
    user: user.id,
    device: device.id,
    address: "127.0.0.×",
    livemode: false,
  });
  assert.equal(rows[0].object.name, undefined);
});
