import assert from "node:assert/strict";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { aSecondProcess, useMerchants } from "#test/merchants.ts";
import { ok, refused } from "#test/people.ts";
import { hmacSigner, type Sendable, type Sent, type Signer, send, signed, type Unusual } from "#test/signing.ts";
import { flushKeyUses } from "./key-uses.ts";

const { ask, aKey, aShop, base, env } = useMerchants();

const reading: Sendable = { method: "GET", path: "/v1/stores?limit=3", headers: {} };
const making = (body: object | string = { name: "West Lake" }): Sendable => ({
  method: "POST",
  path: "/v1/stores",
  headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

/** Sends with the key's secret as well. */
const sendBy = (key: { secret: string }, { headers, ...asked }: Sendable, where = base()): Promise<Sent> =>
  send(where, { ...asked, headers: { authorization: `Bearer ${key.secret}`, ...headers } });

const code = ({ status, body }: Sent) => [status, body.error?.code ?? null];

/** A shop's key whose requests must be signed, and how it signs. */
async function aSigningKey() {
  const shop = await aShop();
  const key = await aKey(shop.id, { require_signature: true });
  const signer = hmacSigner(key.signature_key.keyid, key.signature_key.secret);
  const sendSigned = (asked: Sendable, unusual?: Unusual) => sendBy(key, signed(base(), asked, signer, unusual));
  return { shop, key, signer, sendSigned };
}

test("a key that requires signatures has a secret to sign with, shown once, and is refused without", async () => {
  const { shop, key, sendSigned } = await aSigningKey();
  assert.equal(key.require_signature, true);
  assert.deepEqual(
    { ...key.signature_key, secret: null },
    { keyid: key.id, alg: "hmac-sha256", public_key: null, secret: null },
  );
  assert.match(key.signature_key.secret, /^sgk_test_[0-9A-Za-z]{43}$/);
  const read = ok(await shop.ask("GET", `/v1/api_keys/${key.id}`));
  assert.deepEqual(read.signature_key, { keyid: key.id, alg: "hmac-sha256", public_key: null });

  assert.deepEqual(code(await sendBy(key, reading)), [401, "signature_missing"]);
  assert.deepEqual(code(await sendBy(key, making())), [401, "signature_missing"]);
  assert.deepEqual(code(await sendSigned(reading)), [200, null]);
  const made = await sendSigned(making());
  assert.deepEqual([made.status, made.body.name], [200, "West Lake"]);
});

for (const form of ["raw", "jwk"] as const)
  test(`a public key as ${form} is what signatures are checked with`, async () => {
    const shop = await aShop();
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const jwk = publicKey.export({ format: "jwk" });
    const signature_key = { alg: "ed25519", public_key: form === "raw" ? jwk.x : jwk };
    const key = await aKey(shop.id, { require_signature: true, signature_key });
    assert.deepEqual(key.signature_key, { keyid: key.id, alg: "ed25519", public_key: jwk.x });
    const signer: Signer = { keyid: key.id, alg: "ed25519", key: privateKey };
    assert.deepEqual(code(await sendBy(key, signed(base(), making(), signer))), [200, null]);
    const stranger = { ...signer, key: generateKeyPairSync("ed25519").privateKey };
    assert.deepEqual(code(await sendBy(key, signed(base(), making(), stranger))), [401, "signature_invalid"]);
    // The algorithm is the key's: what everybody knows is no secret.
    const confused = hmacSigner(key.id, jwk.x as string);
    assert.deepEqual(code(await sendBy(key, signed(base(), making(), confused))), [401, "signature_invalid"]);
  });

test("the secret of one key with the signature of another is refused, whichever key id is named", async () => {
  const [one, other] = [await aSigningKey(), await aSigningKey()];
  for (const keyid of [one.key.id, other.key.id]) {
    const borrowed = signed(base(), reading, { ...other.signer, keyid });
    assert.deepEqual(code(await sendBy(one.key, borrowed)), [401, "signature_invalid"]);
  }
});

test("the signature comes before the body's form: what is not genuine is not even parsed", async () => {
  const { sendSigned, key, signer } = await aSigningKey();
  for (const body of ["{", '{"__proto__":{}}', '{"nme":"x"}']) {
    const genuine = signed(base(), making(body), signer);
    const swapped = { ...genuine, body: `${body} ` };
    assert.deepEqual(code(await sendBy(key, swapped)), [401, "signature_invalid"]);
  }
  // What a lenient reader takes for the same text is not the same bytes.
  const genuine = signed(base(), making({ name: "\uFFFD" }), signer);
  const bytes = Buffer.from(String(genuine.body).replace("\uFFFD", "\u00FF"), "latin1");
  assert.equal(bytes.toString("utf8"), genuine.body);
  assert.deepEqual(code(await sendBy(key, { ...genuine, bytes })), [401, "signature_invalid"]);
  assert.deepEqual(code(await sendSigned(making("{"))), [400, "body_invalid"]);
  assert.deepEqual(code(await sendSigned(making({ name: "x", nme: "x" }))), [400, "parameter_unknown"]);
  assert.deepEqual(code(await sendSigned({ ...reading, method: "DELETE", path: "/v1/api_keys/key_0" })), [
    404,
    "not_found",
  ]);
});

test("a request that was overheard gives nothing to whoever sends it again: not even its stored answer", async () => {
  const { key, signer } = await aSigningKey();
  const request = signed(base(), making(), signer);
  const first = await sendBy(key, request);
  assert.equal(first.status, 200);
  const again = await sendBy(key, request);
  assert.deepEqual(code(again), [401, "signature_replayed"]);
  assert.equal(again.headers["idempotent-replayed"], undefined);
  // Its owner signs anew, and gets the answer that was given.
  const { headers, ...rest } = making();
  const repeated = {
    ...rest,
    headers: { ...headers, "idempotency-key": request.headers["idempotency-key"] as string },
  };
  const answer = await sendBy(key, signed(base(), repeated, signer));
  assert.equal(answer.headers["idempotent-replayed"], "true");
  assert.deepEqual(answer.body, first.body);
});

test("a nonce is used once between processes, and still after a restart", async () => {
  const { key, signer } = await aSigningKey();
  let other = await aSecondProcess(env());
  try {
    const requests = Array.from({ length: 8 }, () => signed(base(), reading, signer, { authority: "pay.test" }));
    const where = () => [base(), other.base];
    const sendTo = (request: Sendable, place: string) =>
      sendBy(key, { ...request, headers: { ...request.headers, host: "pay.test" } }, place);
    for (const request of requests) {
      const results = await Promise.all(where().map((place) => sendTo(request, place)));
      assert.deepEqual(new Set(results.map(({ status }) => status)), new Set([200, 401]));
    }
    await other.stop();
    other = await aSecondProcess(env());
    for (const request of requests)
      assert.deepEqual(code(await sendTo(request, other.base)), [401, "signature_replayed"]);
  } finally {
    await other.stop();
  }
});

test("a key that may sign but need not: unsigned is fine, a bad signature is not", async () => {
  const shop = await aShop();
  const key = await aKey(shop.id, { signature_key: { alg: "hmac-sha256" } });
  const signer = hmacSigner(key.id, key.signature_key.secret);
  assert.deepEqual(code(await sendBy(key, reading)), [200, null]);
  assert.deepEqual(code(await sendBy(key, signed(base(), reading, signer))), [200, null]);
  const forged = signed(base(), reading, hmacSigner(key.id, "guess"));
  assert.deepEqual(code(await sendBy(key, forged)), [401, "signature_invalid"]);
  assert.deepEqual(
    code(await sendBy(shop.key, forged)),
    [401, "signature_invalid"],
    "this one has nothing to sign with",
  );
  const proxied = {
    ...reading,
    headers: { signature: "proxy=:AAAA:", "signature-input": 'proxy=("@path");tag="cdn"' },
  };
  assert.deepEqual(code(await sendBy(shop.key, proxied)), [200, null], "a proxy's signature is its own affair");
  assert.deepEqual(code(await sendBy(await aKey(shop.id, { require_signature: true }), proxied)), [
    401,
    "signature_missing",
  ]);
});

test("what was not proven is no use of the key", async () => {
  const { key, sendSigned } = await aSigningKey();
  const used = async () => {
    await flushKeyUses();
    return (await database().query("select last_used_at from api_keys where id = $1", [key.id])).rows[0].last_used_at;
  };
  await sendBy(key, reading);
  await sendSigned(reading, { created: 1 });
  assert.equal(await used(), null);
  await sendSigned(reading);
  assert.ok(await used());
});

test("headers beyond 16 KB are refused before anything is read of them", async () => {
  const { key, signer } = await aSigningKey();
  const request = signed(base(), reading, signer, { nonce: "n".repeat(20_000) });
  assert.deepEqual(code(await sendBy(key, request)), [413, "headers_too_large"]);
});

test("a roll gives a new secret to sign with and leaves a public key as it is; the old key signs until it ends", async () => {
  const { shop, key, signer, sendSigned } = await aSigningKey();
  const rolled = ok(await shop.ask("POST", `/v1/api_keys/${key.id}/roll`, { overlap_seconds: 60 }));
  assert.equal(rolled.require_signature, true);
  assert.notEqual(rolled.signature_key.secret, key.signature_key.secret);
  assert.deepEqual(code(await sendSigned(reading)), [200, null]);
  assert.deepEqual(code(await sendBy(rolled, signed(base(), reading, signer))), [401, "signature_invalid"]);
  const next = hmacSigner(rolled.signature_key.keyid, rolled.signature_key.secret);
  assert.deepEqual(code(await sendBy(rolled, signed(base(), reading, next))), [200, null]);

  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const signature_key = { alg: "ed25519", public_key: publicKey.export({ format: "jwk" }).x };
  const path = `/v1/api_keys/${rolled.id}/roll`;
  const changed = ok(await shop.ask("POST", path, { overlap_seconds: 0, signature_key }));
  const kept = ok(await shop.ask("POST", `/v1/api_keys/${changed.id}/roll`, { overlap_seconds: 0 }));
  const own: Signer = { keyid: kept.id, alg: "ed25519", key: privateKey };
  assert.deepEqual(code(await sendBy(kept, signed(base(), reading, own))), [200, null]);
});

test("signatures are required of a key from one request to the next, and only of one that can sign", async () => {
  const shop = await aShop();
  const change = (id: string, require_signature: boolean) =>
    shop.ask("PATCH", `/v1/api_keys/${id}`, { require_signature });
  refused(await change(shop.key.id, true), 409, "signature_key_missing");
  const key = await aKey(shop.id, { signature_key: { alg: "hmac-sha256" } });
  assert.deepEqual(code(await sendBy(key, reading)), [200, null]);
  ok(await change(key.id, true));
  assert.deepEqual(code(await sendBy(key, reading)), [401, "signature_missing"]);
  ok(await change(key.id, false));
  assert.deepEqual(code(await sendBy(key, reading)), [200, null]);
});

test("a key that must sign can't make, loosen or roll one that need not", async () => {
  const { shop, key, sendSigned } = await aSigningKey();
  const sent = (method: string, path: string, body: object) =>
    sendSigned({ method, path, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  assert.deepEqual(code(await sent("POST", "/v1/api_keys", { name: "x", require_signature: false })), [
    403,
    "key_restriction_wider",
  ]);
  assert.deepEqual(code(await sent("PATCH", `/v1/api_keys/${key.id}`, { require_signature: false })), [
    403,
    "key_restriction_wider",
  ]);
  assert.deepEqual(code(await sent("POST", `/v1/api_keys/${shop.key.id}/roll`, { overlap_seconds: 0 })), [
    403,
    "key_restriction_wider",
  ]);
  const heir = await sent("POST", "/v1/api_keys", { name: "x" });
  assert.equal(heir.body.require_signature, true);
});

const unfit: [what: string, signature_key: object, code: string, param: string][] = [
  ["Ed25519 without a key", { alg: "ed25519" }, "parameter_missing", "/signature_key/public_key"],
  [
    "a key of zeros, by which anybody signs",
    { alg: "ed25519", public_key: "A".repeat(43) },
    "parameter_invalid",
    "/signature_key/public_key",
  ],
  [
    "the neutral point",
    { alg: "ed25519", public_key: `AQ${"A".repeat(41)}` },
    "parameter_invalid",
    "/signature_key/public_key",
  ],
  [
    "bits beyond the key",
    { alg: "ed25519", public_key: `${"A".repeat(42)}B` },
    "parameter_invalid",
    "/signature_key/public_key",
  ],
  ["too few bytes", { alg: "ed25519", public_key: "AAAA" }, "parameter_invalid", "/signature_key/public_key"],
  [
    "a secret of the caller's",
    { alg: "hmac-sha256", public_key: "A".repeat(43) },
    "parameter_invalid",
    "/signature_key/public_key",
  ],
  ["another algorithm", { alg: "rsa-v1_5-sha256" }, "parameter_invalid", "/signature_key/alg"],
  ["none", { alg: "none" }, "parameter_invalid", "/signature_key/alg"],
  [
    "a private key",
    { alg: "ed25519", public_key: { kty: "OKP", crv: "Ed25519", x: "A".repeat(43), d: "A".repeat(43) } },
    "parameter_invalid",
    "/signature_key/public_key",
  ],
];
for (const [what, signature_key, expected, param] of unfit)
  test(`${what} is no signature key`, async () => {
    const shop = await aShop();
    const answer = await shop.ask("POST", "/v1/api_keys", { name: "x", signature_key });
    assert.equal(answer.body.error?.code, expected, JSON.stringify(answer.body));
    assert.equal(answer.body.error.param, param);
  });

test("a secret to sign with lies sealed: no table and no event holds it, and replays of its making do", async () => {
  const shop = await aShop();
  const headers = { "idempotency-key": "signing" };
  const make = () =>
    ask("POST", "/v1/api_keys", { name: "x", require_signature: true }, { token: shop.key.secret, headers });
  const { signature_key } = ok(await make());
  assert.equal(ok(await make()).signature_key.secret, signature_key.secret);
  const { rows: tables } = await database().query("select tablename from pg_tables where schemaname = 'public'");
  for (const { tablename } of tables) {
    const { rows } = await database().query(`select t::text as row from "${tablename}" t`);
    const dump = rows.map(({ row }) => row).join("\n");
    assert.ok(!dump.includes(signature_key.secret) && !dump.includes(signature_key.secret.slice(9)), tablename);
  }
});
