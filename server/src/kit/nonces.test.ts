import assert from "node:assert/strict";
import { after, test } from "node:test";
import pg from "pg";
import { cloneDatabase, useDatabase } from "#test/database.ts";
import { now, setClockOffset } from "./clock.ts";
import { database } from "./db.ts";
import { forgetOldNonces, takeNonce } from "./nonces.ts";

useDatabase();
after(() => setClockOffset(0));

const seconds = () => Math.floor(now() / 1000);
const kept = async (): Promise<number> =>
  (await database().query("select count(*)::int as n from signature_nonces")).rows[0].n;

test("a nonce is fresh once for each key; many at once are told apart, also twice in one batch", async () => {
  assert.deepEqual([await takeNonce("key_1", "a", seconds()), await takeNonce("key_1", "a", seconds())], [true, false]);
  assert.equal(await takeNonce("key_2", "a", seconds()), true);
  const names = Array.from({ length: 3_000 }, (_, n) => `n ${n % 1_000}`);
  const fresh = await Promise.all(names.map((name) => takeNonce("key_1", name, seconds())));
  assert.equal(fresh.filter(Boolean).length, 1_000);
});

test("whenever the oldest are forgotten, none goes whose signature would still be accepted, and the rest does not pile up", async () => {
  await forgetOldNonces();
  const start = Math.ceil(now() / 3_600_000) * 3_600_000;
  for (let minute = 0; minute < 75; minute += 5) {
    setClockOffset(start + minute * 60_000 - Date.now());
    const at = seconds();
    const moments = [at - 300, at, at + 300];
    for (const created of moments) assert.equal(await takeNonce("key_3", `${minute} ${created}`, created), true);
    await forgetOldNonces();
    for (const created of moments) assert.equal(await takeNonce("key_3", `${minute} ${created}`, created), false);
  }
  // Three each five minutes, for three slots of fifteen at most, and what a moment at the edge adds.
  assert.ok((await kept()) <= 3 * 3 * 3 + 3, String(await kept()));
});

test("the role that servers run as empties a slot, though it may truncate nothing itself", async () => {
  const { applicationUrl, drop } = await cloneDatabase();
  const role = new pg.Client({ connectionString: applicationUrl });
  await role.connect();
  try {
    await role.query("select empty_signature_nonces(0::smallint)");
    await assert.rejects(role.query("truncate signature_nonces_0"), { code: "42501" });
    await assert.rejects(role.query("select empty_signature_nonces(4::smallint)"), { code: "42P01" });
  } finally {
    await role.end();
    await drop();
  }
});
