import assert from "node:assert/strict";
import { test } from "node:test";
import { UnsealError } from "#kit/crypto.ts";
import { database } from "#kit/db.ts";
import { openSubjectKey, unsealFor } from "#kit/subject-keys.ts";
import { testCards } from "#test/cards.ts";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, booksBalance, ok, type Payer } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";

const platform = usePlatform();
const erase = (payer: Payer, password = payer.password) =>
  platform.call("POST", "/v1/users/me/erasure", { token: payer.token, body: { password }, key: null });
const query = async (text: string, values: unknown[] = []) => (await database().query(text, values)).rows;

test("who still has money, or money under way, is told so, and a wrong password erases nobody", async () => {
  const payer = await aPayer(platform, { money: 900 });
  assert.equal((await erase(payer, "not the password")).body.error.code, "password_invalid");
  const rich = await erase(payer);
  assert.deepEqual(
    [rich.status, rich.body.error.code, rich.body.error.details.reasons],
    [409, "erasure_blocked", ["wallet_not_empty"]],
  );
  const shop = await aShop(platform);
  await shop.held({ amount: 900 }, payer);
  assert.deepEqual((await erase(payer)).body.error.details.reasons, ["wallet_not_empty", "payment_pending"]);
  const poor = await aPayer(platform, { money: 0 });
  await ok(poor.topUp(500, "ba_test_late"));
  assert.deepEqual((await erase(poor)).body.error.details.reasons, ["bank_movement_pending"]);
  assert.equal((await payer.get("/v1/users/me")).status, 200);
});

test("what was known of an erased person opens for nobody, the phone is free, and those who dealt with the person keep their records", async () => {
  const [shop, friend, payer] = [
    await aShop(platform),
    await aPayer(platform, { money: 0 }),
    await aPayer(platform, { money: 1_250, name: "Erasmus" }),
  ];
  const answer = await ok(
    platform.call("POST", "/v1/cards", {
      token: payer.token,
      body: { number: testCards.visa, exp_month: 12, exp_year: 2040, holder: "ERASMUS" },
    }),
  );
  const paid = await shop.paid({ amount: 1_000 }, payer);
  await ok(payer.transfer({ phone: friend.phone }, 250));
  const unused = await payer.code();
  // What a backup of this moment holds.
  const [old] = await query("select * from users where id = $1", [payer.id]);
  const [card] = await query("select * from cards where id = $1", [answer.id]);
  const kept = await query("select answer from idempotency_keys where answer like 's1.%'");
  assert.ok(kept.length > 0);

  await ok(erase(payer));

  const [{ sealed_key: sealedKey, destroyed_at: destroyedAt }] = await query(
    "select * from subject_keys where subject_id = $1",
    [payer.id],
  );
  assert.ok(sealedKey === null && destroyedAt !== null);
  for (const [sealed, context] of [
    [old.sealed_phone, `users.phone ${payer.id}`],
    [old.sealed_name, `users.name ${payer.id}`],
    [card.sealed_number, `cards.number ${card.id}`],
  ])
    assert.throws(() => unsealFor(openSubjectKey(payer.id, sealedKey), sealed, context), UnsealError);
  for (const table of ["user_handles", "payment_pins", "devices"])
    assert.deepEqual(await query(`select from ${table} where user_id = $1`, [payer.id]), [], table);
  assert.deepEqual(await query("select from cards where owner_id = $1", [payer.id]), []);

  assert.equal((await payer.get("/v1/users/me")).status, 401);
  const signIn = { body: { phone: payer.phone, password: payer.password }, key: null };
  assert.equal((await platform.call("POST", "/v1/sessions", signIn)).body.error.code, "credentials_invalid");
  assert.ok((await shop.scan(unused)).status >= 400, "a code that was on screen is dead");
  assert.ok((await friend.transfer({ phone: payer.phone }, 1)).status >= 400);
  assert.ok((await friend.transfer({ id: payer.id }, 1)).status >= 400);
  const again = await ok(
    platform.call("POST", "/v1/users", { body: { phone: payer.phone, password: payer.password } }),
  );
  assert.notEqual(again.id, payer.id);

  assert.equal((await shop.get(`/v1/payments/${paid.id}`)).body.payer, payer.id);
  assert.equal((await shop.refund(paid)).body.error.code, "refund_destination_closed");
  await eventually(async () => (await friend.get("/v1/records")).body.data.length === 1);
  assert.equal((await friend.get("/v1/transfers")).status, 200);
  assert.equal((await shop.get("/v1/records")).status, 200);
  assert.ok(
    (await query("select from audit_log where object_id = $1 and action = 'user.erased'", [payer.id])).length === 1,
  );
  await booksBalance();
});

test("of money that comes in at the same moment and an erasure one wins, and no money is lost", async () => {
  const [payer, friend] = [await aPayer(platform, { money: 0 }), await aPayer(platform, { money: 500 })];
  const [erased, sent] = await Promise.all([erase(payer), friend.transfer({ id: payer.id }, 100)]);
  assert.notEqual(erased.status === 200, sent.status < 300, `${erased.status} ${sent.status}`);
  await booksBalance();
});
