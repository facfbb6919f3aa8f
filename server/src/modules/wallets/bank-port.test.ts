import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { ok } from "#test/factories.ts";
import { codeSentTo } from "#test/people.ts";
import { usePlatform } from "#test/platform.ts";
import { bank } from "./bank-port.ts";
import { embeddedBank } from "./embedded-bank.ts";

const mail = { SMTP_URL: "smtp://127.0.0.1:9", MAIL_FROM: "pay@example.com" };
const live = { MODE: "live", TEST_CLOCK: "0", LOOPBACK_URLS: "", NEW_DEVICE_CHALLENGE: "trusted", ROLES: "api" };
const platform = usePlatform({ ...live, ...mail });

/** Somebody who registered by the code that was sent to them. */
async function aLivePayer() {
  const email = `${randomUUID()}@example.com`;
  const password = randomUUID();
  const post = (path: string, body: object, token?: string) =>
    platform.call("POST", path, { body, ...(token && { token }) });
  await ok(post("/v1/one_time_codes", { email, purpose: "register" }));
  await ok(post("/v1/users", { email, password, code: await codeSentTo(email) }));
  const { access_token: token } = await ok(post("/v1/sessions", { email, password }));
  const body = { pin: "402917", password };
  await ok(platform.call("PUT", "/v1/users/me/payment_pin", { token, body }));
  return {
    token,
    post: (path: string, more: object) => post(path, { amount: 100, currency: "CNY", pin: "402917", ...more }, token),
  };
}

describe("in live mode", () => {
  test("there is no embedded bank, whoever asks for it", () => {
    assert.equal(bank(), undefined);
    assert.throws(embeddedBank, /test mode/);
  });

  test("without a bank top-ups and withdrawals are refused by name, and nothing begins", async () => {
    const { token, post } = await aLivePayer();
    const answers = [
      await post("/v1/topups", { source: "ba_test_ok" }),
      await post("/v1/withdrawals", { destination: "ba_test_ok" }),
    ];
    for (const { status, body } of answers) assert.deepEqual([status, body.error?.code], [402, "channel_unavailable"]);
    assert.deepEqual((await platform.call("GET", "/v1/topups", { token })).body.data, []);
  });
});
