import assert from "node:assert/strict";
import { argon2Sync, randomBytes } from "node:crypto";
import { test } from "node:test";
import { elapsed } from "#kit/clock.ts";
import { seal, unseal } from "#kit/crypto.ts";
import { database } from "#kit/db.ts";
import type { ApiError } from "#kit/errors.ts";
import { advance, aPhone, codesOf, ok, refused, times, useServer } from "#test/people.ts";
import { signIn } from "./sign-in.ts";

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

test("an unknown account takes as long as a wrong password", async () => {
  const { phone } = await aUser();
  const median = async (account: () => string) => {
    const durations: number[] = [];
    for (const _ of times(7, () => 0)) {
      const start = elapsed();
      await ask("POST", "/v1/sessions", { phone: account(), password: wrong });
      durations.push(elapsed() - start);
      await advance(3_600);
    }
    return durations.sort((a, b) => a - b)[3] as number;
  };
  await median(aPhone);
  const ratio = (await median(aPhone)) / (await median(() => phone));
  assert.ok(ratio > 0.5 && ratio < 2, `unknown / wrong = ${ratio}`);
});

test("after five wrong passwords each attempt has to wait longer, a right one too", async () => {
  const { phone, password } = await aUser();
  for (const _ of times(5, () => 0))
    refused(await ask("POST", "/v1/sessions", { phone, password: wrong }), 401, "credentials_invalid");
  for (const pause of [1, 2, 4, 8]) {
    const answer = await ask("POST", "/v1/sessions", { phone, password });
    refused(answer, 429, "sign_in_throttled");
    assert.equal(answer.headers.get("retry-after"), String(pause));
    await advance(pause);
    refused(await ask("POST", "/v1/sessions", { phone, password: wrong }), 401, "credentials_invalid");
  }
  await advance(16);
  ok(await ask("POST", "/v1/sessions", { phone, password }));
  ok(await ask("POST", "/v1/sessions", { phone, password }));
});

test("fifty guesses at once are five", async () => {
  const { phone } = await aUser();
  const answers = await Promise.all(times(50, () => ask("POST", "/v1/sessions", { phone, password: wrong })));
  assert.equal(codesOf(answers).filter((code) => code === "credentials_invalid").length, 5);
  assert.equal(codesOf(answers).filter((code) => code === "sign_in_throttled").length, 45);
});

test("guessing does not hold up the owner, who comes from another network", async () => {
  const { phone, password, id } = await aUser();
  const from = (address: string, password: string) =>
    signIn({ phone, password }, address).then(
      ({ user }) => user.id,
      (error: ApiError) => error.code,
    );
  for (const _ of times(5, () => 0)) assert.equal(await from("2001:db8:1:2::1", wrong), "credentials_invalid");
  assert.equal(await from("2001:db8:1:2:ffff::9", wrong), "sign_in_throttled", "a /64 is one network");
  assert.equal(await from("203.0.113.9", password), id);
  assert.equal(await from("2001:db8:1:2::1", password), "sign_in_throttled");
});

test("trying one password on many accounts from one network is slowed down, and signing in is not", async () => {
  const { phone, password, id } = await aUser();
  const from = (phone: string, password: string) =>
    signIn({ phone, password }, "198.51.100.7").then(
      ({ user }) => user.id,
      (error: ApiError) => error.code,
    );
  for (const _ of times(3, () => 0)) assert.equal(await from(phone, password), id);
  const answers: string[] = [];
  for (const _ of times(11, () => 0)) answers.push(...(await Promise.all(times(10, () => from(aPhone(), wrong)))));
  const judged = answers.filter((code) => code === "credentials_invalid").length;
  assert.ok(judged >= 100 && judged < 110, `${judged} were judged`);
  assert.equal(answers.length - judged, answers.filter((code) => code === "sign_in_throttled").length);
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
