import assert from "node:assert/strict";
import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { test } from "node:test";
import { now } from "#kit/clock.ts";
import { unseal } from "#kit/crypto.ts";
import { database } from "#kit/db.ts";
import { advance, asLive, codeSentTo, ok, refused, useServer } from "#test/people.ts";
import { openSigningKeys, signAccessToken } from "./access-tokens.ts";

const { ask, aUser, aStaff } = useServer();

type Parts = { header: Record<string, unknown>; payload: Record<string, unknown>; signature: string };

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
const decode = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());

function open(token: string): Parts {
  const [header, payload, signature] = token.split(".") as [string, string, string];
  return { header: decode(header), payload: decode(payload), signature };
}

const withSignature = ({ header, payload }: Parts, make: (text: string) => string): string => {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${make(text)}`;
};

const me = (token: string) => ask("GET", "/v1/users/me", undefined, { token });

const ed25519 = (key: KeyObject) => (text: string) => sign(null, Buffer.from(text), key).toString("base64url");

test("a token says who, for whom, until when, and which key signed it", async () => {
  const { id, token, session } = await aUser();
  const { header, payload } = open(token);
  const { rows } = await database().query("select kid from signing_keys");
  assert.deepEqual(header, { alg: "EdDSA", typ: "at+jwt", kid: rows[0].kid });
  const { iat, exp, jti, ...rest } = payload as { iat: number; exp: number; jti: string };
  assert.deepEqual(rest, { sid: session.session, livemode: false, iss: "feiqian", aud: "feiqian:user", sub: id });
  assert.equal(exp - iat, 600);
  assert.match(jti, /^[0-9a-f-]{36}$/);
});

test("a token changed anywhere is refused", async () => {
  const [ann, bo] = [await aUser(), await aUser()];
  const { header, payload, signature } = open(ann.token);
  const forged: Record<string, string> = {
    "somebody else's id": `${encode(header)}.${encode({ ...payload, sub: bo.id })}.${signature}`,
    "a longer life": `${encode(header)}.${encode({ ...payload, exp: (payload.exp as number) + 9 })}.${signature}`,
    "another audience": `${encode(header)}.${encode({ ...payload, aud: "feiqian:staff" })}.${signature}`,
    "another header": `${encode({ ...header, typ: "jwt" })}.${encode(payload)}.${signature}`,
    "a signature of another token": ann.token.replace(/[^.]+$/, bo.token.split(".")[2] as string),
    "no signature": ann.token.replace(/[^.]+$/, ""),
    "a cut signature": ann.token.slice(0, -4),
    "a longer signature": `${ann.token}AAAA`,
    "four parts": `${ann.token}.e30`,
    "two parts": ann.token.replace(/\.[^.]+$/, ""),
    "no JSON": "eyJhbGciOiJFZERTQSJ9.bm90IGpzb24.AAAA",
    "a null payload": `${encode(header)}.${Buffer.from("null").toString("base64url")}.${signature}`,
    "not a token": "x",
  };
  ok(await me(ann.token));
  for (const [what, token] of Object.entries(forged)) {
    assert.equal((await me(token)).body.error?.code, "credentials_unknown", what);
  }
});

test("no algorithm but ours is taken: none, HMAC with the public key, another curve's name", async () => {
  const { token } = await aUser();
  const parts = open(token);
  const { rows } = await database().query("select public_jwk from signing_keys");
  const publicKey: string = rows[0].public_jwk.x;
  const as = (alg: string): Parts => ({ ...parts, header: { ...parts.header, alg } });
  const hmacs = [publicKey, Buffer.from(publicKey, "base64url"), JSON.stringify(rows[0].public_jwk)];
  const forged = [
    ...["none", "None", "NONE", ""].map((alg) => withSignature(as(alg), () => "")),
    ...hmacs.map((key) =>
      withSignature(as("HS256"), (text) => createHmac("sha256", key).update(text).digest("base64url")),
    ),
    withSignature(as("Ed25519"), () => parts.signature),
    withSignature(as("ES256"), () => parts.signature),
  ];
  for (const token of forged) refused(await me(token), 401, "credentials_unknown");
});

test("a key that a token brings along or points to is not believed", async () => {
  const { token } = await aUser();
  const parts = open(token);
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const jwk = publicKey.export({ format: "jwk" });
  const headers = [
    parts.header,
    { ...parts.header, jwk },
    { alg: "EdDSA", typ: "at+jwt", jwk },
    { ...parts.header, kid: "unknown" },
    { ...parts.header, jku: "https://example.com/jwks.json", kid: "unknown" },
    { ...parts.header, kid: { toString: "x" } },
    { ...parts.header, crit: ["exp"], exp: 1 },
  ];
  for (const header of headers) {
    refused(await me(withSignature({ ...parts, header }, ed25519(privateKey))), 401, "credentials_unknown");
  }
});

test("our own signature does not make anything an access token: type, algorithm, issuer, audience and claims must fit", async () => {
  const { token } = await aUser();
  const parts = open(token);
  const { rows } = await database().query("select kid, sealed_private_jwk as sealed from signing_keys");
  const jwk = JSON.parse(unseal(rows[0].sealed, `signing_keys.private_jwk ${rows[0].kid}`).toString());
  const sign = ed25519(createPrivateKey({ key: jwk, format: "jwk" }));
  const { header, payload } = parts;
  ok(await me(withSignature(parts, sign)));
  const { sid: _sid, ...withoutSession } = payload;
  const { exp: _exp, ...withoutEnd } = payload;
  const misused: Record<string, Pick<Parts, "header" | "payload">> = {
    "another type": { header: { ...header, typ: "JWT" }, payload },
    "no type": { header: { alg: header.alg, kid: header.kid }, payload },
    "another name of the algorithm": { header: { ...header, alg: "Ed25519" }, payload },
    "no key id": { header: { alg: header.alg, typ: header.typ }, payload },
    "an extension nobody knows": { header: { ...header, crit: ["x"], x: true }, payload },
    "another issuer": { header, payload: { ...payload, iss: "somebody" } },
    "another audience": { header, payload: { ...payload, aud: "feiqian:receipts" } },
    "several audiences": { header, payload: { ...payload, aud: ["feiqian:user", "feiqian:staff"] } },
    "no session": { header, payload: withoutSession },
    "no end": { header, payload: withoutEnd },
    "not yet": { header, payload: { ...payload, nbf: (payload.exp as number) - 1 } },
  };
  for (const [what, changed] of Object.entries(misused)) {
    const answer = await me(withSignature({ ...parts, ...changed }, sign));
    assert.equal(answer.body.error?.code, "credentials_unknown", what);
  }
});

test("a token lives for ten minutes by the platform's clock, also when it was seen before", async () => {
  const { token } = await aUser();
  ok(await me(token));
  await advance(580);
  ok(await me(token));
  await advance(21);
  refused(await me(token), 401, "token_expired");
  const { header, payload } = open(token);
  const unsigned = `${encode(header)}.${encode({ ...payload, exp: Math.floor(now() / 1000) - 1 })}.${"A".repeat(86)}`;
  refused(await me(unsigned), 401, "credentials_unknown");
});

test("users' and staff's tokens open nothing of the other's", async () => {
  const user = await aUser();
  const staff = ok(await (await aStaff()).signIn());
  assert.equal(refused(await me(staff.access_token), 403, "actor_not_allowed").details.allowed[0], "user");
  refused(await ask("GET", "/v1/staff/me", undefined, { token: user.token }), 403, "actor_not_allowed");
  const claims = { subject: user.id, sessionId: user.session.session, livemode: false };
  const crossed = await signAccessToken("feiqian:staff", claims);
  refused(await ask("GET", "/v1/staff/me", undefined, { token: crossed }), 401, "credentials_unknown");
});

test("a genuine token of a session that does not exist, or of the other mode, is refused", async () => {
  const user = await aUser();
  const claims = { subject: user.id, sessionId: user.session.session, livemode: false };
  ok(await me(await signAccessToken("feiqian:user", claims)));
  for (const other of [
    { ...claims, sessionId: `ses_${"0".repeat(26)}` },
    { ...claims, subject: (await aUser()).id },
    { ...claims, livemode: true },
  ]) {
    refused(await me(await signAccessToken("feiqian:user", other)), 401, "credentials_unknown");
  }
});

test("a live server knows nothing of test users", async () => {
  const { phone, password, token } = await aUser();
  await asLive(async () => {
    refused(await me(token), 401, "credentials_unknown");
    refused(await ask("POST", "/v1/sessions", { phone, password }), 401, "credentials_invalid");
    ok(await ask("POST", "/v1/one_time_codes", { phone, purpose: "register" }));
    const code = await codeSentTo(phone);
    const live = ok(await ask("POST", "/v1/users", { phone, password: randomUUID(), code }));
    assert.equal(live.livemode, true);
  });
  ok(await ask("POST", "/v1/sessions", { phone, password }));
});

test("the signing key is made once, whoever starts first, and stays", async () => {
  const { token, id, session } = await aUser();
  await Promise.all([openSigningKeys(), openSigningKeys()]);
  ok(await me(token));
  const unseen = await signAccessToken("feiqian:user", { subject: id, sessionId: session.session, livemode: false });
  await database().query("delete from signing_keys");
  await Promise.all([openSigningKeys(), openSigningKeys(), openSigningKeys()]);
  const { rows } = await database().query("select generation from signing_keys");
  assert.deepEqual(rows, [{ generation: 1 }]);
  refused(await me(unseen), 401, "credentials_unknown");
});

test("a header that is no bearer token is refused by name", async () => {
  const { token } = await aUser();
  refused(await ask("GET", "/v1/users/me"), 401, "credentials_missing");
  for (const authorization of ["Bearer", "Bearer ", `Basic ${token}`, `bearer${token}`, token]) {
    refused(await ask("GET", "/v1/users/me", undefined, { headers: { authorization } }), 401, "credentials_unknown");
  }
});
