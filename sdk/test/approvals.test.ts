import assert from "node:assert/strict";
import { test } from "node:test";
import { type Approval, createClient, type Feiqian } from "@feiqian/sdk";
import { aShop } from "@feiqian/server/test/factories.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";
import { done } from "./done.ts";

/** What staff ask for and a second person agrees to, by the types of the client. `always`: as strict as a live platform is. */
const platform = usePlatform({ ROLES: "api", MAKER_CHECKER: "always" });

const clientOf = (apiKey: string): Feiqian => createClient({ baseUrl: platform.url, apiKey });
const maker = async () => clientOf(await platform.operator());
const checker = async () => clientOf(await platform.approver());

/** What waits, which no type lets pass for what was asked for. */
function waiting<T extends { object?: string | undefined }>(answer: T | Approval): Approval {
  assert.ok(answer.object === "approval");
  return answer as Approval;
}

test("staff ask for a pricing plan: an approval waits, and what a second person agrees to is the plan", async () => {
  const staff = await maker();
  const asked = await staff.pricingPlans.create({ name: "Small shops", rate_bps: 60, currency: "CNY" }).withResponse();
  assert.equal(asked.status, 202);
  const answer = asked.data;
  // @ts-expect-error: a plan or an approval, nobody has looked yet.
  assert.equal(answer.rate_bps, undefined);
  assert.ok(answer.object === "approval");
  assert.deepEqual([answer.kind, answer.status, answer.decided_by], ["pricing_plan.create", "pending", null]);
  const { status, result } = await (await checker()).approvals.approve(answer.id, { digest: answer.digest });
  assert.deepEqual([status, result?.object, result?.rate_bps], ["approved", "pricing_plan", 60]);
});

test("a key that staff make waits, and its maker fetches the secret; one that a merchant's key makes is there at once", async () => {
  const [staff, shop] = [await maker(), await aShop(platform)];
  const { id, digest } = waiting(await staff.apiKeys.create({ merchant: shop.id, livemode: false, name: "Till" }));
  const approved = await (await checker()).approvals.approve(id, { digest });
  assert.deepEqual([approved.status, approved.result], ["approved", null]);
  const { result } = await staff.approvals.result(id);
  assert.equal((await clientOf(String(result?.secret)).payments.list()).data.length, 0);
  const made = await clientOf(shop.key).apiKeys.create({ name: "Reader" });
  if (made.object === "approval") return assert.fail("a merchant decides for itself");
  assert.equal((await clientOf(made.secret ?? "").payments.list()).data.length, 0);
});

test("an act that takes one person is done at once, by the same method", async () => {
  const [staff, { id }] = [await maker(), await aShop(platform)];
  const suspended = done(await staff.merchants.update(id, { status: "suspended" }));
  assert.equal(suspended.status, "suspended");
  const back = waiting(await staff.merchants.update(id, { status: "active" }));
  assert.equal(back.kind, "merchant.update");
});

test("an answer that does not say what it is can be told from an approval all the same", async () => {
  const staff = await maker();
  const [debit_account, credit_account] = [`acc_${"0".repeat(26)}`, `acc_${"1".repeat(26)}`];
  const transfer = { debit_account, credit_account, amount: 100, currency: "CNY", code: "adjustment" };
  const answer = await staff.ledger.transfers.create({ transfers: [transfer] });
  if (answer.object !== "approval") return assert.fail(answer.results.map(({ result }) => result).join());
  assert.equal(answer.kind, "ledger.transfers");
});
