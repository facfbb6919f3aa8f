import assert from "node:assert/strict";
import { test } from "node:test";
import { bySystem } from "#kit/audit.ts";
import { UnsealError } from "#kit/crypto.ts";
import { database } from "#kit/db.ts";
import { withCardNumber } from "#modules/vault";
import { testCards } from "#test/cards.ts";
import { aPayer, ok, type Payer } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";

const platform = usePlatform();
const query = async (text: string, values: unknown[] = []) => (await database().query(text, values)).rows;
const cardOf = (payer: Payer, number: string = testCards.visa) =>
  ok(platform.call("POST", "/v1/cards", { token: payer.token, body: { number, exp_month: 12, exp_year: 2040 } }));
const numberOf = (payer: Payer, id: string) =>
  withCardNumber(
    bySystem("a channel"),
    { ownerId: payer.id, livemode: false },
    id,
    "authorisation",
    async (number) => number,
  );

test("who asks for a card's number stands in the audit log before the number is given", async () => {
  const payer = await aPayer(platform);
  const { id } = await cardOf(payer);
  const acts = () =>
    query("select actor_id, reason from audit_log where object_id = $1 and action = 'card.number_used'", [id]);
  await withCardNumber(
    bySystem("a channel"),
    { ownerId: payer.id, livemode: false },
    id,
    "authorisation",
    async (number) => {
      assert.equal(number, testCards.visa);
      assert.equal((await acts())[0].reason, "authorisation");
    },
  );
  const eve = await aPayer(platform);
  await assert.rejects(numberOf(eve, id), { code: "not_found" });
  assert.equal((await acts()).length, 1);
});

test("a number that was copied to another card, to another customer's, or changed does not open", async () => {
  const [ann, eve] = [await aPayer(platform), await aPayer(platform)];
  const [hers, second, other] = [await cardOf(ann), await cardOf(ann, testCards.mastercard), await cardOf(eve)];
  const copy = "update cards set sealed_number = (select sealed_number from cards where id = $1) where id = $2";
  for (const [payer, to] of [
    [ann, second],
    [eve, other],
  ] as const) {
    await query(copy, [hers.id, to.id]);
    await assert.rejects(numberOf(payer, to.id), UnsealError);
  }
  await query("update cards set sealed_number = overlay(sealed_number placing 'AAAA' from 30) where id = $1", [
    hers.id,
  ]);
  await assert.rejects(numberOf(ann, hers.id), UnsealError);
});

test("without the data key that its owner's key lies under a number does not open", async () => {
  const payer = await aPayer(platform);
  const { id } = await cardOf(payer);
  await query("update subject_keys set sealed_key = replace(sealed_key, 'v1.dk_', 'v1.dk_0') where subject_id = $1", [
    payer.id,
  ]);
  await assert.rejects(numberOf(payer, id), UnsealError);
});
