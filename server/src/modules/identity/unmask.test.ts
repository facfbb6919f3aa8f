import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { flushSignals } from "#kit/security-signals.ts";
import { aPayer, ok } from "#test/factories.ts";
import { refused, times } from "#test/people.ts";
import { usePlatform } from "#test/platform.ts";

const platform = usePlatform();

const reason = "Caller asked to change the phone, ticket 4711";

test("support sees people masked, and can't see more", async () => {
  const { token } = await platform.signIn("support");
  const payer = await aPayer(platform, { name: "Wang Xiaoming" });
  const { data } = await ok(platform.call("GET", `/v1/users?phone=${encodeURIComponent(payer.phone)}`, { token }));
  const [found] = data;
  assert.equal(found.id, payer.id);
  assert.deepEqual(await ok(platform.call("GET", `/v1/users/${payer.id}`, { token })), found);
  assert.ok(!JSON.stringify(found).includes(payer.phone.slice(-8)) && !JSON.stringify(found).includes("Xiaoming"));
  const body = { fields: ["phone"], reason };
  refused(await platform.call("POST", `/v1/users/${payer.id}/unmask`, { token, body }), 403, "scope_missing");
  for (const wrong of ["", "?id=usr_0&phone=%2B8613900000000"])
    assert.equal((await platform.call("GET", `/v1/users${wrong}`, { token })).status, 400);
  assert.deepEqual((await ok(platform.call("GET", "/v1/users?phone=%2B8613000000000", { token }))).data, []);
});

test("an id that would break a list of ids is nobody's", async () => {
  const { token } = await platform.signIn("support");
  for (const id of ['"x', "{", "}", "\\", "a,b", "null"])
    refused(await platform.call("GET", `/v1/users/${encodeURIComponent(id)}`, { token }), 404, "not_found");
});

test("a user's token opens nobody's file", async () => {
  const [payer, other] = [await aPayer(platform), await aPayer(platform)];
  refused(await payer.get(`/v1/users/${other.id}`), 403, "actor_not_allowed");
  refused(await payer.get("/v1/users?id=usr_0"), 403, "actor_not_allowed");
});

test("who may unmask gives a reason, sees what was named and nothing else, and it is written down", async () => {
  const payer = await aPayer(platform);
  const { id, token } = await platform.signIn("risk");
  const unmask = (body: object) => platform.call("POST", `/v1/users/${payer.id}/unmask`, { token, body });
  refused(await unmask({ fields: ["phone"] }), 400, "parameter_missing");
  refused(await unmask({ fields: [], reason }), 400, "parameter_invalid");
  refused(await unmask({ fields: ["password"], reason }), 400, "parameter_invalid");
  const answer = await unmask({ fields: ["phone"], reason });
  assert.deepEqual(await ok(Promise.resolve(answer)), { object: "unmasked_user", id: payer.id, phone: payer.phone });
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const { rows } = await database().query(
    "select actor_id, reason, after from audit_log where object_id = $1 and action = 'user.unmasked'",
    [payer.id],
  );
  assert.deepEqual([rows.length, rows[0].actor_id, rows[0].reason], [1, id, reason]);
  assert.ok(!JSON.stringify(rows).includes(payer.phone));
});

test("one look after the other is slowed down and signalled", async () => {
  const payer = await aPayer(platform);
  const { id, token } = await platform.signIn("risk");
  const look = () =>
    platform.call("POST", `/v1/users/${payer.id}/unmask`, { token, body: { fields: ["name"], reason } });
  const answers = await Promise.all(times(30, look));
  assert.ok(answers.filter(({ status }) => status === 200).length >= 20);
  refused(answers.find(({ status }) => status !== 200) as (typeof answers)[0], 429, "sign_in_throttled");
  await flushSignals();
  const { rows } = await database().query(
    "select sum(count)::int as n from security_signals where kind = 'personal_data_shown' and subject = $1",
    [id],
  );
  assert.ok(rows[0].n >= 20);
});
