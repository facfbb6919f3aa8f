import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { verifyWebhook, WebhookVerificationError } from "@feiqian/sdk";
import { Webhook } from "standardwebhooks";

const secret = "whsec_ZmVpcWlhbi1kZW1vLXNlY3JldC0wMDAw";
const body = '{"type":"payment.succeeded","timestamp":"2026-11-21T08:00:00Z","data":{"id":"pay_1"}}';
const headers = {
  "webhook-id": "msg_1",
  "webhook-timestamp": "1763712000",
  "webhook-signature": "v1,XuqN8ISdHRx94BR5KOcJip5rtX5o+Bcg4XOjbBrvF2g=",
};
const now = 1763712000_000;
const otherSecret = () => `whsec_${randomBytes(32).toString("base64")}`;

test("the published vector is verified, with every kind of headers and of body", async () => {
  const event = await verifyWebhook(body, headers, secret, { now });
  assert.deepEqual(event, JSON.parse(body));
  const capitals = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replace("webhook", "Webhook"), [value]]),
  );
  for (const given of [new Headers(headers), capitals]) {
    assert.deepEqual(await verifyWebhook(new TextEncoder().encode(body), given, secret, { now }), event);
  }
});

test("what the library of Standard Webhooks signs is verified", async () => {
  for (const text of [body, '{"type":"refund.succeeded","data":{"subject":"早餐 ☕"}}']) {
    const secret = otherSecret();
    const at = new Date();
    const signature = new Webhook(secret).sign("msg_2", at, text);
    const signed = {
      "webhook-id": "msg_2",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": signature,
    };
    assert.deepEqual(await verifyWebhook(text, signed, secret), JSON.parse(text));
  }
});

test("while a secret is changed, either signature and either secret will do", async () => {
  const old = otherSecret();
  const both = `v1,${randomBytes(32).toString("base64")} v1a,xyz ${headers["webhook-signature"]}`;
  await verifyWebhook(body, { ...headers, "webhook-signature": both }, secret, { now });
  await verifyWebhook(body, headers, [old, secret], { now });
  await refused(verifyWebhook(body, headers, [old, otherSecret()], { now }), /No signature/);
});

test("any change of id, time, body, signature or secret is refused", async () => {
  const changed: [Record<string, string>, string, string][] = [
    [{ ...headers, "webhook-id": "msg_2" }, body, secret],
    [{ ...headers, "webhook-timestamp": "1763712001" }, body, secret],
    [headers, body.replace("pay_1", "pay_2"), secret],
    [headers, `${body} `, secret],
    [headers, body, otherSecret()],
    [{ ...headers, "webhook-signature": "v1,AAAA" }, body, secret],
    [{ ...headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v1a,") }, body, secret],
    [{ ...headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "") }, body, secret],
    [{ ...headers, "webhook-signature": "v1,not base64!" }, body, secret],
  ];
  for (const [headers, body, secret] of changed) await refused(verifyWebhook(body, headers, secret, { now }));
});

test("what is older or newer than five minutes is refused; the tolerance may be set", async () => {
  const at = (seconds: number) => ({ now: now + seconds * 1000 });
  await verifyWebhook(body, headers, secret, at(300));
  await verifyWebhook(body, headers, secret, at(-300));
  await refused(verifyWebhook(body, headers, secret, at(301)), /too old/);
  await refused(verifyWebhook(body, headers, secret, at(-301)), /future/);
  await verifyWebhook(body, headers, secret, { ...at(3_000), toleranceSeconds: 3_600 });
  await refused(verifyWebhook(body, headers, secret), /too old/);
});

test("a missing header, a time that is none and a secret that is none are named", async () => {
  for (const name of Object.keys(headers))
    await refused(verifyWebhook(body, { ...headers, [name]: undefined }, secret, { now }), new RegExp(name));
  for (const time of ["1e9", "-1", "soon", "0x10"])
    await refused(verifyWebhook(body, { ...headers, "webhook-timestamp": time }, secret, { now }), /no time/);
  for (const none of ["", "whsec_", "whsec_*"])
    await refused(verifyWebhook(body, headers, none, { now }), /secret is not/);
});

async function refused(verification: Promise<unknown>, why = /./): Promise<void> {
  await assert.rejects(verification, (error) => error instanceof WebhookVerificationError && why.test(error.message));
}
