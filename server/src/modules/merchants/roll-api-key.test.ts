import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { operator, useMerchants } from "#test/merchants.ts";
import { advance, ok, refused, times } from "#test/people.ts";

const { ask, aKey, aShop } = useMerchants({ TEST_CLOCK: "1" });

const works = async (token: string): Promise<boolean> => {
  const answer = await ask("GET", "/v1/stores", undefined, { token });
  if (answer.status !== 200) refused(answer, 401, "credentials_unknown");
  return answer.status === 200;
};

test("after a roll both keys work until the overlap ends, then only the new one, though the old one is cached", async () => {
  const shop = await aShop();
  const old = shop.key;
  const made = ok(await shop.ask("POST", `/v1/api_keys/${old.id}/roll`, { overlap_seconds: 3_600 }));
  assert.deepEqual([made.name, made.scopes, made.livemode, made.status], [old.name, old.scopes, false, "active"]);
  assert.notEqual(made.secret, old.secret);
  assert.deepEqual([await works(old.secret), await works(made.secret)], [true, true]);
  const rolled = ok(await ask("GET", `/v1/api_keys/${old.id}`, undefined, operator));
  assert.deepEqual([rolled.status, rolled.rolled_to], ["rolled", made.id]);
  await advance(3_590);
  assert.deepEqual([await works(old.secret), await works(made.secret)], [true, true]);
  await advance(20);
  assert.deepEqual([await works(old.secret), await works(made.secret)], [false, true]);
  assert.equal(ok(await ask("GET", `/v1/api_keys/${old.id}`, undefined, operator)).status, "expired");
});

test("a roll without overlap ends the old key with the answer", async () => {
  const shop = await aShop();
  assert.ok(await works(shop.key.secret));
  const made = ok(await shop.ask("POST", `/v1/api_keys/${shop.key.id}/roll`, { overlap_seconds: 0 }));
  assert.deepEqual([await works(shop.key.secret), await works(made.secret)], [false, true]);
});

test("twenty rolls of one key at once: one gives a new key, the others make none", async () => {
  const shop = await aShop();
  const roll = () => ask("POST", `/v1/api_keys/${shop.key.id}/roll`, { overlap_seconds: 60 }, operator);
  const answers = await Promise.all(times(20, roll));
  const late = answers.filter(({ status }) => status !== 200);
  assert.equal(late.length, 19);
  for (const answer of late) assert.equal(refused(answer, 409, "state_conflict").details.status, "rolled");
  assert.equal(ok(await ask("GET", `/v1/api_keys?merchant=${shop.id}`, undefined, operator)).data.length, 2);
});

test("rolling and revoking at once: whatever comes first, the old key ends revoked", async () => {
  for (const _ of times(5, () => 0)) {
    const shop = await aShop();
    const [rolled, revoked] = await Promise.all([
      ask("POST", `/v1/api_keys/${shop.key.id}/roll`, { overlap_seconds: 60 }, operator),
      ask("DELETE", `/v1/api_keys/${shop.key.id}`, undefined, operator),
    ]);
    assert.equal(ok(revoked).status, "revoked");
    if (rolled.status !== 200) assert.equal(refused(rolled, 409, "state_conflict").details.status, "revoked");
    assert.equal(await works(shop.key.secret), false);
    if (rolled.status === 200) assert.ok(await works(rolled.body.secret));
  }
});

test("a key that ended is not rolled", async () => {
  const shop = await aShop();
  const key = await aKey(shop.id);
  ok(await shop.ask("DELETE", `/v1/api_keys/${key.id}`));
  const answer = await shop.ask("POST", `/v1/api_keys/${key.id}/roll`, { overlap_seconds: 60 });
  assert.equal(refused(answer, 409, "state_conflict").details.status, "revoked");
});

test("an overlap is said, whole, not negative, and a week at most", async () => {
  const shop = await aShop();
  const path = `/v1/api_keys/${shop.key.id}/roll`;
  assert.equal(refused(await shop.ask("POST", path, {}), 400, "parameter_missing").param, "/overlap_seconds");
  for (const overlap_seconds of [-1, 1.5, 604_801, "60", null]) {
    const answer = await shop.ask("POST", path, { overlap_seconds });
    assert.equal(refused(answer, 400, "parameter_invalid").param, "/overlap_seconds");
  }
});

test("a restricted key's successor is as restricted", async () => {
  const shop = await aShop();
  const key = await aKey(shop.id, { scopes: ["keys:write", "merchants:read"] });
  const made = ok(await ask("POST", `/v1/api_keys/${key.id}/roll`, { overlap_seconds: 0 }, { token: key.secret }));
  assert.deepEqual(made.scopes, ["keys:write", "merchants:read"]);
  refused(await ask("POST", "/v1/stores", { name: "S" }, { token: made.secret }), 403, "scope_missing");
});

test("a roll tells of the key that ends and of the one that begins", async () => {
  const shop = await aShop();
  const { secret: _, ...made } = ok(await shop.ask("POST", `/v1/api_keys/${shop.key.id}/roll`, { overlap_seconds: 5 }));
  const { rows } = await database().query(
    `select type, object from events where owner_id = $1 and type like 'api_key.%' order by position`,
    [shop.id],
  );
  assert.deepEqual(
    rows.map(({ type, object }) => [type, object.id]),
    [
      ["api_key.created", shop.key.id],
      ["api_key.created", made.id],
      ["api_key.rolled", shop.key.id],
    ],
  );
  assert.deepEqual(rows[1]?.object, made);
});
