import assert from "node:assert/strict";
import { createHash, createHmac, createPrivateKey, createPublicKey, verify } from "node:crypto";
import { test } from "node:test";
import { createClient, signRequest } from "@feiqian/sdk";
import { aLossyServer } from "./lossy-server.ts";

/** The vectors of the API's contract. */
const request = {
  method: "POST",
  url: "https://api.feiqian.test/v1/payments",
  headers: { "content-type": "application/json", "idempotency-key": "idem-0001" },
  body: '{"amount":1250,"currency":"CNY"}',
};
const moment = { created: 1763712000, nonce: "n-0001" };
const hmacKey = new TextEncoder().encode("feiqian-demo-hmac-key-32-bytes!!");
const pkcs8 = Uint8Array.from(Buffer.from(`302e020100300506032b657004220420${"07".repeat(32)}`, "hex"));
const parameters = (algorithm: string) =>
  `("@method" "@authority" "@path" "@query" "content-type" "content-digest" "idempotency-key");created=1763712000;keyid="key_demo_1";alg="${algorithm}";nonce="n-0001";tag="feiqian-api"`;

test("a request signed with HMAC-SHA-256 is the published vector", async () => {
  const signed = await signRequest(request, { keyId: "key_demo_1", algorithm: "hmac-sha256", key: hmacKey }, moment);
  assert.deepEqual(signed, {
    "content-digest": "sha-256=:/S0pZ0miwOQNoreWqCVF6LGu2E84CzUNRxxLvu/ZAFw=:",
    "signature-input": `sig1=${parameters("hmac-sha256")}`,
    signature: "sig1=:Zcw4hZTh5HOIvsqKX9I7oNk2JsFEarJRxTRgflplbkU=:",
  });
});

test("a request signed with Ed25519 is the published vector, from bytes and from a key of WebCrypto", async () => {
  const imported = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  for (const key of [pkcs8, imported]) {
    const signed = await signRequest(request, { keyId: "key_demo_1", algorithm: "ed25519", key }, moment);
    assert.equal(signed["signature-input"], `sig1=${parameters("ed25519")}`);
    assert.equal(
      signed.signature,
      "sig1=:POj77AP4v5cAHyjptSG5Ave5UaAnIPEFUgJGgb3PDRz3sqbY/AdlpCZFhlgn8BUovrM197frUx+V/9jAcPg9AQ==:",
    );
  }
});

test("a request without a body covers method, host, path and query only; the default port is no part of the host", async () => {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
  const url = "https://API.feiqian.test:443/v1/payments?limit=2&out_trade_no=a%2Ab";
  const signed = await signRequest(
    { method: "GET", url, headers: {}, body: undefined },
    { keyId: "key_demo_1", algorithm: "ed25519", key: pkcs8 },
    moment,
  );
  const covered = signed["signature-input"]?.replace("sig1=", "") ?? "";
  assert.match(covered, /^\("@method" "@authority" "@path" "@query"\);/);
  assert.equal(signed["content-digest"], undefined);
  const base = [
    '"@method": GET',
    '"@authority": api.feiqian.test',
    '"@path": /v1/payments',
    '"@query": ?limit=2&out_trade_no=a%2Ab',
    `"@signature-params": ${covered}`,
  ].join("\n");
  const signature = Buffer.from(signed.signature?.slice("sig1=:".length, -1) ?? "", "base64");
  assert.ok(verify(null, Buffer.from(base), createPublicKey(key), signature));
});

test("each signature has a nonce of its own and the present time", async () => {
  const signer = { keyId: "key_demo_1", algorithm: "hmac-sha256", key: hmacKey } as const;
  const [one, two] = await Promise.all([signRequest(request, signer), signRequest(request, signer)]);
  assert.notEqual(one["signature-input"], two["signature-input"]);
  const created = Number(/created=(\d+)/.exec(one["signature-input"] ?? "")?.[1]);
  assert.ok(Math.abs(created - Date.now() / 1000) < 5);
});

test("a client that signs does so for each attempt anew, over what it really sends", async (t) => {
  const network = await aLossyServer("http://127.0.0.1:1");
  t.after(() => network.close());
  network.fates = [
    { status: 503, headers: { "retry-after": "0" } },
    { status: 200, body: "{}" },
  ];
  const signing = { keyId: "key_demo_1", algorithm: "hmac-sha256", key: hmacKey } as const;
  const feiqian = createClient({ baseUrl: network.url, apiKey: "sk_test_1", signing });
  const order = { amount: 1_250, currency: "CNY", out_trade_no: "order-1", subject: "早餐 ☕" };
  await feiqian.payments.create(order);
  const [first, second] = network.seen;
  assert.ok(first && second);
  assert.equal(first["idempotency-key"], second["idempotency-key"]);
  assert.notEqual(first["signature-input"], second["signature-input"]);
  for (const headers of [first, second]) {
    const digest = createHash("sha256").update(JSON.stringify(order)).digest("base64");
    assert.equal(headers["content-digest"], `sha-256=:${digest}:`);
    const covered = String(headers["signature-input"]).replace("sig1=", "");
    const base = [
      '"@method": POST',
      `"@authority": ${headers.host}`,
      '"@path": /v1/payments',
      '"@query": ?',
      `"content-type": ${headers["content-type"]}`,
      `"content-digest": ${headers["content-digest"]}`,
      `"idempotency-key": ${String(headers["idempotency-key"])}`,
      `"@signature-params": ${covered}`,
    ].join("\n");
    const expected = createHmac("sha256", hmacKey).update(base).digest("base64");
    assert.equal(headers.signature, `sig1=:${expected}:`);
  }
});
