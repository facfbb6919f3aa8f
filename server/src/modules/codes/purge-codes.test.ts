import assert from "node:assert/strict";
import { test } from "node:test";
import { now } from "#kit/clock.ts";
import { database, inTransaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { anEnrolledDevice, codeOf, enrolled, thisStep, useCodes } from "#test/codes.ts";
import { advance } from "#test/people.ts";
import { countWrong } from "./count-wrong.ts";
import { endDeviceCodes } from "./end-device-codes.ts";
import { purgeCodes } from "./purge-codes.ts";
import { resolveCode } from "./resolve-code.ts";
import { insertUses } from "./use-codes.ts";

useCodes();

const day = 86_400;

async function counts(): Promise<Record<string, number>> {
  const { rows } = await database().query<Record<string, number>>(
    `select (select count(*) from code_aliases) as aliases, (select count(*) from code_keys) as keys,
            (select count(*) from code_uses) as uses, (select count(*) from code_guesses) as guesses`,
  );
  return rows[0] as Record<string, number>;
}

async function someHistory(devices: number): Promise<void> {
  const made = await enrolled(devices);
  const step = thisStep();
  const use = { step, n: 0, merchantId: newId("mch"), livemode: false };
  await inTransaction(async (tx) => {
    await insertUses(
      tx,
      made.map(({ alias }) => ({ ...use, alias, paymentId: newId("pay") })),
      new Date(now()),
    );
    await countWrong(
      tx,
      made.map(({ alias }) => ({ alias, subject: newId("trm") })),
    );
    for (const { deviceId, userId } of made) await endDeviceCodes(tx, { id: deviceId, userId });
  });
}

test("what ended more than two days ago goes, in batches; what is younger or still in use stays", async () => {
  const living = await anEnrolledDevice();
  await someHistory(25);
  await advance(1.5 * day);
  await someHistory(5);
  assert.equal(await purgeCodes(), 0);
  await advance(0.6 * day);
  assert.equal(await purgeCodes(10), 4 * 25);
  assert.deepEqual(await counts(), { aliases: 6, keys: 6, uses: 5, guesses: 5 });
  assert.equal((await resolveCode(codeOf(living))).kind, "own");
  await advance(2 * day);
  assert.equal(await purgeCodes(), 4 * 5);
  assert.deepEqual(await counts(), { aliases: 1, keys: 1, uses: 0, guesses: 0 });
});
