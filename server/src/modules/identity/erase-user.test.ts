import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UnsealError } from "#kit/crypto.ts";
import { database } from "#kit/db.ts";
import { openSubjectKey, unsealFor } from "#kit/subject-keys.ts";
import { testCards } from "#test/cards.ts";
import { eventually } from "#test/elsewhere.ts";
import { agree, aPayer, aShop, booksBalance, ok, type Payer } from "#test/factories.ts";
import { refused } from "#test/people.ts";
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

describe("staff erase who asked for it by letter", () => {
  const reason = "Letter of 3 November, ticket 4711";
  const ask = async ({ id }: { id: string }, body: object = { reason }, token?: string) =>
    platform.call("POST", `/v1/users/${id}/erase`, { token: token ?? (await platform.operator()), body });
  const seen = async ({ id }: Payer) =>
    ok(platform.call("GET", `/v1/users/${id}`, { token: await platform.operator() }));

  test("two of them, with a reason that stands in the audit log; the person is as gone as one who asked alone", async () => {
    const payer = await aPayer(platform, { money: 0 });
    const asked = await ask(payer);
    assert.deepEqual([asked.status, asked.body.kind, asked.body.status], [202, "user.erase", "pending"]);
    assert.equal((await payer.get("/v1/users/me")).status, 200);
    assert.equal((await seen(payer)).status, "active");

    const done = await agree(platform, asked.body);
    assert.deepEqual(done.body, { object: "erasure", user: payer.id });
    assert.equal((await payer.get("/v1/users/me")).status, 401);
    const { status, phone, name } = await seen(payer);
    assert.deepEqual([status, phone, name], ["erased", null, null]);
    const [key] = await query("select sealed_key from subject_keys where subject_id = $1", [payer.id]);
    assert.equal(key.sealed_key, null);
    const [entry, ...more] = await query(
      "select actor_kind, actor_id, owner_id, reason from audit_log where object_id = $1 and action = 'user.erased'",
      [payer.id],
    );
    assert.deepEqual(entry, { actor_kind: "staff", actor_id: asked.body.maker, owner_id: payer.id, reason });
    assert.deepEqual(more, []);

    refused(await ask(payer), 404, "not_found");
    const body = { reason };
    const freeze = platform.call("POST", `/v1/users/${payer.id}/freeze`, { token: await platform.operator(), body });
    assert.equal((await ok(freeze)).status, "erased");
  });

  test("on no other terms than the person's own, at the moment of the second person too", async () => {
    const [rich, payer] = [await aPayer(platform, { money: 900 }), await aPayer(platform, { money: 0 })];
    assert.deepEqual(refused(await ask(rich), 409, "erasure_blocked").details.reasons, ["wallet_not_empty"]);
    const { body: asked } = await ask(payer);
    await ok(rich.transfer({ id: payer.id }, 100));
    const { id, digest } = asked;
    const token = await platform.approver();
    const late = await ok(platform.call("POST", `/v1/approvals/${id}/approve`, { token, body: { digest } }));
    assert.deepEqual(
      [late.status, late.failure.code, late.failure.details.reasons],
      ["failed", "erasure_blocked", ["wallet_not_empty"]],
    );
    assert.equal((await payer.get("/v1/users/me")).status, 200);
    const frozen = await aPayer(platform, { money: 0 });
    const freezing = { token: await platform.operator(), body: { reason: "Stolen phone" } };
    await ok(platform.call("POST", `/v1/users/${frozen.id}/freeze`, freezing));
    assert.deepEqual(refused(await ask(frozen), 409, "erasure_blocked").details.reasons, ["account_frozen"]);
  });

  test("who runs the platform may ask, nobody else, and not without a reason", async () => {
    const payer = await aPayer(platform, { money: 0 });
    for (const role of ["approver", "finance", "risk", "support", "auditor", "admin"] as const)
      refused(await ask(payer, { reason }, (await platform.signIn(role)).token), 403, "scope_missing");
    refused(await ask(payer, { reason }, payer.token), 403, "actor_not_allowed");
    assert.equal(refused(await ask(payer, {}), 400, "parameter_missing").param, "/reason");
    refused(await ask({ id: "usr_00000000000000000000000000" }), 404, "not_found");
  });
});
