import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { parse } from "csv-parse/sync";
import { TOTP } from "otpauth";
import { type Act, bySystem, type Origin, recordAct } from "#kit/audit.ts";
import { now } from "#kit/clock.ts";
import { inTransaction } from "#kit/db.ts";
import { eventually } from "#test/elsewhere.ts";
import { aShop, ok, type Shop, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import type { Role } from "./roles.ts";
import { createStaff } from "./staff.ts";

const platform = usePlatform();

async function signedIn(role: Role): Promise<{ id: string; token: string }> {
  const login = { email: `${randomUUID()}@example.com`, password: randomUUID() };
  const { id, totpSecret } = await createStaff({ ...login, role });
  const totp = new TOTP({ secret: totpSecret }).generate({ timestamp: now() });
  const session = await ok(platform.call("POST", "/v1/staff/sessions", { body: { ...login, totp }, key: null }));
  return { id, token: session.access_token };
}

let engaged: ReturnType<typeof signedIn> | undefined;
const anAuditor = () => (engaged ??= signedIn("auditor"));
let opened: Promise<Shop> | undefined;
const theShop = () => (opened ??= aShop(platform));

const ask = async (path: string, token?: string) =>
  platform.call("GET", path, { token: token ?? (await anAuditor()).token });
const list = async (query: string, token?: string) => (await ok(ask(`/v1/audit_log?${query}`, token))).data;
const record = (from: Partial<Origin>, act: Partial<Act>) =>
  inTransaction((tx) =>
    recordAct(
      tx,
      { id: `req_${randomUUID()}`, ip: "198.51.100.4", ...from },
      {
        action: "store.updated",
        object: { type: "store", id: `sto_${randomUUID()}` },
        ...act,
      },
    ),
  );

test("entries are found by who, what, which object, whose, from where, by request and by time", async () => {
  const id = randomUUID();
  const actor = {
    kind: "staff",
    staffId: `stf_${id}`,
    sessionId: "ses_1",
    role: "support",
    permissions: new Set<string>(),
  } as const;
  const from = { id: `req_${id}`, ip: `2001:db8::${id.slice(0, 4)}`, actor };
  const begun = new Date(now()).toISOString();
  await record(from, {
    action: "store.closed",
    object: { type: "store", id: `sto_${id}` },
    owner: { id: `mch_${id}`, livemode: true },
  });
  await record({}, {});
  const ways = [
    `actor=stf_${id}`,
    `about=sto_${id}`,
    `owner=mch_${id}`,
    `request_id=req_${id}`,
    `address=${encodeURIComponent(from.ip)}&created_gte=${begun}`,
    `action=store.closed&created_gte=${begun}`,
    `about=sto_${id}&actor=stf_${id}&owner=mch_${id}&outcome=done`,
  ];
  for (const way of ways) {
    const found = await list(way);
    assert.equal(found.length, 1, way);
    assert.deepEqual(found[0].actor, { type: "staff", id: `stf_${id}`, session: "ses_1", role: "support" });
    assert.deepEqual([found[0].about.id, found[0].address, found[0].owner], [`sto_${id}`, from.ip, `mch_${id}`]);
  }
  assert.deepEqual(await list(`about=sto_${id}&outcome=refused`), []);
  assert.deepEqual(await list(`about=sto_${id}&created_lt=${begun}`), []);
});

test("pages hold every entry once, newest first, in both directions", async () => {
  const id = `sto_${randomUUID()}`;
  for (const n of times(5, (n) => n)) await record({}, { object: { type: "store", id }, after: { n } });
  const first = await ok(ask(`/v1/audit_log?about=${id}&limit=2`));
  const second = await ok(ask(`/v1/audit_log?about=${id}&limit=2&starting_after=${first.data[1].id}`));
  const back = await ok(ask(`/v1/audit_log?about=${id}&limit=2&ending_before=${second.data[0].id}`));
  const third = await ok(ask(`/v1/audit_log?about=${id}&limit=2&starting_after=${second.data[1].id}`));
  const all = [first, second, third].flatMap(({ data }) => data);
  const ids: string[] = all.map((entry) => entry.id);
  assert.deepEqual(new Set(all.map(({ after }) => after.n)), new Set([0, 1, 2, 3, 4]));
  assert.deepEqual(
    ids,
    ids.toSorted((a, b) => (a < b ? 1 : -1)),
  );
  assert.deepEqual([first.has_more, third.has_more], [true, false]);
  assert.deepEqual(back.data, first.data);
});

test("a merchant's key sees what was done to its own things, and not which of the operator's people did it", async () => {
  const [shop, other, auditor] = [await theShop(), await aShop(platform), await anAuditor()];
  const staff = {
    kind: "staff",
    staffId: auditor.id,
    sessionId: "ses_1",
    role: "auditor",
    permissions: new Set<string>(),
  } as const;
  const object = { type: "terminal", id: `trm_${randomUUID()}` };
  await record({ actor: staff }, { object, owner: { id: shop.id, livemode: false } });
  await record({ actor: staff }, { object: { ...object, id: "trm_live" }, owner: { id: shop.id, livemode: true } });
  const [entry, ...more] = await list(`about=${object.id}`, shop.key);
  assert.deepEqual(more, []);
  assert.deepEqual(entry.actor, { type: "staff", id: null, session: null, role: null });
  assert.deepEqual([entry.address, entry.request_id], [null, null]);
  assert.deepEqual(await list(`about=${object.id}`, other.key), []);
  assert.deepEqual(await list("about=trm_live", shop.key), [], "a test key sees nothing of live mode");
  assert.equal((await ask(`/v1/audit_log?owner=${other.id}`, shop.key)).status, 404);
  assert.equal((await ask(`/v1/audit_log/export?owner=${other.id}`, shop.key)).status, 404);
});

test("who may not read it is refused, and the attempt of a member of staff is an entry", async () => {
  const support = await signedIn("support");
  const { status, body } = await ask("/v1/audit_log", support.token);
  assert.deepEqual([status, body.error.code], [403, "scope_missing"]);
  const [entry] = await list(`actor=${support.id}&outcome=refused`);
  assert.deepEqual([entry.action, entry.reason], ["access.refused", "audit:read"]);
  assert.deepEqual(entry.about, { type: "route", id: "GET /v1/audit_log" });
  assert.equal(entry.request_id, body.error.request_id);
  const shop = await theShop();
  const keyOf = await ok(
    platform.call("POST", "/v1/api_keys", { body: { name: "narrow", scopes: ["payments:read"] }, token: shop.key }),
  );
  assert.equal((await ask("/v1/audit_log", keyOf.secret)).status, 403);
});

test("the export holds what the list shows, computes nothing in a spreadsheet, and is an entry itself", async () => {
  const auditor = await anAuditor();
  const id = `sto_${randomUUID()}`;
  await record({}, { object: { type: "store", id }, reason: "=HYPERLINK(1)", before: { a: 1 }, after: { a: 2 } });
  await inTransaction((tx) =>
    recordAct(tx, bySystem("test"), { action: "store.updated", object: { type: "store", id } }),
  );
  const file = await fetch(`${platform.url}/v1/audit_log/export?about=${id}`, {
    headers: { authorization: `Bearer ${auditor.token}`, "accept-language": "zh-CN" },
  });
  assert.match(String(file.headers.get("content-disposition")), /feiqian-audit-log-.*\.csv/);
  const rows: Record<string, string>[] = parse(await file.text(), { bom: true, columns: true });
  assert.deepEqual(
    rows.map((row) => row["编号"]),
    (await list(`about=${id}`)).map((entry: { id: string }) => entry.id),
  );
  assert.deepEqual(
    [rows[1]?.["原因"], rows[1]?.["变更前"], rows[1]?.["变更后"]],
    ["'=HYPERLINK(1)", '{"a":1}', '{"a":2}'],
  );
  const [entry] = await list(`actor=${auditor.id}&action=audit_log.exported`);
  assert.deepEqual(entry.after, { format: "csv", about: id });
});

test("the head of the chain moves on by itself", async () => {
  const read = async () => ok(ask("/v1/audit_log/head"));
  const { batches } = await read();
  await record({}, {});
  await eventually(async () => (await read()).batches > batches, 10_000);
  assert.match((await read()).head, /^\d+:[0-9a-f]{64}$/);
});
