import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { Http } from "#kit/http.ts";
import { type Answer, ok, refused, useServer } from "#test/people.ts";

let app: Http | undefined;
const { ask, aUser, aStaff } = useServer((server) => (app = server));
const ownOrigin = () => `http://127.0.0.1:${(app?.server.address() as AddressInfo | undefined)?.port}`;
const ownPage = () => ({ origin: ownOrigin(), "sec-fetch-site": "same-origin", "feiqian-session": "cookie" });

/** The cookie that an answer sets, as a browser sends it back. */
const cookieOf = ({ headers }: Answer): string => (headers.get("set-cookie") ?? "").split(";", 1)[0] as string;
const refresh = (cookie: string, headers: Record<string, string> = {}, body: object = {}) =>
  ask("POST", "/v1/sessions/refresh", body, { headers: { ...ownPage(), cookie, ...headers } });

async function aPage() {
  const { phone, password } = await aUser();
  const signedIn = await ask("POST", "/v1/sessions", { phone, password }, { headers: ownPage() });
  return { phone, password, signedIn, body: ok(signedIn), cookie: cookieOf(signedIn) };
}

test("a page that signs in gets its refresh token in a cookie that scripts and other sites don't see, not in the body", async () => {
  const { signedIn, body } = await aPage();
  assert.match(
    signedIn.headers.get("set-cookie") ?? "",
    /^__Host-feiqian_session=rt_usr_[\w-]+; Path=\/; Max-Age=2592000; Secure; HttpOnly; SameSite=Strict$/,
  );
  assert.equal(body.refresh_token, undefined);
  assert.doesNotMatch(JSON.stringify(body), /rt_usr_/);
  ok(await ask("GET", "/v1/users/me", undefined, { token: body.access_token }));
});

test("the cookie is changed at each refresh, beside others; an old one that comes back ends the session", async () => {
  const { cookie } = await aPage();
  const first = await refresh(`theme=dark; ${cookie}; x=__Host-feiqian_session=no`);
  assert.equal(ok(first).refresh_token, undefined);
  const second = await refresh(cookieOf(first));
  assert.notEqual(cookieOf(second), cookieOf(first));
  refused(await refresh(cookie), 401, "refresh_token_reused");
  refused(await refresh(cookieOf(second)), 401, "refresh_token_reused");
});

for (const [what, change] of [
  ["another site's page", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
  ["another site's page in an old browser", { origin: "https://evil.example", "sec-fetch-site": "" }],
  ["a page in a sandbox", { origin: "null", "sec-fetch-site": "cross-site" }],
  ["a page that claims our origin from elsewhere", { "sec-fetch-site": "cross-site" }],
  ["the address bar", { "sec-fetch-site": "none" }],
  ["our host by another protocol", { origin: "https://127.0.0.1" }],
  ["who does not say", { origin: "" }],
] as const)
  test(`${what} neither uses the cookie nor plants one`, async () => {
    const { cookie, phone, password } = await aPage();
    refused(await refresh(cookie, change), 403, "origin_not_allowed");
    const planted = await ask("POST", "/v1/sessions", { phone, password }, { headers: { ...ownPage(), ...change } });
    refused(planted, 403, "origin_not_allowed");
    assert.equal(planted.headers.get("set-cookie"), null);
    ok(await refresh(cookie));
  });

test("a cookie that was not asked for counts for nothing, and neither do two of them, none, or one beside a token", async () => {
  const { cookie } = await aPage();
  const { param } = refused(
    await ask("POST", "/v1/sessions/refresh", {}, { headers: { cookie } }),
    400,
    "parameter_missing",
  );
  assert.equal(param, "/refresh_token");
  refused(await refresh(`${cookie}; ${cookie}`), 401, "refresh_token_invalid");
  refused(await refresh(""), 401, "refresh_token_invalid");
  refused(await refresh(cookie, {}, { refresh_token: cookie.split("=")[1] }), 400, "parameter_invalid");
  refused(await refresh(cookie, { "feiqian-session": "cookies" }), 400, "parameter_invalid");
  refused(await refresh(cookie, { "feiqian-session": "staff_cookie" }), 401, "refresh_token_invalid");
  ok(await refresh(cookie));
});

test("staff have a cookie of their own; signing out takes it back", async () => {
  const staff = await aStaff();
  const headers = { ...ownPage(), "feiqian-session": "staff_cookie" };
  const credentials = { email: staff.email, password: staff.password, totp: staff.totp() };
  const signedIn = await ask("POST", "/v1/staff/sessions", credentials, { headers });
  const { access_token, refresh_token } = ok(signedIn);
  assert.deepEqual(
    [refresh_token, cookieOf(signedIn).slice(0, 36)],
    [undefined, "__Host-feiqian_staff_session=rt_stf_"],
  );
  ok(await refresh(cookieOf(signedIn), headers));
  const out = await ask("DELETE", "/v1/sessions/current", undefined, { token: access_token, headers });
  assert.match(out.headers.get("set-cookie") ?? "", /^__Host-feiqian_staff_session=; Path=\/; Max-Age=0;/);
});

test("who does not ask for a cookie gets the token as ever", async () => {
  const { session } = await aUser();
  assert.match(session.refresh_token, /^rt_usr_/);
});
