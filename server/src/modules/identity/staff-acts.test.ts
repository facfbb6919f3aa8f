import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { TOTP } from "otpauth";
import { now } from "#kit/clock.ts";
import { database } from "#kit/db.ts";
import { agree, ok } from "#test/factories.ts";
import { advance, refused, times } from "#test/people.ts";
import { type SignedIn, usePlatform } from "#test/platform.ts";

const platform = usePlatform();

let admin: Promise<SignedIn> | undefined;
const asAdmin = async (method: string, path: string, body?: unknown) =>
  platform.call(method, path, { token: (await (admin ??= platform.signIn("admin"))).token, body });
const visit = (path: string, body: object) => platform.call("POST", path, { body, key: null });
const codeOf = (secret: string, steps = 0) => new TOTP({ secret }).generate({ timestamp: now() + steps * 30_000 });

/** What the admin asks for and an approver agrees to. */
async function byTwo(method: string, path: string, body: object) {
  const asked = await asAdmin(method, path, body);
  assert.equal(asked.status, 202, JSON.stringify(asked.body));
  const { id, digest } = asked.body;
  const token = await platform.approver();
  const approval = await ok(platform.call("POST", `/v1/approvals/${id}/approve`, { token, body: { digest } }));
  if (!approval.secret) return approval.result;
  return (await ok(asAdmin("POST", `/v1/approvals/${id}/result`, {}))).result;
}

/** The invitation as it stands in the mail. */
async function mailTo(email: string): Promise<string> {
  const path = `/v1/test_inbox?to=${encodeURIComponent(email)}`;
  const { data } = await ok(platform.call("GET", path, { token: await platform.operator() }));
  return data[0].values.token;
}

async function anInvited(role = "finance") {
  const email = `${randomUUID()}@example.com`;
  const staff = await byTwo("POST", "/v1/staff", { email, role });
  return { email, staff, token: await mailTo(email) };
}

/** Somebody who accepted an invitation. */
async function accepted(token: string, password: string = randomUUID()) {
  const { totp_secret } = await ok(visit("/v1/staff/invitations/open", { token }));
  const staff = await ok(visit("/v1/staff/invitations/accept", { token, password, totp: codeOf(totp_secret) }));
  return { staff, password, totp_secret };
}

describe("taking somebody on", () => {
  test("takes two persons; the invited alone gets the invitation, sets credentials and signs in", async () => {
    const email = `${randomUUID()}@example.com`;
    const asked = await asAdmin("POST", "/v1/staff", { email, role: "finance" });
    assert.deepEqual([asked.status, asked.body.kind], [202, "staff.create"]);
    const { data } = await ok(asAdmin("GET", "/v1/staff?status=invited&limit=100"));
    assert.ok(!data.some((one: { email: string }) => one.email === email));
    await agree(platform, asked.body);
    const { result } = await ok(asAdmin("POST", `/v1/approvals/${asked.body.id}/result`, {}));
    assert.deepEqual([result.status, result.invitation.token, result.invitation.sent_by], ["invited", null, "email"]);
    const token = await mailTo(email);
    const { staff, password, totp_secret } = await accepted(token);
    assert.deepEqual([staff.id, staff.role, staff.status], [result.id, "finance", "active"]);
    const session = await ok(visit("/v1/staff/sessions", { email, password, totp: codeOf(totp_secret, 1) }));
    assert.equal(session.staff.id, result.id);
  });

  test("an invitation works once, also when two accept it at once", async () => {
    const { token } = await anInvited();
    const { totp_secret } = await ok(visit("/v1/staff/invitations/open", { token }));
    const totp = codeOf(totp_secret);
    const answers = await Promise.all(
      times(3, () => visit("/v1/staff/invitations/accept", { token, password: randomUUID(), totp })),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    refused(await visit("/v1/staff/invitations/open", { token }), 401, "invitation_invalid");
  });

  test("an invitation is not guessed, is not somebody else's, and dies after three days", async () => {
    const [{ token }, other] = [await anInvited(), await anInvited()];
    const secretOf = (text: string) => text.slice(text.lastIndexOf("_stf_") + 32);
    const mixed = token.slice(0, token.length - 43) + secretOf(other.token).slice(-43);
    for (const wrong of [mixed, "inv_", `${token}x`, token.toUpperCase()])
      refused(await visit("/v1/staff/invitations/open", { token: wrong }), 401, "invitation_invalid");
    await database().query("update staff_invitations set expires_at = clock_now() where staff_id = $1", [
      other.staff.id,
    ]);
    refused(await visit("/v1/staff/invitations/open", { token: other.token }), 401, "invitation_invalid");
  });

  test("a wrong code, or a password of eleven characters, leaves the invitation as it was", async () => {
    const { token } = await anInvited();
    const { totp_secret } = await ok(visit("/v1/staff/invitations/open", { token }));
    const accept = (password: string, totp: string) => visit("/v1/staff/invitations/accept", { token, password, totp });
    refused(await accept(randomUUID(), codeOf(totp_secret, 10)), 401, "credentials_invalid");
    refused(await accept("kX9#qLm2vRt", codeOf(totp_secret)), 400, "password_too_short");
    await ok(accept("kX9#qLm2vRt7", codeOf(totp_secret)));
  });

  test("who has no credentials yet does not sign in", async () => {
    const { email } = await anInvited();
    const answer = await visit("/v1/staff/sessions", { email, password: randomUUID(), totp: "123456" });
    refused(answer, 401, "credentials_invalid");
  });

  test("the database holds neither the invitation nor the secret of the app", async () => {
    const { staff, token } = await anInvited();
    const { totp_secret } = await ok(visit("/v1/staff/invitations/open", { token }));
    const { rows } = await database().query("select i::text as text from staff_invitations i where staff_id = $1", [
      staff.id,
    ]);
    assert.ok(!rows[0].text.includes(totp_secret) && !rows[0].text.includes(token.slice(-43)));
  });

  test("only who decides on staff may ask, and an email is one person's", async () => {
    const token = await platform.operator();
    const body = { email: "x@example.com", role: "admin" };
    refused(await platform.call("POST", "/v1/staff", { token, body }), 403, "scope_missing");
    const { email } = await anInvited();
    refused(await asAdmin("POST", "/v1/staff", { email, role: "admin" }), 409, "staff_email_taken");
  });
});

describe("a change of power", () => {
  test("takes two persons, ends the sessions and kills what was asked for", async () => {
    const person = await platform.signIn("operator");
    const plan = { name: "Mine", rate_bps: 0, currency: "CNY" };
    const pending = await ok(platform.call("POST", "/v1/pricing_plans", { token: person.token, body: plan }));
    assert.equal((await byTwo("PATCH", `/v1/staff/${person.id}`, { role: "support" })).role, "support");
    refused(await platform.call("GET", "/v1/staff/me", { token: person.token }), 401, "credentials_unknown");
    const { id, digest } = pending;
    const late = platform.call("POST", `/v1/approvals/${id}/approve`, {
      token: await platform.approver(),
      body: { digest },
    });
    assert.equal(refused(await late, 409, "state_conflict").details.status, "lapsed");
  });

  test("nobody approves their own promotion", async () => {
    const approver = await platform.signIn("approver");
    const asked = await ok(asAdmin("PATCH", `/v1/staff/${approver.id}`, { role: "admin" }));
    const body = { digest: asked.digest };
    const own = await platform.call("POST", `/v1/approvals/${asked.id}/approve`, { token: approver.token, body });
    refused(own, 403, "approval_own");
  });

  test("disabling takes one person and holds at once; letting in again takes two", async () => {
    const person = await platform.signIn("operator");
    const disabled = await ok(asAdmin("POST", `/v1/staff/${person.id}/disable`, { reason: "Left" }));
    assert.equal(disabled.status, "disabled");
    refused(await platform.call("GET", "/v1/staff/me", { token: person.token }), 401, "credentials_unknown");
    const again = () =>
      visit("/v1/staff/sessions", {
        email: person.email,
        password: person.password,
        totp: codeOf(person.totpSecret, 1),
      });
    refused(await again(), 401, "credentials_invalid");
    assert.equal((await byTwo("POST", `/v1/staff/${person.id}/enable`, {})).status, "active");
    await ok(again());
    refused(await asAdmin("POST", `/v1/staff/${person.id}/enable`, {}), 409, "state_conflict");
  });

  test("a disabled person's invitation opens nothing", async () => {
    const { staff, token } = await anInvited();
    await ok(asAdmin("POST", `/v1/staff/${staff.id}/disable`, { reason: "Mistake" }));
    refused(await visit("/v1/staff/invitations/open", { token }), 401, "invitation_invalid");
  });

  test("a reset ends what was, and the old credentials are worth nothing", async () => {
    const person = await platform.signIn("finance");
    const reset = await byTwo("POST", `/v1/staff/${person.id}/reset`, {});
    assert.equal(reset.status, "invited");
    refused(await platform.call("GET", "/v1/staff/me", { token: person.token }), 401, "credentials_unknown");
    const { email, password } = person;
    const old = await visit("/v1/staff/sessions", { email, password, totp: codeOf(person.totpSecret, 1) });
    refused(old, 401, "credentials_invalid");
    const fresh = await accepted(await mailTo(email));
    assert.equal(fresh.staff.id, person.id);
    assert.notEqual(fresh.totp_secret, person.totpSecret);
  });

  test("is in the audit log with who did it, before and after", async () => {
    const person = await platform.signIn("risk");
    await byTwo("PATCH", `/v1/staff/${person.id}`, { role: "support" });
    const { rows } = await database().query(
      "select actor_id, before, after from audit_log where object_id = $1 and action = 'staff.role_changed'",
      [person.id],
    );
    assert.equal(rows.length, 1);
    assert.equal(rows[0].actor_id, (await (admin as Promise<SignedIn>)).id);
    assert.match(`${JSON.stringify(rows[0].before)} ${JSON.stringify(rows[0].after)}`, /risk.*support/);
  });
});

test("roles and what each may do are told in the reader's language", async () => {
  const token = await platform.operator();
  const read = (language: string) =>
    ok(platform.call("GET", "/v1/roles", { token, headers: { "accept-language": language } }));
  const [english, chinese] = [await read("en"), await read("zh-CN")];
  const approver = ({ data }: typeof english) => data.find(({ name }: { name: string }) => name === "approver");
  assert.ok(approver(english).permissions.some(({ name }: { name: string }) => name === "approvals:write"));
  assert.notEqual(approver(english).text, approver(chinese).text);
});

// In the end, for it moves the clock.
test("a session of staff ends after a quarter of an hour without activity, and what is dangerous asks for a fresh code", async () => {
  const person = await platform.signIn("approver");
  const { email, password } = person;
  const signIn = () => visit("/v1/staff/sessions", { email, password, totp: codeOf(person.totpSecret, 1) });
  const session = await ok(signIn());
  const idle = await ok(
    platform.call("POST", "/v1/sessions/refresh", { body: { refresh_token: session.refresh_token } }),
  );
  await advance(8 * 60);
  const active = await ok(
    platform.call("POST", "/v1/sessions/refresh", { body: { refresh_token: idle.refresh_token } }),
  );
  await advance(8 * 60);
  const { id, digest } = await ok(
    platform.call("POST", "/v1/pricing_plans", {
      token: await platform.operator(),
      body: { name: "P", rate_bps: 0, currency: "CNY" },
    }),
  );
  const approve = () =>
    platform.call("POST", `/v1/approvals/${id}/approve`, { token: active.access_token, body: { digest } });
  refused(await approve(), 403, "mfa_required");
  const confirm = (totp: string) =>
    platform.call("POST", "/v1/staff/me/confirm", { token: active.access_token, body: { totp } });
  refused(await confirm(codeOf(person.totpSecret, 10)), 401, "credentials_invalid");
  const totp = codeOf(person.totpSecret);
  await ok(confirm(totp));
  refused(await confirm(totp), 401, "credentials_invalid");
  assert.equal((await ok(approve())).status, "approved");
  await advance(8 * 60);
  const late = { refresh_token: active.refresh_token };
  refused(await platform.call("POST", "/v1/sessions/refresh", { body: late }), 401, "refresh_token_invalid");
});
