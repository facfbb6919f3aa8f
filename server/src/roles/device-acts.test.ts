import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { describe, test } from "node:test";
import { now } from "#kit/clock.ts";
import { config } from "#kit/config.ts";
import { codeKey, formatCode, stepAt } from "#modules/codes";
import { unsignedActs } from "#modules/identity";
import { aPayer, aShop, giveMoney, ok } from "#test/factories.ts";
import { usePlatform, useSecondServer } from "#test/platform.ts";
import { createApi } from "./api.ts";

const platform = usePlatform({ ROLES: "api" });

/** A payer who is signed in from a device of their own. */
async function aDeviceOwner() {
  const payer = await aPayer(platform);
  const { phone, password } = payer;
  const signIn = { phone, password, device: { name: "A phone" } };
  const { access_token: token, device } = await ok(platform.call("POST", "/v1/sessions", { body: signIn, key: null }));
  return { payer, token: token as string, device: device.id as string };
}

/** What users may send that changes something, as method and route. */
async function writesOfUsers(): Promise<string[]> {
  const app = createApi();
  const routes: string[] = [];
  app.addHook("onRoute", ({ method, url, config }) => {
    if (config?.access?.kinds.includes("user") && !["GET", "HEAD"].includes(String(method)))
      routes.push(`${String(method)} ${url}`);
  });
  await app.ready();
  await app.close();
  return routes;
}

test("every route by which a user changes something needs the device's signature, but for those in the table", async () => {
  const { token, device } = await aDeviceOwner();
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const public_key = publicKey.export({ format: "jwk" }).x as string;
  const proof = sign(null, Buffer.from(`feiqian device key\n${device}\n${public_key}`), privateKey).toString(
    "base64url",
  );
  const path = `/v1/users/me/devices/${device}/key`;
  await ok(platform.call("POST", path, { token, body: { public_key, proof } }));

  const routes = await writesOfUsers();
  for (const route of Object.keys(unsignedActs)) assert.ok(routes.includes(route), `there is no ${route}`);
  assert.ok(routes.includes("POST /v1/transfers") && routes.includes("PUT /v1/users/me/payment_pin"));
  // The last, for it ends the session.
  const inOrder = routes.toSorted((a, b) => Number(a.endsWith("current")) - Number(b.endsWith("current")));
  for (const route of inOrder) {
    const [method = "", url = ""] = route.split(" ");
    const answer = await platform.call(method, url.replace(/:\w+/g, "x"), { token, body: {} });
    const refused = answer.body.error?.code === "device_signature_missing";
    assert.equal(refused, !Object.hasOwn(unsignedActs, route), `${route}: ${JSON.stringify(answer.body)}`);
  }
});

describe("with a second process", () => {
  const second = useSecondServer(platform);

  test("the code that a revoked device shows offline is dead in every process with the answer to the revocation", async () => {
    const shop = await aShop(platform);
    const { payer, token, device } = await aDeviceOwner();
    await giveMoney(platform, payer.id, 10_000);
    const { alias, key } = await ok(platform.call("POST", `/v1/devices/${device}/code_key`, { token, body: {} }));
    const show = (n: number) =>
      formatCode(config().issuerPrefix, Number(alias), codeKey(Buffer.from(key, "base64url")), stepAt(now()), n);
    const scan = (code: string, n: number) => {
      const body = { amount: 100, currency: "CNY", out_trade_no: `revoked-${n}`, code };
      return second.call("POST", "/v1/payments", { token: shop.key, body });
    };
    // The other process knows the alias and the key by now.
    assert.equal((await ok(scan(show(0), 1))).status, "succeeded");
    const shown = show(1);
    await ok(platform.call("DELETE", `/v1/users/me/devices/${device}`, { token }));
    for (const answer of [await scan(shown, 2), await scan(show(2), 3)])
      assert.deepEqual([answer.status, answer.body.error?.code], [402, "payment_code_invalid"]);
    const deadline = performance.now() + 5_000;
    while ((await second.call("GET", "/v1/users/me", { token })).status !== 401)
      assert.ok(performance.now() < deadline, "its session ends as the process hears of it");
  });
});
