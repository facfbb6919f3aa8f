import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { aPayer, aShop, ok } from "./factories.ts";
import { type CallOptions, usePlatform } from "./platform.ts";

const platform = usePlatform();

interface Entry {
  action: string;
  object_id: string;
  actor_kind: string;
  actor_id: string | null;
  owner_id: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  reason: string | null;
}

/** Makes a request and gives what it answered and the entries that it left. */
async function act(method: string, path: string, options: CallOptions): Promise<{ body: any; entries: Entry[] }> {
  const answer = await platform.call(method, path, options);
  assert.ok(answer.status < 300, JSON.stringify(answer.body));
  const { rows } = await database().query<Entry>("select * from audit_log where request_id = $1 order by position", [
    answer.headers.get("request-id"),
  ]);
  return { body: answer.body, entries: rows };
}

const only = ({ entries }: { entries: Entry[] }): Entry => {
  assert.equal(entries.length, 1, JSON.stringify(entries));
  return entries[0] as Entry;
};

test("what staff change of a merchant is written down: what it was, what it is, whose it is", async () => {
  const token = await platform.operator();
  const made = await act("POST", "/v1/merchants", {
    token,
    body: { name: "Tea house", mcc: "5812", country: "CN", city: "Hangzhou" },
  });
  assert.equal(only(made).action, "merchant.created");
  const { body, entries } = await act("PATCH", `/v1/merchants/${made.body.id}`, {
    token,
    body: { name: "Coffee house" },
  });
  const [entry] = entries;
  assert.deepEqual([entry?.action, entry?.object_id, entry?.owner_id], ["merchant.updated", body.id, body.id]);
  assert.equal(entry?.actor_kind, "staff");
  assert.deepEqual([entry?.before?.name, entry?.after?.name], ["Tea house", "Coffee house"]);
  assert.equal(entry?.after?.mcc, undefined, "what did not change is left out");
});

test("what a merchant's key does to stores, terminals and endpoints is written down, without the secrets", async () => {
  const { id: owner, key: token } = await aShop(platform);
  const store = await act("POST", "/v1/stores", { token, body: { name: "West Lake" } });
  const terminal = await act("POST", "/v1/terminals", { token, body: { store: store.body.id, name: "Till 1" } });
  const changed = [
    store,
    await act("PATCH", `/v1/stores/${store.body.id}`, { token, body: { name: "East Lake" } }),
    terminal,
    await act("PATCH", `/v1/terminals/${terminal.body.id}`, { token, body: { name: "Till 2" } }),
  ].map(only);
  const endpoint = await act("POST", "/v1/webhook_endpoints", {
    token,
    body: { url: "http://127.0.0.1:19999/hook", events: ["*"] },
  });
  const path = `/v1/webhook_endpoints/${endpoint.body.id}`;
  const rotated = await act("POST", `${path}/rotate_secret`, { token, body: {} });
  const endpoints = [
    endpoint,
    await act("PATCH", path, { token, body: { enabled: false } }),
    rotated,
    await act("DELETE", path, { token }),
    await act("POST", "/v1/notify_secret/rotate", { token, body: {} }),
  ].map(only);
  const all = [...changed, ...endpoints];
  assert.deepEqual(
    all.map(({ action }) => action),
    [
      "store.created",
      "store.updated",
      "terminal.created",
      "terminal.updated",
      "webhook_endpoint.created",
      "webhook_endpoint.updated",
      "webhook_endpoint.secret_rotated",
      "webhook_endpoint.deleted",
      "notify_secret.rotated",
    ],
  );
  for (const entry of all) assert.deepEqual([entry.actor_id, entry.owner_id], [owner, owner]);
  const text = JSON.stringify(all);
  for (const secret of [endpoint.body.secret, rotated.body.secret]) assert.ok(!text.includes(secret));
  assert.deepEqual([changed[1]?.before?.name, changed[1]?.after?.name], ["West Lake", "East Lake"]);
});

test("what a user changes about their own safety is written down, without PIN and name", async () => {
  const { token, id, password, pin } = await aPayer(platform);
  const enrolled = await act("POST", "/v1/users/me/devices", { token, body: { name: "My phone" } });
  const acts = [
    enrolled,
    await act("PUT", "/v1/users/me/payment_pin", { token, body: { pin: "271828", password, current_pin: pin } }),
    await act("PATCH", "/v1/users/me", { token, body: { name: "Wang Ming" } }),
    await act("DELETE", `/v1/users/me/devices/${enrolled.body.id}`, { token }),
    await act("DELETE", "/v1/sessions/current", { token }),
  ].map(only);
  assert.deepEqual(
    acts.map(({ action }) => action),
    ["device.enrolled", "payment_pin.set", "user.updated", "device.revoked", "session.ended"],
  );
  for (const entry of acts) assert.deepEqual([entry.actor_id, entry.owner_id], [id, id]);
  assert.doesNotMatch(JSON.stringify(acts), /271828|Wang|My phone/);
});

test("what staff book by hand is written down, and that they came in", async () => {
  const token = await platform.operator();
  const account = (code: string) =>
    act("POST", "/v1/ledger/accounts", { token, body: { code, currency: "CNY" } }).then((opened) => {
      assert.equal(only(opened).action, "ledger_account.opened");
      return opened.body.id as string;
    });
  const [debit_account, credit_account] = [await account("adjustments"), await account("adjustments")];
  const transfer = { debit_account, credit_account, amount: 100, currency: "CNY", code: "adjustment" };
  const { body, entries } = await act("POST", "/v1/ledger/transfers", { token, body: { transfers: [transfer] } });
  const entry = entries.find(({ action }) => action === "ledger_transfers.posted");
  assert.deepEqual(entry?.after, { asked: 1, posted: 1, transfers: [body.results[0].id] });
  const { staff } = await ok(
    platform.call("GET", "/v1/staff/me", { token }).then((answer) => ({ ...answer, body: { staff: answer.body } })),
  );
  const { rows } = await database().query(
    "select from audit_log where action = 'staff_session.opened' and actor_id = $1",
    [staff.id],
  );
  assert.ok(rows.length > 0);
});

test("what took two persons names the approval, under which both stand", async () => {
  const body = { name: "Plan", rate_bps: 30, currency: "CNY" };
  const asked = await act("POST", "/v1/pricing_plans", { token: await platform.operator(), body });
  assert.equal(only(asked).action, "approval.asked");
  const { id, digest } = asked.body;
  const { entries } = await act("POST", `/v1/approvals/${id}/approve`, {
    token: await platform.approver(),
    body: { digest },
  });
  const byAction = new Map(entries.map((entry) => [entry.action, entry]));
  assert.equal(byAction.get("pricing_plan.created")?.reason, `approved: ${id}`);
  assert.equal(byAction.get("approval.approved")?.object_id, id);
});

test("a sign-in of staff that was refused is written down, for an address that nobody has too", async () => {
  const body = { email: `${randomUUID()}@example.com`, password: "something else", totp: "123456" };
  const answer = await platform.call("POST", "/v1/staff/sessions", { body, key: null });
  assert.equal(answer.status, 401);
  const { rows } = await database().query<Entry & { outcome: string }>(
    "select * from audit_log where request_id = $1",
    [answer.headers.get("request-id")],
  );
  assert.deepEqual(
    rows.map(({ action, outcome, actor_kind }) => [action, outcome, actor_kind]),
    [["staff_session.refused", "refused", "anonymous"]],
  );
  assert.ok(!JSON.stringify(rows).includes(body.email));
});
