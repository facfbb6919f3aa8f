import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { useDatabase } from "#test/database.ts";
import { digestOf, type Signer, signed, type Unusual } from "#test/signing.ts";
import type { Asking } from "./access.ts";
import { now, setClockOffset } from "./clock.ts";
import { database } from "./db.ts";
import { ApiError } from "./errors.ts";
import { kitErrors } from "./kit-errors.ts";
import { isSigned, type SignaturePurpose, type VerifyingKey, verifyRequest } from "./request-signatures.ts";

useDatabase();

const purpose: SignaturePurpose = {
  tag: "feiqian-api",
  errors: {
    missing: kitErrors.signature_missing,
    invalid: kitErrors.signature_invalid,
    expired: kitErrors.signature_expired,
    replayed: kitErrors.signature_replayed,
  },
};

/** The published vector: reference and docs/signed-requests.md. */
const body = '{"amount":1250,"currency":"CNY"}';
const at = 1763712000;
const privateKey = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${"07".repeat(32)}`, "hex"),
  format: "der",
  type: "pkcs8",
});
const publicKey = createPublicKey(privateKey);
const secret = createSecretKey(Buffer.from("feiqian-demo-hmac-key-32-bytes!!"));
const hmac: VerifyingKey = { id: "key_demo_1", algorithm: "hmac-sha256", key: secret };
const ed25519: VerifyingKey = { id: "key_demo_1", algorithm: "ed25519", key: publicKey };
const signers = {
  "hmac-sha256": { keyid: "key_demo_1", alg: "hmac-sha256", key: secret },
  ed25519: { keyid: "key_demo_1", alg: "ed25519", key: privateKey },
} satisfies Record<string, Signer>;

const base = "http://api.feiqian.test";
const asked = {
  method: "POST",
  path: "/v1/payments",
  headers: { "content-type": "application/json", "idempotency-key": "idem-0001" },
  body,
};

/** A signed request as the server has it. */
function received(unusual: Unusual = {}, what: Partial<typeof asked> = {}, signer: Signer = signers["hmac-sha256"]) {
  const { method, path, headers } = signed(base, { ...asked, ...what }, signer, unusual);
  return { method, url: path, protocol: "http", headers: { host: "api.feiqian.test", ...headers } } as Asking;
}

const check = (request: Asking, content: string = body, key = hmac) => verifyRequest(request, content, key, purpose);

/** The error code and what its details name. */
async function failure(work: Promise<void>): Promise<unknown[]> {
  const error = await work.then(
    () => assert.fail("it was accepted"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof ApiError, String(error));
  const { component, parameter, header, reason } = error.details ?? {};
  return [error.code, component ?? parameter ?? header ?? reason];
}

describe("the published vector", () => {
  before(() => setClockOffset(at * 1000 - Date.now()));
  after(() => setClockOffset(0));
  const vectors = {
    "hmac-sha256": "Zcw4hZTh5HOIvsqKX9I7oNk2JsFEarJRxTRgflplbkU=",
    ed25519: "POj77AP4v5cAHyjptSG5Ave5UaAnIPEFUgJGgb3PDRz3sqbY/AdlpCZFhlgn8BUovrM197frUx+V/9jAcPg9AQ==",
  };
  for (const key of [hmac, ed25519])
    test(`with ${key.algorithm} is accepted once, whatever the port and the letters of the host`, async () => {
      const parameters = `("@method" "@authority" "@path" "@query" "content-type" "content-digest" "idempotency-key");created=1763712000;keyid="key_demo_1";alg="${key.algorithm}";nonce="n-0001";tag="feiqian-api"`;
      const request = {
        method: "POST",
        url: "/v1/payments",
        protocol: "https",
        headers: {
          host: "API.feiqian.test:443",
          "content-type": "application/json",
          "idempotency-key": "idem-0001",
          "content-digest": "sha-256=:/S0pZ0miwOQNoreWqCVF6LGu2E84CzUNRxxLvu/ZAFw=:",
          "signature-input": `sig1=${parameters}`,
          signature: `sig1=:${vectors[key.algorithm]}:`,
        },
      } as unknown as Asking;
      await database().query("truncate signature_nonces"); // Both vectors have one key id and one nonce.
      await check(request, body, key);
      assert.deepEqual(await failure(check(request, body, key)), ["signature_replayed", undefined]);
    });
});

test("what is signed is accepted: with and without a body, a query, a key; by either algorithm and digest", async () => {
  await check(received());
  await check(received({}, {}, signers.ed25519), body, ed25519);
  await check(received({ digest: digestOf(body, "sha-512") }));
  await check(received({ digest: `${digestOf(body)}, ${digestOf(body, "sha-512")}, unixsum=:AAAA:` }));
  await check(received({}, { path: "/v1/payments?limit=2&out_trade_no=a%2Ab" }));
  const { body: _, headers: __, ...bare } = asked;
  const reading = signed(base, { ...bare, method: "GET", headers: {} }, signers["hmac-sha256"]);
  const request = { ...received(), method: "GET", headers: { host: "api.feiqian.test", ...reading.headers } };
  await check(request, "");
});

const alterations: [what: string, change: (request: Asking) => object, named: string][] = [
  ["another method", () => ({ method: "PUT" }), "does not match"],
  ["another path", () => ({ url: "/v1/refunds" }), "does not match"],
  ["a path in other letters", () => ({ url: "/v1/Payments" }), "does not match"],
  ["a query that was added", () => ({ url: "/v1/payments?expand[]=refunds" }), "does not match"],
  ["another host", ({ headers }) => ({ headers: { ...headers, host: "evil.test" } }), "does not match"],
  ["another port", ({ headers }) => ({ headers: { ...headers, host: "api.feiqian.test:8443" } }), "does not match"],
  [
    "another idempotency key",
    ({ headers }) => ({ headers: { ...headers, "idempotency-key": "idem-0002" } }),
    "does not match",
  ],
  [
    "an idempotency key that was taken away",
    ({ headers }) => ({ headers: { ...headers, "idempotency-key": undefined } }),
    "idempotency-key",
  ],
  [
    "another content type",
    ({ headers }) => ({ headers: { ...headers, "content-type": "application/json; charset=x" } }),
    "does not match",
  ],
  ["no digest", ({ headers }) => ({ headers: { ...headers, "content-digest": undefined } }), "content-digest"],
  [
    "the digest of another body",
    ({ headers }) => ({ headers: { ...headers, "content-digest": digestOf("{}") } }),
    "content-digest",
  ],
  [
    "a digest that is none",
    ({ headers }) => ({ headers: { ...headers, "content-digest": "sha-256=:AAAA:" } }),
    "content-digest",
  ],
  ["a digest by MD5", ({ headers }) => ({ headers: { ...headers, "content-digest": "md5=:AAAA:" } }), "content-digest"],
  [
    "a right digest beside a wrong one",
    ({ headers }) => ({ headers: { ...headers, "content-digest": `${digestOf(body)}, sha-512=:AAAA:` } }),
    "content-digest",
  ],
  [
    "no signature, only what it covers",
    ({ headers }) => ({ headers: { ...headers, signature: undefined } }),
    "Signature",
  ],
  [
    "no word of what it covers",
    ({ headers }) => ({ headers: { ...headers, "signature-input": undefined } }),
    "Signature-Input",
  ],
  ["a signature of nothing", ({ headers }) => ({ headers: { ...headers, signature: "sig1=::" } }), "does not match"],
  [
    "a label twice",
    ({ headers }) => ({ headers: { ...headers, signature: `${headers.signature as string}, sig1=:AAAA:` } }),
    "Signature",
  ],
  [
    "what it covers twice",
    ({ headers: { "signature-input": input, ...headers } }) => ({
      headers: { ...headers, "signature-input": `${String(input)}, ${String(input)}` },
    }),
    "Signature-Input",
  ],
  [
    "two signatures for us",
    ({ headers: { "signature-input": input, ...headers } }) => ({
      headers: { ...headers, "signature-input": `${String(input)}, ${String(input).replace("sig1", "sig2")}` },
    }),
    "Signature-Input",
  ],
  [
    "a header of thousands of blanks",
    ({ headers }) => ({ headers: { ...headers, "signature-input": `sig1=(${" ".repeat(15_000)}` } }),
    "Signature-Input",
  ],
  [
    "thousands of components",
    ({ headers }) => ({ headers: { ...headers, "signature-input": `sig1=(${'"@path" '.repeat(2_000)})` } }),
    "Signature-Input",
  ],
];
for (const [what, change, named] of alterations)
  test(`${what}: invalid`, async () => {
    const request = received();
    const altered = { ...request, ...change(request) } as Asking;
    assert.deepEqual(await failure(check(altered)), ["signature_invalid", named]);
  });

const usual = ["@method", "@authority", "@path", "@query", "content-type", "content-digest", "idempotency-key"];
for (const name of usual)
  test(`a genuine signature that leaves ${name} out is invalid, and says so`, async () => {
    const components = usual.filter((other) => other !== name);
    assert.deepEqual(await failure(check(received({ components }))), ["signature_invalid", name]);
  });

const written: [what: string, unusual: Unusual, code: string, named: unknown][] = [
  ["a component twice", { components: [...usual, "@path"] }, "signature_invalid", "a component is named twice"],
  ["a component that is not there", { components: [...usual, "date"] }, "signature_invalid", "date"],
  ["another tag", { tag: "feiqian-device" }, "signature_invalid", "tag"],
  ["a nonce of nothing", { nonce: "" }, "signature_invalid", "nonce"],
  ["a nonce of 129 characters", { nonce: "x".repeat(129) }, "signature_invalid", "nonce"],
  [
    "no nonce",
    { parameters: `;created=${at};keyid="key_demo_1";alg="hmac-sha256";tag="feiqian-api"` },
    "signature_invalid",
    "nonce",
  ],
  [
    "no moment",
    { parameters: ';keyid="key_demo_1";alg="hmac-sha256";nonce="1";tag="feiqian-api"' },
    "signature_invalid",
    "created",
  ],
  [
    "a moment in quotes",
    { parameters: ';created="1";keyid="key_demo_1";alg="hmac-sha256";nonce="1";tag="feiqian-api"' },
    "signature_invalid",
    "created",
  ],
  ["no key", { parameters: ';created=1;alg="hmac-sha256";nonce="1";tag="feiqian-api"' }, "signature_invalid", "keyid"],
  [
    "no algorithm",
    { parameters: ';created=1;keyid="key_demo_1";nonce="1";tag="feiqian-api"' },
    "signature_invalid",
    "alg",
  ],
  [
    "a parameter nobody knows",
    { parameters: ';created=1;keyid="key_demo_1";alg="hmac-sha256";nonce="1";tag="feiqian-api";x=1' },
    "signature_invalid",
    "x",
  ],
  [
    "a parameter twice",
    { parameters: ';created=1;created=2;keyid="key_demo_1";alg="hmac-sha256";nonce="1";tag="feiqian-api"' },
    "signature_invalid",
    "Signature-Input",
  ],
];
for (const [what, unusual, code, named] of written)
  test(`${what}: ${code}`, async () => {
    assert.deepEqual(await failure(check(received(unusual))), [code, named]);
  });

test("301 seconds in the past or in the future, or past its own end, it has expired; 290 are fine", async () => {
  const seconds = Math.floor(now() / 1000);
  for (const created of [seconds - 302, seconds + 302, 0, 999_999_999_999])
    assert.deepEqual(await failure(check(received({ created }))), ["signature_expired", undefined]);
  for (const created of [seconds - 290, seconds + 290]) await check(received({ created }));
  const until = (expires: number) =>
    `;created=${seconds};expires=${expires};keyid="key_demo_1";alg="hmac-sha256";nonce="until ${expires}";tag="feiqian-api"`;
  assert.deepEqual(await failure(check(received({ parameters: until(seconds - 1) }))), [
    "signature_expired",
    undefined,
  ]);
  await check(received({ parameters: until(seconds + 60) }));
});

test("the algorithm is the key's, never the request's: no HMAC made with the bytes of a public key", async () => {
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x as string, "base64url");
  const spellings = [raw, publicKey.export({ format: "der", type: "spki" }), Buffer.from(raw.toString("base64url"))];
  for (const bytes of spellings)
    for (const alg of ["hmac-sha256", "ed25519", "none", ""]) {
      const forger = { keyid: "key_demo_1", alg, key: createSecretKey(bytes) };
      const named = alg === "ed25519" ? "does not match" : "alg";
      assert.deepEqual(await failure(check(received({}, {}, forger), body, ed25519)), ["signature_invalid", named]);
    }
});

test("another's key, and another's key id, are invalid", async () => {
  const other = { ...signers.ed25519, key: generateKeyPairSync("ed25519").privateKey };
  assert.deepEqual(await failure(check(received({}, {}, other), body, ed25519)), [
    "signature_invalid",
    "does not match",
  ]);
  const renamed = { ...signers.ed25519, keyid: "key_demo_2" };
  assert.deepEqual(await failure(check(received({}, {}, renamed), body, ed25519)), ["signature_invalid", "keyid"]);
});

test("a body changed by one byte, or cut, or swapped for one with the same meaning, is invalid", async () => {
  for (const other of [
    '{"amount":1251,"currency":"CNY"}',
    body.slice(0, -1),
    `${body} `,
    "",
    '{"currency":"CNY","amount":1250}',
  ])
    assert.deepEqual(await failure(check(received(), other)), ["signature_invalid", "content-digest"]);
});

test("a nonce is used up by what is genuine only, and by each key for itself", async () => {
  const nonce = `n-${Math.random()}`;
  const forger = { ...signers["hmac-sha256"], key: createSecretKey(Buffer.from("guess")) };
  assert.deepEqual(await failure(check(received({ nonce }, {}, forger))), ["signature_invalid", "does not match"]);
  await check(received({ nonce }));
  assert.deepEqual(await failure(check(received({ nonce }, { path: "/v1/refunds" }))), [
    "signature_replayed",
    undefined,
  ]);
  const other = { ...signers["hmac-sha256"], keyid: "key_demo_3" };
  await check(received({ nonce }, {}, other), body, { ...hmac, id: "key_demo_3" });
});

test("of forty that arrive at once with one nonce, one is accepted", async () => {
  const request = received();
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => check(request)));
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
});

test("a signature of somebody else's, under another label and tag, is none of our business", async () => {
  const request = received();
  const theirs = {
    signature: "proxy=:AAAA:",
    "signature-input": 'proxy=("@method";req "x";key="a b");tag="web-bot";p=?1',
  };
  assert.equal(isSigned({ headers: theirs }, "feiqian-api"), false);
  const both = {
    signature: `${theirs.signature} , ${String(request.headers.signature)}`,
    "signature-input": `${theirs["signature-input"]},${String(request.headers["signature-input"])}`,
  };
  await check({ ...request, headers: { ...request.headers, ...both } });
  for (const ours of [{ signature: "sig1=:AAAA:" }, { "signature-input": 'x=();tag="feiqian-api"' }])
    assert.equal(isSigned({ headers: ours }, "feiqian-api"), true);
});
