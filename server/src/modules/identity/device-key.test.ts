import assert from "node:assert/strict";
import { createHash, createSecretKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { test } from "node:test";
import { allow } from "#kit/access.ts";
import { database } from "#kit/db.ts";
import { once } from "#kit/idempotency.ts";
import { ok, refused, useServer } from "#test/people.ts";
import { type Sendable, type Sent, type Signer, send, signed, type Unusual } from "#test/signing.ts";

let acts = 0;
const { ask, aUser, base } = useServer((app) => {
  app.post(
    "/v1/act",
    { config: allow("user") },
    once(async () => ({ act: ++acts })),
  );
});

const xOf = (key: KeyObject): string => key.export({ format: "jwk" }).x as string;
const proofOf = (device: string, publicKey: KeyObject, privateKey: KeyObject): string =>
  sign(null, Buffer.from(`feiqian device key\n${device}\n${xOf(publicKey)}`), privateKey).toString("base64url");

/** A user who is signed in from a device, and a key pair that lies there. */
async function aCustomer() {
  const user = await aUser();
  const { device, access_token: token } = await user.signIn({ name: "A phone" });
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const path = `/v1/users/me/devices/${device.id}/key`;
  const signer: Signer = { keyid: device.id, alg: "ed25519", key: privateKey };
  const enrol = (body: object = {}, by: string = token) =>
    ask(
      "POST",
      path,
      { public_key: xOf(publicKey), proof: proofOf(device.id, publicKey, privateKey), ...body },
      { token: by },
    );
  return { ...user, device: device.id as string, token: token as string, publicKey, privateKey, signer, enrol };
}

type Customer = Awaited<ReturnType<typeof aCustomer>>;

async function withKey(): Promise<Customer> {
  const customer = await aCustomer();
  ok(await customer.enrol());
  return customer;
}

const act = (body = '{"a":1}'): Sendable => ({
  method: "POST",
  path: "/v1/act",
  headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
  body,
});
const device = (asked: Sendable, { signer }: Customer, unusual: Unusual = {}): Sendable =>
  signed(base(), asked, signer, { tag: "feiqian-device", ...unusual });
const sendAs = ({ token }: { token: string }, { headers, ...asked }: Sendable): Promise<Sent> =>
  send(base(), { ...asked, headers: { authorization: `Bearer ${token}`, ...headers } });
const code = ({ status, body }: Sent) => [status, body.error?.code ?? null];

test("a device is bound to the key that it proves, and shows its fingerprint; the act is told and written down", async () => {
  const customer = await aCustomer();
  const list = async () => ok(await ask("GET", "/v1/users/me/devices", undefined, customer)).data[0];
  assert.equal((await list()).key, null);
  const bound = ok(await customer.enrol());
  const thumbprint = createHash("sha256")
    .update(`{"crv":"Ed25519","kty":"OKP","x":"${xOf(customer.publicKey)}"}`)
    .digest("base64url");
  assert.equal(bound.key.fingerprint, thumbprint);
  assert.match(bound.key.enrolled_at, /^20\d\d-/);
  assert.deepEqual(await list(), bound);
  const about = [customer.device];
  const { rows: events } = await database().query(
    "select type from events where object_id = $1 order by position",
    about,
  );
  assert.deepEqual(
    events.map(({ type }) => type),
    ["device.enrolled", "device.key_enrolled"],
  );
  const { rows: written } = await database().query("select action, after from audit_log where object_id = $1", about);
  assert.equal(written.find(({ action }) => action === "device.key_enrolled").after.key, "[secret]");
});

test("from then on what changes something is refused unsigned, in each session of the device, at once", async () => {
  const customer = await aCustomer();
  const { access_token: token } = await customer.signIn({ id: customer.device });
  const other = { token: token as string };
  for (const session of [customer, other]) assert.equal((await sendAs(session, act())).status, 200);
  ok(await customer.enrol());
  for (const session of [customer, other]) {
    assert.deepEqual(code(await sendAs(session, act())), [401, "device_signature_missing"]);
    assert.equal((await sendAs(session, device(act(), customer))).status, 200);
    ok(await ask("GET", "/v1/users/me", undefined, session));
    ok(await ask("PATCH", "/v1/users/me", { locale: "en" }, session));
  }
  const { token: elsewhere } = { token: customer.session.access_token as string };
  assert.equal(
    (await sendAs({ token: elsewhere }, act())).status,
    200,
    "a session without a device has no key to sign with",
  );
  const pin = await ask("PUT", "/v1/users/me/payment_pin", { pin: "402917", password: customer.password }, customer);
  refused(pin, 401, "device_signature_missing");
  refused(
    await ask("DELETE", `/v1/users/me/devices/${customer.device}`, undefined, customer),
    401,
    "device_signature_missing",
  );
});

const forgeries: [what: string, forge: (customer: Customer, other: Customer) => Sendable, named: string][] = [
  [
    "another key",
    (customer, other) => device(act(), { ...customer, signer: { ...customer.signer, key: other.privateKey } }),
    "does not match",
  ],
  ["another device's signature", (_, other) => device(act(), other), "keyid"],
  ["a signature for an API key", (customer) => device(act(), customer, { tag: "feiqian-api" }), "tag"],
  ["another body", (customer) => ({ ...device(act(), customer), body: '{"a":2}' }), "content-digest"],
  [
    "another path",
    (customer) => ({ ...device({ ...act(), path: "/v1/users/me/devices" }, customer), path: "/v1/act" }),
    "does not match",
  ],
  [
    "another idempotency key",
    (customer) => {
      const request = device(act(), customer);
      return { ...request, headers: { ...request.headers, "idempotency-key": randomUUID() } };
    },
    "does not match",
  ],
  [
    "no idempotency key",
    (customer) =>
      device(act(), customer, {
        components: ["@method", "@authority", "@path", "@query", "content-type", "content-digest"],
      }),
    "idempotency-key",
  ],
  [
    "an HMAC with the public key",
    (customer) =>
      device(act(), {
        ...customer,
        signer: { ...customer.signer, key: createSecretKey(Buffer.from(xOf(customer.publicKey), "base64url")) },
      }),
    "does not match",
  ],
  ["a moment long ago", (customer) => device(act(), customer, { created: 1_763_712_000 }), "expired"],
];
for (const [what, forge, named] of forgeries)
  test(`${what} is no signature of this device`, async () => {
    const [customer, other] = await Promise.all([withKey(), withKey()]);
    const before = acts;
    const { status, body } = await sendAs(customer, forge(customer, other));
    const { component, parameter, reason } = body.error?.details ?? {};
    assert.deepEqual(
      [status, body.error?.code, component ?? parameter ?? reason],
      [401, "device_signature_invalid", named],
    );
    assert.equal(acts, before);
  });

test("what was overheard gives nothing a second time, not even the stored answer", async () => {
  const customer = await withKey();
  const request = device(act(), customer);
  const first = await sendAs(customer, request);
  assert.equal(first.status, 200);
  const again = await sendAs(customer, request);
  assert.deepEqual([...code(again), again.body.error.details.reason], [401, "device_signature_invalid", "replayed"]);
});

test("a key is bound by the device itself, once, and with the private half in hand", async () => {
  const customer = await aCustomer();
  const { device: id, publicKey, privateKey } = customer;
  const stranger = await aCustomer();
  const second = ok(await ask("POST", "/v1/users/me/devices", { name: "Another" }, customer));
  refused(await customer.enrol({}, customer.session.access_token), 403, "device_session_needed");
  refused(await customer.enrol({}, stranger.token), 404, "not_found");
  const proofs = [
    proofOf(second.id, publicKey, privateKey),
    proofOf(id, publicKey, stranger.privateKey),
    proofOf(id, stranger.publicKey, privateKey),
    "A".repeat(86),
  ];
  for (const proof of proofs) refused(await customer.enrol({ proof }), 400, "device_key_proof_invalid");
  for (const public_key of ["A".repeat(43), `AQ${"A".repeat(41)}`])
    assert.equal(refused(await customer.enrol({ public_key }), 400, "parameter_invalid").param, "/public_key");
  const jwk = customer.publicKey.export({ format: "jwk" });
  const results = await Promise.all([customer.enrol(), customer.enrol({ public_key: jwk }), customer.enrol()]);
  assert.equal(results.filter(({ status }) => status === 200).length, 1);
  const path = `/v1/users/me/devices/${id}/key`;
  const body = JSON.stringify({
    public_key: xOf(stranger.publicKey),
    proof: proofOf(id, stranger.publicKey, stranger.privateKey),
  });
  const another = { method: "POST", path, headers: { "content-type": "application/json" }, body };
  assert.deepEqual(code(await sendAs(customer, another)), [401, "device_signature_missing"]);
  assert.deepEqual(code(await sendAs(customer, device(another, customer))), [409, "device_key_exists"]);
});

test("a revoked device's key is dead, whoever has it and whatever token they hold", async () => {
  const customer = await withKey();
  const elsewhere = { token: customer.session.access_token as string };
  ok(await ask("DELETE", `/v1/users/me/devices/${customer.device}`, undefined, elsewhere));
  assert.deepEqual(code(await sendAs(customer, device(act(), customer))), [401, "credentials_unknown"]);
  const again = { phone: customer.phone, password: customer.password, device: { id: customer.device } };
  refused(await ask("POST", "/v1/sessions", again), 404, "not_found");
});
