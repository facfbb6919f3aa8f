import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { appCode } from "@feiqian/server/test/authenticator.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";
import packedChromium from "@sparticuz/chromium";
import { type CDPSession, chromium, type Page } from "playwright-core";

const platform = usePlatform();

test("in a real browser: a passkey is made, signs in alone and as a second factor; a copy of it does not; a code of an app signs in", async (t) => {
  const executablePath = await packedChromium.executablePath();
  const browser = await chromium.launch({ args: packedChromium.args, executablePath, headless: true });
  t.after(() => browser.close());
  // A page of the platform's own: its origin is the one that passkeys are for. What this test runs in it is no part of it.
  const page = await browser.newPage({ bypassCSP: true });
  await page.goto(`${platform.url.replace("127.0.0.1", "localhost")}/docs/errors`);
  const devtools = await page.context().newCDPSession(page);
  const authenticatorId = await aVirtualAuthenticator(devtools);
  const ask = asking(page);

  const login = { phone: "+8613700137000", password: randomUUID() };
  const user = await ask("POST", "/v1/users", login);
  const { body: session } = await ask("POST", "/v1/sessions", login);
  const token = session.access_token;

  const { body: options } = await ask("POST", "/v1/users/me/passkeys/options", { password: login.password }, token);
  const credential = await inPage(page, create, options.public_key);
  const made = await ask("POST", "/v1/users/me/passkeys", { name: "Laptop", credential }, token);
  assert.deepEqual([made.status, made.body.name, made.body.recovery_codes.length], [200, "Laptop", 10]);

  await ask("DELETE", "/v1/sessions/current", {}, token);
  assert.equal((await ask("GET", "/v1/users/me", undefined, token)).body.error.code, "credentials_unknown");
  const alone = await signInByPasskey(page, ask);
  assert.deepEqual([alone.status, alone.body.user.id], [200, user.body.id]);

  const { details } = (await ask("POST", "/v1/sessions", login)).body.error;
  assert.deepEqual(details.methods, ["passkey", "recovery_code"]);
  const second = await inPage(page, get, details.passkey);
  const finished = await ask("POST", "/v1/sessions/challenge", { challenge: details.challenge, passkey: second });
  assert.equal(finished.body.user?.id, user.body.id, JSON.stringify(finished.body));

  await setCounter(devtools, authenticatorId, 0);
  const copy = await signInByPasskey(page, ask);
  assert.deepEqual([copy.status, copy.body.error.code], [401, "credentials_invalid"]);

  const bearer = finished.body.access_token;
  const { secret } = (await ask("POST", "/v1/users/me/totp", { password: login.password }, bearer)).body;
  assert.equal((await ask("POST", "/v1/users/me/totp/confirm", { code: appCode(secret, -1) }, bearer)).status, 200);
  const withCode = await ask("POST", "/v1/sessions", { ...login, totp: appCode(secret) });
  assert.equal(withCode.body.user?.id, user.body.id, JSON.stringify(withCode.body));
});

async function aVirtualAuthenticator(devtools: CDPSession): Promise<string> {
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return authenticatorId;
}

/** As somebody would who has copied the key long ago. */
async function setCounter(devtools: CDPSession, authenticatorId: string, signCount: number): Promise<void> {
  const { credentials } = await devtools.send("WebAuthn.getCredentials", { authenticatorId });
  await devtools.send("WebAuthn.clearCredentials", { authenticatorId });
  for (const credential of credentials)
    await devtools.send("WebAuthn.addCredential", { authenticatorId, credential: { ...credential, signCount } });
}

interface Asked {
  status: number;
  // Read by a test that knows its shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}
type Ask = (method: string, path: string, body?: object, token?: string) => Promise<Asked>;

/** Asks the platform from the page, as its program would. */
const asking =
  (page: Page): Ask =>
  (method, path, body, token) =>
    page.evaluate(
      async ([method, path, body, token]) => {
        const headers: Record<string, string> = {};
        if (token) headers.authorization = `Bearer ${token}`;
        if (body) headers["content-type"] = "application/json";
        const response = await fetch(path as string, {
          method: method as string,
          headers,
          body: (body as string) ?? null,
        });
        return { status: response.status, body: await response.json() };
      },
      [method, path, body && JSON.stringify(body), token],
    );

async function signInByPasskey(page: Page, ask: Ask): Promise<Asked> {
  const { body } = await ask("POST", "/v1/sessions/passkey/options");
  return ask("POST", "/v1/sessions/passkey", { credential: await inPage(page, get, body.public_key) });
}

const inPage = (page: Page, program: string, options: object) =>
  page.evaluate(`(${program})(${JSON.stringify(options)})`);

/** Run in the page. */
const create = `async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return (await navigator.credentials.create({ publicKey })).toJSON();
}`;
const get = `async (options) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({ publicKey })).toJSON();
}`;
