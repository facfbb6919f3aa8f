import assert from "node:assert/strict";
import { test } from "node:test";
import { agree, aPayer, aShop, booksBalance, ok, type Payer } from "#test/factories.ts";
import { refused } from "#test/people.ts";
import { usePlatform } from "#test/platform.ts";

const platform = usePlatform();

const asOperator = async (method: string, path: string, body?: unknown) =>
  platform.call(method, path, { token: await platform.operator(), body });
const freeze = ({ id }: Payer) => ok(asOperator("POST", `/v1/users/${id}/freeze`, { reason: "Stolen phone" }));
const signIn = ({ phone, password }: Payer) =>
  platform.call("POST", "/v1/sessions", { body: { phone, password }, key: null });

test("a frozen user's sessions, sign-ins and codes are refused at once, and money still comes in", async () => {
  const [shop, payer, friend] = [await aShop(platform), await aPayer(platform), await aPayer(platform)];
  const paid = await shop.paid({ amount: 1_000 }, payer);
  const [shown, offline] = [await payer.code(), await payer.code()];
  assert.equal((await freeze(payer)).status, "frozen");
  refused(await payer.get("/v1/wallet"), 402, "account_frozen");
  refused(await payer.transfer(friend, 100), 402, "account_frozen");
  refused(await signIn(payer), 402, "account_frozen");
  const scan = await shop.scan(shown);
  refused(scan, 402, "account_frozen");
  const failed = await ok(shop.get(`/v1/payments/${scan.body.error.details.payment}`));
  assert.deepEqual([failed.status, failed.failure.code], ["failed", "account_frozen"]);
  assert.equal((await ok(shop.refund(paid))).status, "succeeded");
  await ok(friend.transfer(payer, 500));

  const asked = await asOperator("POST", `/v1/users/${payer.id}/unfreeze`, { reason: "Phone found" });
  assert.equal(asked.status, 202);
  refused(await payer.get("/v1/wallet"), 402, "account_frozen");
  assert.equal((await agree(platform, asked.body)).body.status, "active");
  await ok(signIn(payer));
  assert.equal(await payer.balance(), 100_500);
  await ok(shop.scan(offline));
  await booksBalance();
});

test("freezing takes one person with the right to it, and once more changes nothing", async () => {
  const payer = await aPayer(platform);
  const { token } = await platform.signIn("finance");
  const path = `/v1/users/${payer.id}/freeze`;
  refused(await platform.call("POST", path, { token, body: { reason: "Because" } }), 403, "scope_missing");
  refused(
    await platform.call("POST", path, { token: payer.token, body: { reason: "Because" } }),
    403,
    "actor_not_allowed",
  );
  const first = await freeze(payer);
  assert.deepEqual(await ok(asOperator("POST", path, { reason: "Another reason" })), first);
  refused(
    await asOperator("POST", "/v1/users/usr_00000000000000000000000000/freeze", { reason: "Nobody" }),
    404,
    "not_found",
  );
});
