import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { aPayer, aShop, ok, times } from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";

const platform = usePlatform();
const iban = "DE89370400440532013000";
const add = (token: string, body: object): Promise<Answer> =>
  platform.call("POST", "/v1/bank_accounts", { token, body });
const codeOf = ({ status, body }: Answer) => [status, body.error?.code, body.error?.param];

test("a bank account is saved by its IBAN or by number and country, and shows its last four characters", async () => {
  const payer = await aPayer(platform);
  const german = await ok(add(payer.token, { iban: "de89 3704 0044 0532 0130 00", holder: "Anna Beispiel" }));
  assert.match(german.id, /^ba_[0-9a-z]{26}$/);
  const { id: _id, created_at: _at, ...shown } = german;
  assert.deepEqual(shown, {
    object: "bank_account",
    type: "iban",
    country: "DE",
    bank_code: "37040044",
    last_four: "3000",
    holder: "Anna Beispiel",
    livemode: false,
  });
  const chinese = await ok(add(payer.token, { number: "6222 0212 3456 78", country: "CN", bank_code: "102100099996" }));
  assert.deepEqual(
    [chinese.type, chinese.country, chinese.bank_code, chinese.last_four],
    ["domestic", "CN", "102100099996", "5678"],
  );
  assert.deepEqual(
    (await payer.get("/v1/bank_accounts")).body.data.map(({ id }: { id: string }) => id),
    [chinese.id, german.id],
  );
  const { rows } = await database().query("select b::text as text from bank_accounts b");
  assert.ok(rows.every(({ text }) => !text.includes("0532013000") && !text.includes("62220212345678")));
});

test("what is no bank account is refused by the field that is wrong", async () => {
  const { token } = await aPayer(platform);
  assert.deepEqual(codeOf(await add(token, { iban: "DE89370400440532013001" })), [
    400,
    "bank_account_invalid",
    "/iban",
  ]);
  assert.deepEqual(codeOf(await add(token, { iban, number: "123456" })), [400, "parameter_invalid", "/number"]);
  assert.deepEqual(codeOf(await add(token, { country: "CN" })), [400, "parameter_missing", "/number"]);
  assert.deepEqual(codeOf(await add(token, { number: "123456" })), [400, "parameter_missing", "/country"]);
  assert.deepEqual(codeOf(await add(token, { iban, pin: "123456" })), [400, "sensitive_data_refused", "/pin"]);
});

test("the same account twice is one, and there are twenty at most", async () => {
  const { token } = await aPayer(platform);
  const { id } = await ok(add(token, { iban }));
  const again = await add(token, { iban: "DE89 3704 0044 0532 0130 00" });
  assert.deepEqual([again.body.error.code, again.body.error.details.bank_account], ["bank_account_exists", id]);
  const results = await Promise.all(times(25, (n) => add(token, { number: `10000${n}`, country: "CN" })));
  assert.equal(results.filter(({ status }) => status === 200).length, 19);
  const refused = results.find(({ status }) => status !== 200);
  assert.equal(refused?.body.error.code, "bank_account_limit_reached");
});

test("a saved account takes top-ups and withdrawals of its owner, and of nobody else", async () => {
  const [ann, eve] = [await aPayer(platform), await aPayer(platform)];
  const { id } = await ok(add(ann.token, { iban }));
  assert.equal((await ann.topUp(500, id)).body.source, id);
  assert.equal((await ann.withdraw(300, id)).body.destination, id);
  assert.deepEqual(codeOf(await eve.topUp(500, id)), [400, "bank_account_unknown", "/source"]);
  assert.deepEqual(codeOf(await eve.withdraw(300, id)), [400, "bank_account_unknown", "/destination"]);
  assert.deepEqual(codeOf(await eve.topUp(500, `ba_${"0".repeat(26)}`)), [400, "bank_account_unknown", "/source"]);
  await ok(platform.call("DELETE", `/v1/bank_accounts/${id}`, { token: ann.token }));
  assert.deepEqual(codeOf(await ann.topUp(500, id)), [400, "bank_account_unknown", "/source"]);
});

test("an order is paid from the bank account of the customer who is signed in, never from another's", async () => {
  const [shop, ann, eve] = [await aShop(platform), await aPayer(platform), await aPayer(platform)];
  const { id } = await ok(add(ann.token, { iban }));
  const order = await ok(shop.order({ methods: ["bank"] }));
  const stolen = await eve.confirm(order, { body: { method: "bank", pin: undefined, source: id } });
  assert.deepEqual(codeOf(stolen), [400, "bank_account_unknown", "/source"]);
  const paid = await ann.confirm(order, { body: { method: "bank", pin: undefined, source: id } });
  assert.ok(paid.status < 300, JSON.stringify(paid.body));
});

test("a merchant's account is the merchant's alone, by a key that may", async () => {
  const [shop, other, payer] = [await aShop(platform), await aShop(platform), await aPayer(platform)];
  const { id } = await ok(add(shop.key, { iban }));
  assert.equal((await shop.get(`/v1/bank_accounts/${id}`)).status, 200);
  assert.equal((await other.get(`/v1/bank_accounts/${id}`)).status, 404);
  assert.equal((await payer.get(`/v1/bank_accounts/${id}`)).status, 404);
  const small = await ok(
    platform.call("POST", "/v1/api_keys", { token: shop.key, body: { name: "reads", scopes: ["bank_accounts:read"] } }),
  );
  assert.equal((await platform.call("GET", `/v1/bank_accounts/${id}`, { token: small.secret })).status, 200);
  assert.deepEqual(codeOf(await add(small.secret, { iban })), [403, "scope_missing", null]);
});
