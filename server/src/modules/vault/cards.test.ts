import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { cardNumber, testCards } from "#test/cards.ts";
import { aPayer, ok, type Payer, times } from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";

const platform = usePlatform();
const good = { number: testCards.visa, exp_month: 12, exp_year: 2040 };
const add = (payer: Payer, terms: object = {}, key?: string): Promise<Answer> =>
  platform.call("POST", "/v1/cards", { token: payer.token, body: { ...good, ...terms }, ...(key && { key }) });
const query = async (text: string, values: unknown[] = []) => (await database().query(text, values)).rows;
const codeOf = ({ status, body }: Answer) => [status, body.error?.code, body.error?.param];

test("a saved card shows its brand and its first six and last four digits, and its number never again", async () => {
  const payer = await aPayer(platform);
  const card = await ok(add(payer, { number: "4111 1111 1111 1111", holder: "ZHANG SAN", type: "virtual" }));
  assert.match(card.id, /^card_[0-9a-z]{26}$/);
  const { id: _id, created_at: _at, ...shown } = card;
  assert.deepEqual(shown, {
    object: "card",
    type: "virtual",
    brand: "visa",
    funding: "unknown",
    first_six: "411111",
    last_four: "1111",
    exp_month: 12,
    exp_year: 2040,
    expired: false,
    holder: "ZHANG SAN",
    livemode: false,
  });
  assert.deepEqual((await payer.get(`/v1/cards/${card.id}`)).body, card);
  assert.deepEqual((await payer.get("/v1/cards")).body.data, [card]);
  for (const [brand, number] of Object.entries(testCards).slice(1))
    assert.equal((await ok(add(payer, { number }))).brand, { amex: "american-express" }[brand] ?? brand);
  const removed = await ok(platform.call("DELETE", `/v1/cards/${card.id}`, { token: payer.token }));
  assert.equal(removed.id, card.id);
  assert.equal((await payer.get(`/v1/cards/${card.id}`)).status, 404);
  assert.deepEqual(await query("select id from cards where id = $1", [card.id]), [], "the number is gone with it");
});

test("a number with a wrong check digit or length is refused, and the answer does not repeat it", async () => {
  const payer = await aPayer(platform);
  for (const number of ["4111111111111112", "411111111111116", cardNumber("4", 17)]) {
    const answer = await add(payer, { number });
    assert.deepEqual(codeOf(answer), [400, "card_number_invalid", "/number"], number);
    assert.ok(!JSON.stringify(answer.body).includes(number));
  }
  for (const number of ["4111", "4111111111111111x", "", 4111111111111111]) {
    const answer = await add(payer, { number });
    assert.deepEqual(codeOf(answer), [400, "parameter_invalid", "/number"]);
    assert.ok(!JSON.stringify(answer.body).includes("4111"));
  }
  const unknown = await ok(add(payer, { number: cardNumber("99") }));
  assert.equal(unknown.brand, "unknown");
});

test("a card is good until the end of its month", async () => {
  const payer = await aPayer(platform);
  const today = new Date();
  const [month, year] = [today.getUTCMonth() + 1, today.getUTCFullYear()];
  assert.equal((await ok(add(payer, { exp_month: month, exp_year: year }))).expired, false);
  const before = month === 1 ? { exp_month: 12, exp_year: year - 1 } : { exp_month: month - 1, exp_year: year };
  // A month that ended less than half a day ago may go on somewhere.
  if (today.getUTCDate() > 1)
    assert.deepEqual(codeOf(await add(payer, { ...before, number: testCards.mastercard })), [
      400,
      "card_expired",
      "/exp_month",
    ]);
  assert.deepEqual(codeOf(await add(payer, { exp_month: 13 })), [400, "parameter_invalid", "/exp_month"]);
});

test("security code, PIN and track data are refused by name, whatever they are called", async () => {
  const payer = await aPayer(platform);
  for (const name of [
    "cvv",
    "CVC",
    "cvv2",
    "security_code",
    "track1",
    "track_2",
    "track2_data",
    "pin",
    "pin_block",
    "emv",
  ]) {
    const answer = await add(payer, { [name]: "735" });
    assert.deepEqual(codeOf(answer), [400, "sensitive_data_refused", `/${name}`]);
    assert.ok(!JSON.stringify(answer.body).includes("735"));
  }
  assert.deepEqual((await payer.get("/v1/cards")).body.data, []);
});

test("the same card twice is one card; of two customers it is two, and nothing tells that they are the same", async () => {
  const [ann, bo] = [await aPayer(platform), await aPayer(platform)];
  const results = await Promise.all(times(4, () => add(ann)));
  const [card] = results.filter(({ status }) => status === 200).map(({ body }) => body);
  const others = results.filter(({ status }) => status !== 200);
  assert.equal(others.length, 3);
  for (const { body } of others) assert.deepEqual([body.error.code, body.error.details.card], ["card_exists", card.id]);
  const his = await ok(add(bo));
  const rows = await query("select number_hash from cards where id = any($1)", [[card.id, his.id]]);
  assert.notEqual(rows[0].number_hash, rows[1].number_hash);
});

test("a repetition with the same key gets the same card, and what is kept for it lies sealed", async () => {
  const payer = await aPayer(platform);
  const card = await ok(add(payer, { holder: "LI SI" }, "once-more"));
  const again = await add(payer, { holder: "LI SI" }, "once-more");
  assert.deepEqual([again.headers.get("idempotent-replayed"), again.body], ["true", card]);
  const kept = await query("select answer from idempotency_keys where answer like '%LI SI%'");
  assert.deepEqual(kept, []);
});

test("there are twenty cards and no more, also when thirty come at once", async () => {
  const payer = await aPayer(platform);
  const results = await Promise.all(times(30, () => add(payer, { number: cardNumber("4") })));
  assert.equal(results.filter(({ status }) => status === 200).length, 20);
  const refused = results.find(({ status }) => status !== 200);
  assert.deepEqual([refused?.body.error.code, refused?.body.error.details.most], ["card_limit_reached", 20]);
});

test("somebody else's card is not found, and neither merchants nor staff reach any", async () => {
  const [ann, eve] = [await aPayer(platform), await aPayer(platform)];
  const card = await ok(add(ann));
  for (const method of ["GET", "DELETE"])
    assert.deepEqual(codeOf(await platform.call(method, `/v1/cards/${card.id}`, { token: eve.token })), [
      404,
      "not_found",
      null,
    ]);
  assert.deepEqual((await eve.get("/v1/cards")).body.data, []);
  const staff = await platform.call("GET", `/v1/cards/${card.id}`, { token: await platform.operator() });
  assert.deepEqual(codeOf(staff), [403, "actor_not_allowed", null]);
  assert.equal((await ann.get(`/v1/cards/${card.id}`)).status, 200);
});

test("events and the audit log have the masked card", async () => {
  const payer = await aPayer(platform);
  const card = await ok(add(payer, { holder: "WANG WU" }));
  await ok(platform.call("DELETE", `/v1/cards/${card.id}`, { token: payer.token }));
  const events = await query("select type, object from events where object_id = $1 order by position", [card.id]);
  assert.deepEqual(
    events.map(({ type }) => type),
    ["card.added", "card.removed"],
  );
  assert.deepEqual(Object.keys(events[0].object).includes("holder"), false);
  const acts = await query("select action, actor_id from audit_log where object_id = $1 order by id", [card.id]);
  assert.deepEqual(acts, [
    { action: "card.added", actor_id: payer.id },
    { action: "card.removed", actor_id: payer.id },
  ]);
});
