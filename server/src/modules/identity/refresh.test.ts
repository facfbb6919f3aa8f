import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { advance, codesOf, ok, refused, times, useServer } from "#test/people.ts";

const { ask, aUser, aStaff } = useServer();

const refresh = (refresh_token: string) => ask("POST", "/v1/sessions/refresh", { refresh_token });
const me = (token: string) => ask("GET", "/v1/users/me", undefined, { token });

test("a refresh gives a new access token and a new refresh token of the same session", async () => {
  const { session, id } = await aUser();
  const next = ok(await refresh(session.refresh_token));
  assert.deepEqual(Object.keys(next).sort(), ["access_token", "expires_in", "refresh_token", "token_type"]);
  assert.notEqual(next.refresh_token, session.refresh_token);
  assert.equal(ok(await me(next.access_token)).id, id);
  ok(await refresh(next.refresh_token));
});

test("a refresh token used again ends the family: its tokens, all of them, are dead", async () => {
  const { session, token } = await aUser();
  const stolen = session.refresh_token;
  const second = ok(await refresh(stolen));
  const third = ok(await refresh(second.refresh_token));
  refused(await refresh(stolen), 401, "refresh_token_reused");
  refused(await refresh(third.refresh_token), 401, "refresh_token_reused");
  refused(await refresh(second.refresh_token), 401, "refresh_token_reused");
  for (const access of [token, second.access_token, third.access_token])
    refused(await me(access), 401, "credentials_unknown");
});

test("a reused token ends its own family only", async () => {
  const user = await aUser();
  const other = await user.signIn();
  const second = ok(await refresh(user.session.refresh_token));
  ok(await refresh(second.refresh_token));
  refused(await refresh(user.session.refresh_token), 401, "refresh_token_reused");
  ok(await me(other.access_token));
  ok(await refresh(other.refresh_token));
});

test("a lost answer is given again for half a minute: the same successor", async () => {
  const { session } = await aUser();
  const lost = ok(await refresh(session.refresh_token));
  await advance(20);
  const again = ok(await refresh(session.refresh_token));
  assert.equal(again.refresh_token, lost.refresh_token);
  await advance(11);
  refused(await refresh(session.refresh_token), 401, "refresh_token_reused");
});

test("once its successor was used, a token is not given again even in that half minute", async () => {
  const { session } = await aUser();
  const second = ok(await refresh(session.refresh_token));
  const third = ok(await refresh(second.refresh_token));
  assert.equal(ok(await refresh(second.refresh_token)).refresh_token, third.refresh_token);
  refused(await refresh(session.refresh_token), 401, "refresh_token_reused");
});

test("twenty refreshes at once get one successor", async () => {
  const { session } = await aUser();
  const answers = await Promise.all(times(20, () => refresh(session.refresh_token)));
  assert.equal(new Set(answers.map((answer) => ok(answer).refresh_token)).size, 1);
});

test("twenty uses of an old token at once are all refused by name", async () => {
  const { session } = await aUser();
  ok(await refresh(ok(await refresh(session.refresh_token)).refresh_token));
  const answers = await Promise.all(times(20, () => refresh(session.refresh_token)));
  assert.deepEqual(
    codesOf(answers),
    times(20, () => "refresh_token_reused"),
  );
});

test("who never held a token of the family can't end it", async () => {
  const { session } = await aUser();
  const { refresh_token } = session;
  const forged = [
    refresh_token.slice(0, -64) + randomBytes(48).toString("base64url"),
    refresh_token.slice(0, 3),
    `${refresh_token}A`,
    refresh_token.replace("rt_usr_", "rt_stf_"),
    session.access_token,
    "x",
  ];
  for (const token of forged) refused(await refresh(token), 401, "refresh_token_invalid");
  refused(await refresh(""), 400, "parameter_invalid");
  ok(await refresh(refresh_token));
});

test("a session ends after 30 days without a refresh and after 180 days in all", async () => {
  const idle = await aUser();
  const busy = await aUser();
  await advance(30 * 86_400 - 60);
  let token = ok(await refresh(busy.session.refresh_token)).refresh_token;
  await advance(120);
  refused(await refresh(idle.session.refresh_token), 401, "refresh_token_invalid");
  for (const _ of times(5, () => 0)) {
    token = ok(await refresh(token)).refresh_token;
    await advance(29 * 86_400);
  }
  token = ok(await refresh(token)).refresh_token;
  await advance(5 * 86_400);
  refused(await refresh(token), 401, "refresh_token_invalid");
});

test("staff refresh too, for an hour without and twelve hours in all", async () => {
  const staff = await aStaff();
  const session = ok(await staff.signIn());
  const next = ok(await refresh(session.refresh_token));
  assert.equal(ok(await ask("GET", "/v1/staff/me", undefined, { token: next.access_token })).id, staff.id);
  await advance(3_601);
  refused(await refresh(next.refresh_token), 401, "refresh_token_invalid");
});

test("the database holds nothing from which a refresh token could be made", async () => {
  const { session, id } = await aUser();
  const next = ok(await refresh(session.refresh_token));
  const { rows } = await database().query("select s::text as text from sessions s where owner_id = $1", [id]);
  for (const { refresh_token } of [session, next]) {
    const bytes = Buffer.from(refresh_token.slice(-64), "base64url");
    for (const secret of [bytes.subarray(0, 16), bytes.subarray(16)])
      assert.ok(!rows[0].text.includes(secret.toString("hex")));
  }
});
