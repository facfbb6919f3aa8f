import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { database } from "#kit/db.ts";
import { aSecondProcess, operator, useMerchants } from "#test/merchants.ts";
import { ok, refused, times } from "#test/people.ts";

const { ask, env, aKey, aShop } = useMerchants();

test("a revoked key stops with the answer, however often it was used before", async () => {
  const shop = await aShop();
  const key = await aKey(shop.id);
  const use = () => ask("GET", "/v1/stores", undefined, { token: key.secret });
  for (const answer of await Promise.all(times(20, use))) ok(answer);
  const revoked = ok(await shop.ask("DELETE", `/v1/api_keys/${key.id}`));
  assert.equal(revoked.status, "revoked");
  assert.ok(revoked.revoked_at);
  for (const answer of await Promise.all(times(20, use))) refused(answer, 401, "credentials_unknown");
});

test("a key can revoke itself", async () => {
  const shop = await aShop();
  ok(await shop.ask("DELETE", `/v1/api_keys/${shop.key.id}`));
  refused(await shop.ask("GET", "/v1/stores"), 401, "credentials_unknown");
});

test("revoking once more, or ten times at once, changes nothing and is told once", async () => {
  const shop = await aShop();
  const key = await aKey(shop.id);
  const revoke = () => shop.ask("DELETE", `/v1/api_keys/${key.id}`);
  const answers = (await Promise.all(times(10, revoke))).map(ok);
  for (const answer of [...answers, ok(await revoke())]) assert.deepEqual(answer, answers[0]);
  const { rowCount } = await database().query("select from events where type = 'api_key.revoked' and object_id = $1", [
    key.id,
  ]);
  assert.equal(rowCount, 1);
});

test("a revoked key and a suspended merchant are refused in another process too, long before its cache would expire", async () => {
  const other = await aSecondProcess(env());
  try {
    const [shop, second] = [await aShop(), await aShop()];
    const inOther = (token: string) => other.ask("GET", "/v1/stores", undefined, { token });
    for (const token of [shop.key.secret, second.key.secret]) ok(await inOther(token));

    ok(await shop.ask("DELETE", `/v1/api_keys/${shop.key.id}`));
    ok(await ask("PATCH", `/v1/merchants/${second.id}`, { status: "suspended" }, operator));
    await within(1_000, async () => (await inOther(shop.key.secret)).status === 401);
    await within(1_000, async () => (await inOther(second.key.secret)).status === 403);
    refused(await inOther(shop.key.secret), 401, "credentials_unknown");
    refused(await inOther(second.key.secret), 403, "merchant_suspended");
  } finally {
    await other.stop();
  }
});

/** Asks until it holds; a promise with a deadline. */
async function within(ms: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `not within ${ms} ms`);
    await sleep(5);
  }
}
