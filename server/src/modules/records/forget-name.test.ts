import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, ok } from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";
import { forgetName } from "./forget-name.ts";

const platform = usePlatform();

interface Shown {
  counterparty: { id: string; name: string | null };
}

/** What an owner's records call somebody, each name once. */
const namesIn = async (owner: { get(path: string): Promise<Answer> }, id: string) => {
  const { data } = await ok(owner.get("/v1/records?limit=100"));
  const named = (data as Shown[]).filter(({ counterparty }) => counterparty.id === id);
  return [...new Set(named.map(({ counterparty }) => counterparty.name))];
};

test("who dealt with somebody who was erased keeps every record, with the id and without the name; others' names stay", async () => {
  const [shop, friend, payer] = [
    await aShop(platform),
    await aPayer(platform, { money: 900, name: "Friedrich" }),
    await aPayer(platform, { money: 1_000, name: "Erasmus" }),
  ];
  await shop.paid({ amount: 700 }, payer);
  await shop.paid({ amount: 300 }, friend);
  for (const _ of [1, 2, 3]) await ok(payer.transfer({ id: friend.id }, 100));
  const shown = async () => [
    await namesIn(friend, payer.id),
    await namesIn(shop, payer.id),
    await namesIn(shop, friend.id),
  ];
  await eventually(async () => JSON.stringify(await shown()) === '[["E."],["E."],["F."]]');
  const token = payer.token;
  await ok(platform.call("POST", "/v1/users/me/erasure", { token, body: { password: payer.password }, key: null }));

  await eventually(async () => JSON.stringify(await shown()) === '[[null],[null],["F."]]', 30_000);
  assert.equal((await ok(friend.get(`/v1/records?counterparty=${payer.id}`))).data.length, 3);
  assert.equal((await ok(shop.get(`/v1/records?counterparty=${payer.id}`))).data.length, 1);
  assert.deepEqual((await ok(friend.get("/v1/records?q=E."))).data, []);

  // However many there are, and whatever was done before a stop.
  await database().query(
    "update records set counterparty_name = 'E.' where counterparty_id = $1 and id <> (select max(id) from records where counterparty_id = $1)",
    [payer.id],
  );
  await forgetName({ id: payer.id, livemode: false }, 1);
  assert.deepEqual(await shown(), [[null], [null], ["F."]]);
});
