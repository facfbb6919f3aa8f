import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { database } from "#kit/db.ts";
import { eventually } from "#test/elsewhere.ts";
import { agree, ok } from "#test/factories.ts";
import { codesOf, refused, times } from "#test/people.ts";
import { usePlatform, useSecondServer } from "#test/platform.ts";

/** Two persons for everything that may take two, as in live mode. */
const platform = usePlatform({ MAKER_CHECKER: "always" });

interface Asking {
  token?: string;
  key?: string;
  on?: Pick<typeof platform, "call">;
}

const asMaker = async (method: string, path: string, body?: unknown, { token, key }: Asking = {}) =>
  platform.call(method, path, { token: token ?? (await platform.operator()), body, ...(key && { key }) });
const asChecker = async (method: string, path: string, body?: unknown, { token, on, key }: Asking = {}) =>
  (on ?? platform).call(method, path, { token: token ?? (await platform.approver()), body, ...(key && { key }) });

interface Approval {
  id: string;
  digest: string;
}

const aPlan = () => ({ name: `Plan ${randomUUID()}`, rate_bps: 38, currency: "CNY" });
const plansNamed = async (name: string) =>
  (await database().query("select id from pricing_plans where name = $1", [name])).rows.length;

/** A request for a pricing plan that waits. */
async function aRequest(plan = aPlan(), asking: Asking = {}) {
  const answer = await asMaker("POST", "/v1/pricing_plans", plan, asking);
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  return { plan, approval: answer.body };
}

const approve = ({ id, digest }: Approval, asking?: Asking) =>
  asChecker("POST", `/v1/approvals/${id}/approve`, { digest }, asking);
const read = async ({ id }: Approval) => ok(asMaker("GET", `/v1/approvals/${id}`));

describe("a request", () => {
  test("is shown as it will be done, does nothing until somebody agrees, and then exactly what was asked", async () => {
    const { plan, approval } = await aRequest();
    assert.deepEqual([approval.object, approval.status, approval.kind], ["approval", "pending", "pricing_plan.create"]);
    const { name, rate_bps, currency } = approval.content.body;
    assert.deepEqual({ name, rate_bps, currency }, plan);
    assert.equal(Date.parse(approval.expires_at) - Date.parse(approval.created_at), 86_400_000);
    assert.equal(await plansNamed(plan.name), 0);
    const done = await ok(approve(approval));
    assert.deepEqual([done.status, done.result.name, done.result.rate_bps], ["approved", plan.name, 38]);
    assert.equal(await plansNamed(plan.name), 1);
    assert.deepEqual(await read(approval), done);
  });

  test("that repeats its idempotency key is one request", async () => {
    const [plan, key] = [aPlan(), randomUUID()];
    const [first, again] = [await aRequest(plan, { key }), await aRequest(plan, { key })];
    assert.equal(first.approval.id, again.approval.id);
  });

  test("for what is impossible now is refused to its maker's face, and leaves nothing behind", async () => {
    const before = (await database().query("select count(*) as n from approvals")).rows[0].n;
    const wrong = await asMaker("POST", "/v1/pricing_plans", { ...aPlan(), min_fee: 10, max_fee: 9 });
    assert.equal(refused(wrong, 400, "parameter_invalid").param, "/max_fee");
    const { rows } = await database().query("select count(*) as n from approvals");
    assert.equal(rows[0].n, before);
  });

  test("is in the database in no readable form", async () => {
    const { plan, approval } = await aRequest();
    const { rows } = await database().query("select a::text as text from approvals a where id = $1", [approval.id]);
    assert.ok(!rows[0].text.includes(plan.name));
  });

  test("is taken back by its maker, and nobody else takes it back", async () => {
    const { approval } = await aRequest();
    refused(await asChecker("POST", `/v1/approvals/${approval.id}/cancel`, {}), 404, "not_found");
    assert.equal((await ok(asMaker("POST", `/v1/approvals/${approval.id}/cancel`, {}))).status, "canceled");
    assert.equal(refused(await approve(approval), 409, "state_conflict").details.status, "canceled");
  });

  test("is refused with a reason that its maker reads", async () => {
    const { plan, approval } = await aRequest();
    await ok(asChecker("POST", `/v1/approvals/${approval.id}/refuse`, { reason: "Too cheap" }));
    const { status, reason } = await read(approval);
    assert.deepEqual([status, reason], ["refused", "Too cheap"]);
    assert.equal(refused(await approve(approval), 409, "state_conflict").details.status, "refused");
    assert.equal(await plansNamed(plan.name), 0);
  });

  test("is listed for who decides, and for its maker; not for another maker", async () => {
    const { approval } = await aRequest();
    const other = await platform.signIn("finance");
    const ids = async (token: string) =>
      (await ok(platform.call("GET", "/v1/approvals?status=pending&limit=100", { token }))).data.map(
        ({ id }: Approval) => id,
      );
    assert.ok((await ids(await platform.approver())).includes(approval.id));
    assert.ok((await ids(await platform.operator())).includes(approval.id));
    assert.deepEqual(await ids(other.token), []);
    const theirs = await platform.call("GET", `/v1/approvals/${approval.id}`, { token: other.token });
    refused(theirs, 404, "not_found");
  });
});

describe("nobody gets around the second person", () => {
  test("who may not approve doesn't", async () => {
    const { approval } = await aRequest();
    for (const role of ["operator", "finance", "admin", "auditor"] as const) {
      const { token } = await platform.signIn(role);
      refused(await approve(approval, { token }), 403, "scope_missing");
    }
  });

  test("a changed role does not make a maker the approver of the own request", async () => {
    const { id, token } = await platform.signIn("operator");
    const { plan, approval } = await aRequest(aPlan(), { token });
    await database().query("update staff set role = 'approver' where id = $1", [id]);
    await eventually(async () => (await approve(approval, { token })).body.error.code !== "scope_missing");
    refused(await approve(approval, { token }), 403, "approval_own");
    // Nor does anybody else approve what somebody asked in another role.
    assert.equal(refused(await approve(approval), 409, "state_conflict").details.status, "lapsed");
    assert.equal(await plansNamed(plan.name), 0);
  });

  test("what a disabled maker asked for is not done", async () => {
    const maker = await platform.signIn("operator");
    const { approval } = await aRequest(aPlan(), { token: maker.token });
    await database().query("update staff set disabled_at = clock_now() where id = $1", [maker.id]);
    assert.equal(refused(await approve(approval), 409, "state_conflict").details.status, "lapsed");
  });

  test("who saw something else approves nothing", async () => {
    const [{ approval }, other] = [await aRequest(), await aRequest()];
    refused(await approve({ ...approval, digest: other.approval.digest }), 409, "approval_changed");
    assert.equal((await read(approval)).status, "pending");
  });

  test("approved is approved once: a second time finds it decided", async () => {
    const { plan, approval } = await aRequest();
    await ok(approve(approval));
    assert.equal(refused(await approve(approval), 409, "state_conflict").details.status, "approved");
    assert.equal(await plansNamed(plan.name), 1);
  });

  test("an approval repeated with its key gets its answer again and does nothing more", async () => {
    const { plan, approval } = await aRequest();
    const key = randomUUID();
    const [first, again] = [await ok(approve(approval, { key })), await approve(approval, { key })];
    assert.deepEqual([again.body, again.headers.get("idempotent-replayed")], [first, "true"]);
    assert.equal(await plansNamed(plan.name), 1);
  });

  test("what has become impossible meanwhile is named, and done by nobody", async () => {
    const { id: replaces } = (await ok(approve((await aRequest()).approval))).result;
    const next = await Promise.all(times(2, async () => aRequest(Object.assign(aPlan(), { replaces }))));
    const [first, second] = next as [(typeof next)[0], (typeof next)[0]];
    await ok(approve(first.approval));
    const late = await ok(approve(second.approval));
    assert.deepEqual(
      [late.status, late.result, late.failure.code, late.failure.param],
      ["failed", null, "state_conflict", "/replaces"],
    );
    assert.equal(await plansNamed(second.plan.name), 0);
  });
});

describe("a request that somebody changed in the database is never done, alarms, and hides no other", () => {
  const changes: Record<string, string> = {
    "the content of another": "sealed_content = (select sealed_content from approvals where id = $2)",
    "content that nobody sealed": "sealed_content = (select '{}' from approvals where id = $2)",
    "another maker": "maker_id = (select maker_id from approvals where id = $2)",
    "another kind": "kind = (select 'merchant.create' from approvals where id = $2)",
  };
  for (const [what, change] of Object.entries(changes))
    test(what, async () => {
      const other = await aRequest(aPlan(), { token: (await platform.signIn("operator")).token });
      const { plan, approval } = await aRequest();
      const { id } = approval;
      await database().query(`update approvals set ${change} where id = $1`, [id, other.approval.id]);

      refused(await asChecker("GET", `/v1/approvals/${id}`), 409, "approval_tampered");
      refused(await approve(approval), 409, "approval_tampered");
      refused(await approve({ id, digest: other.approval.digest }), 409, "approval_tampered");
      refused(await asChecker("POST", `/v1/approvals/${id}/refuse`, { reason: "No" }), 409, "approval_tampered");
      assert.deepEqual([await plansNamed(plan.name), await plansNamed(other.plan.name)], [0, 0]);

      const { data } = await ok(asChecker("GET", "/v1/approvals?limit=2"));
      assert.deepEqual(
        data.map((one: Approval & { status: string }) => [one.id, one.status, one.digest]),
        [
          [id, "tampered", ""],
          [other.approval.id, "pending", other.approval.digest],
        ],
      );
      assert.deepEqual([data[0].failure.code, data[0].content], ["approval_tampered", { params: {}, body: null }]);
      await ok(approve(other.approval));

      await eventually(async () => {
        const { data: alerts } = await ok(asMaker("GET", `/v1/alerts?about=${id}`));
        return alerts[0]?.type === "approvals.tampered" && alerts[0].severity === "critical";
      }, 30_000);
    });

  test("another outcome or reason", async () => {
    const [done, other, declined] = [await aRequest(), await aRequest(), await aRequest()];
    for (const { approval } of [done, other]) await ok(approve(approval));
    await ok(asChecker("POST", `/v1/approvals/${declined.approval.id}/refuse`, { reason: "No" }));
    await database().query(
      "update approvals set sealed_outcome = (select sealed_outcome from approvals where id = $2) where id = $1",
      [done.approval.id, other.approval.id],
    );
    await database().query("update approvals set sealed_reason = sealed_content where id = $1", [declined.approval.id]);
    for (const { approval } of [done, declined])
      refused(await asChecker("GET", `/v1/approvals/${approval.id}`), 409, "approval_tampered");
    const { data } = await ok(asChecker("GET", "/v1/approvals?limit=3"));
    assert.deepEqual(
      data.map(({ status }: { status: string }) => status),
      ["tampered", "approved", "tampered"],
    );
  });
});

describe("approvers at once", () => {
  const second = useSecondServer(platform);

  test("of two approvers in two processes one approves and it is done once", async () => {
    const other = await platform.signIn("approver");
    for (const { plan, approval } of await Promise.all(times(5, () => aRequest()))) {
      const answers = await Promise.all([approve(approval), approve(approval, { token: other.token, on: second })]);
      assert.deepEqual(codesOf(answers), ["ok", "state_conflict"]);
      assert.equal(await plansNamed(plan.name), 1);
    }
  });

  test("one approves while another refuses: it is done or it is refused, not both", async () => {
    for (const { plan, approval } of await Promise.all(times(5, () => aRequest()))) {
      const refusing = asChecker("POST", `/v1/approvals/${approval.id}/refuse`, { reason: "No" }, { on: second });
      await Promise.all([approve(approval), refusing]);
      const { status } = await read(approval);
      assert.equal(await plansNamed(plan.name), status === "approved" ? 1 : 0);
    }
  });
});

describe("a secret result", () => {
  async function aKeyRequest() {
    const merchant = await ok(
      asMaker("POST", "/v1/merchants", { name: "S", mcc: "5411", country: "CN", city: "Xi'an" }),
    );
    const asked = await asMaker("POST", "/v1/api_keys", { merchant: merchant.id, livemode: false, name: "Server" });
    assert.equal(asked.status, 202);
    return asked.body;
  }
  const fetch = (id: string, asking?: Asking) => asMaker("POST", `/v1/approvals/${id}/result`, {}, asking);

  test("is its maker's alone, once", async () => {
    const request = await aKeyRequest();
    assert.equal(refused(await fetch(request.id), 409, "state_conflict").details.status, "pending");
    const approved = await ok(approve(request));
    assert.deepEqual([approved.status, approved.result, approved.secret], ["approved", null, true]);
    refused(await asChecker("POST", `/v1/approvals/${request.id}/result`, {}), 403, "approval_result_withheld");
    refused(await fetch(request.id, await platform.signIn("finance")), 404, "not_found");
    const fetched = (await Promise.all(times(4, () => fetch(request.id)))).filter(({ status }) => status === 200);
    assert.equal(fetched.length, 1);
    const { secret } = fetched[0]?.body.result ?? {};
    await ok(platform.call("GET", "/v1/stores", { token: secret }));
    assert.equal(refused(await fetch(request.id), 409, "state_conflict").details.status, "result_gone");
    const { rows } = await database().query("select sealed_outcome from approvals where id = $1", [request.id]);
    assert.equal(rows[0].sealed_outcome, null);
  });

  test("a merchant's own key makes keys without asking anybody", async () => {
    const request = await aKeyRequest();
    await ok(approve(request));
    const { result } = await ok(fetch(request.id));
    const own = await platform.call("POST", "/v1/api_keys", { token: result.secret, body: { name: "Second" } });
    assert.match((await ok(Promise.resolve(own))).secret, /^sk_test_/);
  });

  test("waits for a day and no longer", async () => {
    const request = await aKeyRequest();
    await ok(approve(request));
    await database().query("update approvals set decided_at = decided_at - interval '1 day' where id = $1", [
      request.id,
    ]);
    assert.equal(refused(await fetch(request.id), 409, "state_conflict").details.status, "result_gone");
  });
});

test("a request that nobody decides expires after a day", async () => {
  const { plan, approval } = await aRequest();
  await database().query("update approvals set expires_at = expires_at - interval '1 day' where id = $1", [
    approval.id,
  ]);
  assert.equal(refused(await approve(approval), 409, "state_conflict").details.status, "expired");
  assert.equal((await read(approval)).status, "expired");
  assert.equal(await plansNamed(plan.name), 0);
});

test("stopping takes one person: a key revoked, a merchant suspended; letting in again takes two", async () => {
  const merchant = await ok(asMaker("POST", "/v1/merchants", { name: "S", mcc: "5411", country: "CN", city: "Xi'an" }));
  const suspended = await ok(asMaker("PATCH", `/v1/merchants/${merchant.id}`, { status: "suspended" }));
  assert.equal(suspended.status, "suspended");
  const again = await asMaker("PATCH", `/v1/merchants/${merchant.id}`, { status: "active" });
  assert.equal(again.status, 202);
  assert.equal((await agree(platform, again.body)).body.status, "active");
});

test("money moved by hand waits for the second person", async () => {
  const open = async () => (await ok(asMaker("POST", "/v1/ledger/accounts", { code: "test", currency: "CNY" }))).id;
  const [from, to] = [await open(), await open()];
  const transfer = { debit_account: from, credit_account: to, amount: 100, currency: "CNY", code: "test" };
  const asked = await asMaker("POST", "/v1/ledger/transfers", { transfers: [transfer] });
  assert.equal(asked.status, 202);
  const balance = async () => (await ok(asMaker("GET", `/v1/ledger/accounts/${to}`))).balance.credits_posted;
  assert.equal(await balance(), 0);
  assert.equal((await agree(platform, asked.body)).body.results[0].result, "ok");
  assert.equal(await balance(), 100);
});
