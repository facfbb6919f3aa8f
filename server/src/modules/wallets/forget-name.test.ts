import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, ok, type Payer } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { forgetName } from "./forget-name.ts";

const platform = usePlatform();

interface Shown {
  counterparty: { id: string; name: string | null; phone: string | null };
  note: string | null;
}
const others = async (reader: Payer): Promise<Shown["counterparty"][]> =>
  ((await ok(reader.get("/v1/transfers?limit=100"))).data as Shown[]).map(({ counterparty }) => counterparty);

test("transfers with somebody who was erased show the id, neither name nor phone; those with others show both", async () => {
  const [friend, stranger, payer] = [
    await aPayer(platform, { money: 500 }),
    await aPayer(platform, { money: 100, name: "Stefan" }),
    await aPayer(platform, { money: 300, name: "Erasmus" }),
  ];
  await ok(friend.transfer({ id: payer.id }, 50));
  await ok(stranger.transfer({ id: friend.id }, 100));
  for (const amount of [150, 200]) await ok(payer.transfer({ id: friend.id }, amount));
  const before = await others(friend);
  assert.deepEqual(
    before.map(({ name, phone }) => [name, phone !== null]),
    [
      ["E.", true],
      ["E.", true],
      ["S.", true],
      ["E.", true],
    ],
  );
  const { token, password } = payer;
  await ok(platform.call("POST", "/v1/users/me/erasure", { token, body: { password }, key: null }));

  const erased = { id: payer.id, name: null, phone: null };
  const expected = before.map((one) => (one.id === payer.id ? erased : one));
  await eventually(
    async () => (await others(friend)).every(({ id, name }) => id !== payer.id || name === null),
    30_000,
  );
  assert.deepEqual(await others(friend), expected);

  // However many there are, and whatever was done before a stop.
  await database().query(
    "update transfers set counterparty_name = 'E.', counterparty_phone = '1' where counterparty_id = $1 and amount > 50",
    [payer.id],
  );
  await forgetName({ id: payer.id, livemode: false }, 1);
  assert.deepEqual(await others(friend), expected);
});
