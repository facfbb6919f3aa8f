import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { test } from "node:test";
import type { Static } from "typebox";
import { now } from "#kit/clock.ts";
import { database, inTransaction } from "#kit/db.ts";
import { onDeviceRevoked } from "#modules/identity";
import { advance, ok, refused, times, useServer } from "#test/people.ts";
import { endDeviceCodes } from "./end-device-codes.ts";
import { resolveCode } from "./resolve-code.ts";
import { codeRoutes } from "./routes.ts";
import type { CreateCodeKey } from "./schemas.ts";
import { type AliasState, readAliases } from "./use-codes.ts";

const { ask, aUser } = useServer(codeRoutes);
onDeviceRevoked(endDeviceCodes);

/** A signed-in user with a device, which can be enrolled for offline codes. */
async function aCustomer() {
  const user = await aUser();
  const { device } = await user.signIn({ name: "A phone" });
  const path = `/v1/devices/${device.id}`;
  return {
    ...user,
    device: device.id as string,
    showCode: async (body?: object) => ok(await user.ask("POST", "/v1/payment_codes", body)),
    enrol: async () => ok(await user.ask("POST", `${path}/code_key`)),
    rotate: async () => ok(await user.ask("POST", `${path}/code_alias`)),
    revoke: async () => ok(await user.ask("DELETE", `/v1/users/me/devices/${device.id}`)),
  };
}

type CodeKeyAnswer = Static<(typeof CreateCodeKey)["response"][200]>;

/** What a phone computes from the answer that enrolled it, without our code. */
function offlineCode(enrolment: CodeKeyAnswer, n = 0): string {
  const { issuer_prefix, alias, key, step_seconds, digits } = enrolment;
  const message = Buffer.alloc(9);
  message.writeBigUInt64BE(BigInt(Math.floor(now() / 1000 / step_seconds)));
  message[8] = n;
  const mac = createHmac("sha256", Buffer.from(key, "base64url")).update(message).digest();
  const value = mac.readUInt32BE((mac[31] as number) & 15) % 2 ** 31;
  return issuer_prefix + alias + String(value % 10 ** digits).padStart(digits, "0");
}

const aliasIn = (code: string): string => code.slice(2, 11);

async function stateOf(alias: string): Promise<AliasState | undefined> {
  return (await inTransaction((tx) => readAliases(tx, [Number(alias)]))).states.get(Number(alias));
}

/** Whether a payment would be taken with this code: it is the user's and its alias is in use. */
async function works(code: string, userId: string): Promise<boolean> {
  const it = await resolveCode(code);
  return it.kind === "own" && it.userId === userId && (await stateOf(aliasIn(code)))?.usable === true;
}

test("a user gets a code of 18 digits that is theirs and ends within a minute", async () => {
  const customer = await aCustomer();
  for (const body of [undefined, {}, { device: customer.device }]) {
    const code = await customer.showCode(body);
    assert.deepEqual(Object.keys(code), ["id", "object", "code", "expires_at"]);
    assert.match(code.id, /^cod_/);
    assert.equal(code.object, "payment_code");
    assert.match(code.code, /^88\d{16}$/);
    const left = Date.parse(code.expires_at) - now();
    assert.ok(left > 25_000 && left <= 60_000, `${left} ms left`);
    assert.ok(await works(code.code, customer.id));
    const it = await resolveCode(code.code);
    assert.ok(it.kind === "own" && it.step * 30_000 + 60_000 === Date.parse(code.expires_at) && !it.livemode);
  }
});

test("an online code's alias is its own and ends with it", async () => {
  const customer = await aCustomer();
  const codes = [await customer.showCode(), await customer.showCode(), await customer.showCode()];
  assert.equal(new Set(codes.map(({ code }) => aliasIn(code))).size, 3);
  for (const { code } of codes) assert.ok(await works(code, customer.id));
  await advance(60);
  for (const { code } of codes) assert.equal((await stateOf(aliasIn(code)))?.reason, "payment_code_expired");
});

test("an enrolled device has all it needs to make codes by itself", async () => {
  const customer = await aCustomer();
  const answer = await customer.enrol();
  const { alias, key, server_time, ...rest } = answer;
  assert.deepEqual(rest, {
    object: "code_key",
    device: customer.device,
    issuer_prefix: "88",
    step_seconds: 30,
    digits: 7,
    codes_per_step: 3,
  });
  assert.match(alias, /^\d{9}$/);
  assert.equal(Buffer.from(key, "base64url").length, 32);
  assert.ok(Math.abs(Date.parse(server_time) - now()) < 2_000);
  for (const n of [0, 1, 2]) assert.ok(await works(offlineCode(answer, n), customer.id));
  assert.equal(await works(offlineCode(answer, 3), customer.id), false);
});

test("a contact changes the alias and not the key; the alias before works for two more minutes", async () => {
  const customer = await aCustomer();
  const before = await customer.enrol();
  const { object, device, alias } = await customer.rotate();
  assert.deepEqual([object, device], ["code_alias", customer.device]);
  assert.notEqual(alias, before.alias);
  assert.ok(await works(offlineCode({ ...before, alias }), customer.id));
  assert.ok(await works(offlineCode(before), customer.id));
  await advance(115);
  assert.ok(await works(offlineCode(before), customer.id));
  await advance(6);
  assert.equal((await stateOf(before.alias))?.reason, "payment_code_expired");
  assert.ok(await works(offlineCode({ ...before, alias }), customer.id));
});

test("a code made online for an enrolled device carries the device's next alias", async () => {
  const customer = await aCustomer();
  const before = await customer.enrol();
  const { code } = await customer.showCode({ device: customer.device });
  const alias = aliasIn(code);
  assert.notEqual(alias, before.alias);
  await advance(300);
  assert.ok(await works(offlineCode({ ...before, alias }), customer.id));
  assert.equal((await stateOf(before.alias))?.usable, false);
});

test("enrolling again hands over another key, and the codes of the one before are dead", async () => {
  const customer = await aCustomer();
  const [first, second] = [await customer.enrol(), await customer.enrol()];
  assert.notEqual(first.key, second.key);
  assert.equal(await works(offlineCode(first), customer.id), false);
  assert.ok(await works(offlineCode(second), customer.id));
});

test("revoking a device kills what it shows at once, online codes too, and leaves other devices alone", async () => {
  const customer = await aCustomer();
  const { device: other } = await customer.signIn({ name: "Another phone" });
  const unenrolled = await customer.showCode({ device: customer.device });
  const key = await customer.enrol();
  const online = await customer.showCode({ device: customer.device });
  const others = [await customer.showCode({ device: other.id }), await customer.showCode()];
  const codes = [unenrolled.code, offlineCode({ ...key, alias: aliasIn(online.code) }, 1), online.code];
  for (const code of [...codes, ...others.map(({ code }) => code)]) assert.ok(await works(code, customer.id));
  await customer.revoke();
  for (const code of codes) assert.equal((await stateOf(aliasIn(code)))?.reason, "payment_code_invalid");
  for (const { code } of others) assert.ok(await works(code, customer.id));
});

test("a device that is revoked, unknown or somebody else's is not found", async () => {
  const [customer, stranger] = [await aCustomer(), await aCustomer()];
  await stranger.enrol();
  const { device: revoked } = await customer.signIn({ name: "A lost phone" });
  ok(await customer.ask("DELETE", `/v1/users/me/devices/${revoked.id}`));
  const unknown = customer.device.replace(/.{6}$/, "zzzzzz");
  for (const id of [stranger.device, revoked.id, unknown]) {
    refused(await customer.ask("POST", `/v1/devices/${id}/code_key`), 404, "not_found");
    refused(await customer.ask("POST", `/v1/devices/${id}/code_alias`), 404, "not_found");
    refused(await customer.ask("POST", "/v1/payment_codes", { device: id }), 404, "not_found");
  }
});

test("an alias can be changed only on a device that is enrolled", async () => {
  const customer = await aCustomer();
  refused(await customer.ask("POST", `/v1/devices/${customer.device}/code_alias`), 409, "device_not_enrolled");
});

test("enrolling and revoking at once never leaves a code that works", async () => {
  for (const customer of await Promise.all(times(6, aCustomer))) {
    const path = `/v1/devices/${customer.device}/code_key`;
    const [enrolled, shown] = await Promise.all([
      customer.ask("POST", path),
      customer.ask("POST", "/v1/payment_codes", { device: customer.device }),
      customer.revoke(),
    ]);
    if (enrolled.status === 200) assert.equal(await works(offlineCode(enrolled.body), customer.id), false);
    if (shown.status === 200) assert.equal(await works(shown.body.code, customer.id), false);
    for (const { status } of [enrolled, shown]) assert.ok(status === 200 || status === 404, `${status}`);
  }
});

test("twenty codes at once for a new user: each works, and the user has one online key", async () => {
  const customer = await aCustomer();
  const codes = await Promise.all(times(20, () => customer.showCode()));
  assert.equal(new Set(codes.map(({ code }) => code)).size, 20);
  for (const { code } of codes) assert.ok(await works(code, customer.id));
  const { rows } = await database().query("select from code_keys where user_id = $1", [customer.id]);
  assert.equal(rows.length, 1);
});

test("twenty contacts at once leave one alias that stays", async () => {
  const customer = await aCustomer();
  await customer.enrol();
  const answers = await Promise.all(times(20, () => customer.rotate()));
  const { rows } = await database().query<{ alias: number; present: number }>(
    `select a.alias, k.alias as present from code_aliases a join code_keys k on k.id = a.code_key_id
      where a.user_id = $1 and a.valid_until is null`,
    [customer.id],
  );
  assert.equal(rows.length, 1);
  assert.equal(rows[0]?.alias, rows[0]?.present);
  assert.ok(answers.some(({ alias }) => Number(alias) === rows[0]?.alias));
});

test("a repeated enrolment gets the same key again, and the key is not kept in the clear", async () => {
  const customer = await aCustomer();
  const headers = { "idempotency-key": randomUUID() };
  const enrol = () => customer.ask("POST", `/v1/devices/${customer.device}/code_key`, undefined, headers);
  const [first, second] = [await enrol(), await enrol()];
  assert.deepEqual(ok(second), ok(first));
  assert.equal(second.headers.get("idempotent-replayed"), "true");
  assert.ok(await works(offlineCode(first.body), customer.id));
  const { rows } = await database().query<{ answer: string }>("select answer from idempotency_keys");
  assert.ok(rows.length > 0);
  for (const { answer } of rows) assert.ok(!answer?.includes(first.body.key));
});

test("a repeated request for a code gets the same code", async () => {
  const customer = await aCustomer();
  const headers = { "idempotency-key": randomUUID() };
  const show = () => customer.ask("POST", "/v1/payment_codes", {}, headers);
  assert.deepEqual(ok(await show()), ok(await show()));
});

test("what these routes do not know is refused by name", async () => {
  const customer = await aCustomer();
  const post = (path: string, body: unknown) => customer.ask("POST", path, body);
  assert.equal(refused(await post("/v1/payment_codes", { devise: 1 }), 400, "parameter_unknown").param, "/devise");
  assert.equal(refused(await post("/v1/payment_codes", { device: 7 }), 400, "parameter_invalid").param, "/device");
  refused(await post("/v1/payment_codes", { device: "dev_1" }), 400, "parameter_invalid");
  refused(await post("/v1/payment_codes", [1]), 400, "parameter_invalid");
  refused(await post(`/v1/devices/${customer.device}/code_key`, { key: "mine" }), 400, "parameter_unknown");
  refused(await post(`/v1/devices/${customer.device}/code_alias`, { alias: "1" }), 400, "parameter_unknown");
  for (const path of ["/v1/payment_codes", `/v1/devices/${customer.device}/code_key`]) {
    refused(await ask("POST", path, {}), 401, "credentials_missing");
  }
});
