import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { test } from "node:test";
import { useDatabase } from "#test/database.ts";
import type { Actor } from "./actor.ts";
import { bySystem, hashOfAddress, type Origin, recordAct, recordRefusal } from "./audit.ts";
import { changedFields, personalMark, secretMark } from "./audit-redaction.ts";
import { openKeyring } from "./crypto.ts";
import { database, inTransaction } from "./db.ts";

useDatabase({ prepare: () => openKeyring(randomBytes(32)) });

const staff: Actor = { kind: "staff", staffId: "stf_1", sessionId: "ses_1", role: "operator", permissions: new Set() };
const merchant: Actor = { kind: "merchant", merchantId: "mch_1", livemode: false, keyId: "key_1", scopes: null };
const user: Actor = { kind: "user", userId: "usr_1", livemode: false, sessionId: "ses_2" };
const asked = (actor?: Actor): Origin => ({ id: `req_${randomUUID()}`, ip: "203.0.113.7", actor });

const rowOf = async (request: Origin) =>
  (await database().query("select * from audit_log where request_id = $1", [request.id])).rows[0];

async function recorded(request: Origin, act: Partial<Parameters<typeof recordAct>[2]> = {}) {
  await inTransaction((tx) =>
    recordAct(tx, request, { action: "store.updated", object: { type: "store", id: "sto_1" }, ...act }),
  );
  return rowOf(request);
}

test("an act says who, what, whose, from where and under which request", async () => {
  const request = asked(staff);
  const row = await recorded(request, { owner: { id: "mch_1", livemode: true }, reason: "asked by phone" });
  assert.deepEqual(
    [row.actor_kind, row.actor_id, row.actor_session, row.actor_role],
    ["staff", "stf_1", "ses_1", "operator"],
  );
  assert.deepEqual(
    [row.action, row.outcome, row.object_type, row.object_id],
    ["store.updated", "done", "store", "sto_1"],
  );
  assert.deepEqual([row.owner_id, row.livemode, row.reason], ["mch_1", true, "asked by phone"]);
  assert.deepEqual([row.address, row.request_id], ["203.0.113.7", request.id]);
});

test("whose the object is need not be said by a merchant or a user", async () => {
  const ofMerchant = await recorded(asked(merchant));
  assert.deepEqual([ofMerchant.owner_id, ofMerchant.livemode, ofMerchant.actor_session], ["mch_1", false, "key_1"]);
  const ofUser = await recorded(asked(user));
  assert.deepEqual([ofUser.owner_id, ofUser.actor_id], ["usr_1", "usr_1"]);
  assert.equal((await recorded(asked(staff))).owner_id, "platform");
});

test("the address of a person is masked, and found by whoever knows it", async () => {
  for (const actor of [user, undefined]) {
    const row = await recorded(asked(actor));
    assert.equal(row.address, "203.0.113.×");
    assert.equal(row.address_hash, hashOfAddress("203.0.113.7"));
  }
});

test("an act that is rolled back leaves no row; a refusal leaves one by itself", async () => {
  const [failing, refused] = [asked(staff), asked(staff)];
  await assert.rejects(
    inTransaction(async (tx) => {
      await recordAct(tx, failing, { action: "store.updated", object: { type: "store", id: "sto_1" } });
      throw new Error("no");
    }),
  );
  assert.equal(await rowOf(failing), undefined);
  await recordRefusal(refused, {
    action: "store.updated",
    object: { type: "store", id: "sto_1" },
    reason: "scope_missing",
  });
  const row = await rowOf(refused);
  assert.deepEqual([row.outcome, row.reason], ["refused", "scope_missing"]);
});

test("a job acts as the system, under its name", async () => {
  await inTransaction((tx) =>
    recordAct(tx, bySystem("payments.expire"), { action: "payment.closed", object: { type: "payment", id: "pay_1" } }),
  );
  const { rows } = await database().query("select * from audit_log where actor_kind = 'system'");
  assert.deepEqual([rows[0].actor_id, rows[0].address, rows[0].request_id], ["payments.expire", null, null]);
});

test("before and after hold what differs, and all of what was made or removed", () => {
  const before = { id: "mch_1", object: "merchant", name: "Tea", status: "active", tags: ["a"] };
  const after = { ...before, status: "suspended", tags: ["a", "b"] };
  assert.deepEqual(changedFields("merchant", before, after), {
    before: { status: "active", tags: ["a"] },
    after: { status: "suspended", tags: ["a", "b"] },
  });
  assert.deepEqual(changedFields("merchant", undefined, before), {
    before: null,
    after: { name: "Tea", status: "active", tags: ["a"] },
  });
});

test("no secret and nothing personal is written down, by the field's name or by its looks", () => {
  const secrets = {
    secret: "x",
    api_key: "x",
    current_pin: "123456",
    totp_secret: "x",
    sealedPassword: "x",
    recovery_codes: ["x"],
    note: "use sk_test_abcdefghijklmnop now",
    url: "https://example.com/?card=4111 1111 1111 1111",
    nested: { deep: [{ privateKey: "x" }] },
  };
  const text = JSON.stringify(changedFields("api_key", undefined, secrets).after);
  assert.doesNotMatch(text, /"x"|123456|sk_test|4111/);
  assert.ok(text.includes(secretMark));

  const person = {
    phone: "+8613812345678",
    note: "ming@example.com",
    name: "Ming",
    metadata: { tel: "+4915112345678" },
  };
  const changed = changedFields("user", person, { ...person, name: "Wang", phone: "+8613912345678" });
  assert.deepEqual(changed.after, { phone: personalMark, name: personalMark });
  assert.doesNotMatch(JSON.stringify(changedFields("user", undefined, person)), /138|ming|4915/i);
});

test("what reads like neither stays readable", () => {
  const plain = {
    name: "Tea house",
    url: "https://example.com/hook",
    last4: "a1b2",
    scopes: ["payments:write"],
    rate_bps: 60,
  };
  assert.deepEqual(changedFields("merchant", undefined, plain).after, plain);
});
