import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { database } from "#kit/db.ts";
import { createStaff, type Role, roles } from "#modules/identity";
import { advance, codesOf, exhaust, nextTotpStep, ok, refused, times, useServer } from "#test/people.ts";

const { ask, aStaff } = useServer();

test("staff sign in with password and code, and see what their role may do", async () => {
  const staff = await aStaff("finance");
  const { access_token, staff: shown } = ok(await staff.signIn());
  assert.deepEqual([shown.id, shown.email, shown.role], [staff.id, staff.email, "finance"]);
  assert.deepEqual(shown.permissions, roles.finance);
  assert.deepEqual(ok(await ask("GET", "/v1/staff/me", undefined, { token: access_token })), shown);
});

test("a code works once, and none before it works afterwards", async () => {
  const staff = await aStaff();
  const code = staff.totp();
  ok(await staff.signIn(code));
  refused(await staff.signIn(code), 401, "credentials_invalid");
  refused(await staff.signIn(staff.totp(-1)), 401, "credentials_invalid");
  ok(await staff.signIn(staff.totp(1)));
  refused(await staff.signIn(code), 401, "credentials_invalid");
});

test("a code brought twice at once signs in once", async () => {
  const staff = await aStaff();
  const code = staff.totp();
  const answers = await Promise.all(times(4, () => staff.signIn(code)));
  assert.deepEqual(codesOf(answers), ["credentials_invalid", "credentials_invalid", "credentials_invalid", "ok"]);
});

test("a clock may be one step off, not two", async () => {
  await nextTotpStep();
  for (const [steps, status] of [
    [-2, 401],
    [-1, 200],
    [1, 200],
    [2, 401],
  ] as const) {
    const staff = await aStaff();
    assert.equal((await staff.signIn(staff.totp(steps))).status, status, `${steps} steps`);
  }
});

test("a wrong code, a wrong password and an unknown email get the same answer, and a wrong password uses no code up", async () => {
  const staff = await aStaff();
  const { email, password } = staff;
  const totp = staff.totp();
  const error = async (body: object) => {
    const { request_id: _id, ...error } = refused(
      await ask("POST", "/v1/staff/sessions", body),
      401,
      "credentials_invalid",
    );
    return error;
  };
  const unknown = await error({ email: "nobody@example.com", password, totp });
  assert.deepEqual(await error({ email, password: "not the password", totp }), unknown);
  assert.deepEqual(await error({ email, password, totp: totp === "000000" ? "000001" : "000000" }), unknown);
  ok(await staff.signIn(totp));
});

test("guessing codes is slowed down, also when many come at once", async () => {
  const staff = await aStaff();
  const wrong = staff.totp(100);
  await exhaust(async () => refused(await staff.signIn(wrong), 401, "credentials_invalid"));
  refused(await staff.signIn(), 429, "sign_in_throttled");
  await advance(8);
  const answers = await Promise.all(times(30, () => staff.signIn(wrong)));
  assert.equal(codesOf(answers).filter((code) => code === "credentials_invalid").length, 1);
  await advance(16);
  ok(await staff.signIn());
});

test("signing out ends a staff session, and who is disabled is out within moments", async () => {
  const staff = await aStaff();
  const first = ok(await staff.signIn());
  const asStaff = (method: string, path: string) => ask(method, path, undefined, { token: first.access_token });
  ok(await asStaff("DELETE", "/v1/sessions/current"));
  refused(await asStaff("GET", "/v1/staff/me"), 401, "credentials_unknown");

  const second = ok(await staff.signIn(staff.totp(1)));
  await database().query("update staff set disabled_at = clock_now() where id = $1", [staff.id]);
  const deadline = performance.now() + 5_000;
  const isIn = async () => (await ask("GET", "/v1/staff/me", undefined, { token: second.access_token })).status === 200;
  while ((await isIn()) && performance.now() < deadline) await setTimeout(100);
  assert.equal(await isIn(), false);
  await advance(60);
  refused(await staff.signIn(), 401, "credentials_invalid");
});

test("an email is one member of staff's", async () => {
  const { email } = await aStaff();
  const again = createStaff({ email: email.toUpperCase(), password: "another password", role: "support" });
  await assert.rejects(again, { code: "staff_email_taken" });
});

test("who approves starts nothing, who decides on staff touches no money, the auditor changes nothing", () => {
  const writes = (role: Role) => roles[role].filter((permission) => permission.endsWith(":write"));
  assert.deepEqual(writes("approver"), ["approvals:write"]);
  assert.deepEqual(writes("admin"), ["staff:write", "alerts:write"]);
  assert.deepEqual(writes("auditor"), []);
});
