import assert from "node:assert/strict";
import { test } from "node:test";
import { UnsealError, unseal } from "#kit/crypto.ts";
import { database, inTransaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { anEnrolledDevice, codeOf, useCodes } from "#test/codes.ts";
import { claimAliases } from "./claim-aliases.ts";
import { enrolCodeKeys, keyContext } from "./enrol-code-keys.ts";
import { resolveCode } from "./resolve-code.ts";

useCodes();

const aDevice = () => ({ userId: newId("usr"), deviceId: newId("dev"), livemode: false });
const aClaim = () => ({ ...aDevice(), keyId: newId("ck"), once: false });

/** Draws these numbers, then stays at the last. */
const drawing =
  (...numbers: number[]) =>
  () =>
    (numbers.length > 1 ? numbers.shift() : numbers[0]) as number;

test("two thousand devices are enrolled in a handful of statements, each with a key and alias of its own", async (t) => {
  const devices = Array.from({ length: 2_000 }, aDevice);
  const keys = await inTransaction(async (tx) => {
    const query = t.mock.method(tx, "query");
    const made = await enrolCodeKeys(tx, devices);
    assert.ok(query.mock.callCount() <= 4, `${query.mock.callCount()} statements`);
    return made;
  });
  assert.deepEqual(
    keys.map(({ userId, deviceId, livemode }) => ({ userId, deviceId, livemode })),
    devices,
  );
  assert.equal(new Set(keys.map(({ alias }) => alias)).size, devices.length);
  assert.equal(new Set(keys.map(({ key }) => key.toString("hex"))).size, devices.length);
});

test("aliases are spread over all nine digits", async () => {
  const keys = await inTransaction((tx) => enrolCodeKeys(tx, Array.from({ length: 2_000 }, aDevice)));
  const byFirstDigit = Map.groupBy(keys, ({ alias }) => Math.floor(alias / 100_000_000));
  // Expected 200 each; 120 to 280 is six standard deviations.
  for (let digit = 0; digit < 10; digit++) {
    const { length } = byFirstDigit.get(digit) ?? [];
    assert.ok(length > 120 && length < 280, `${length} aliases begin with ${digit}`);
  }
});

test("an alias that is taken is drawn again", async () => {
  const { alias: taken } = await anEnrolledDevice();
  const free = (taken + 7) % 1_000_000_000;
  const claim = aClaim();
  const claimed = await inTransaction((tx) => claimAliases(tx, [claim], drawing(taken, taken, free)));
  assert.equal(claimed.get(claim.keyId)?.alias, free);
});

test("two keys that draw the same alias at once get two", async () => {
  const claims = [aClaim(), aClaim()];
  const claimed = await inTransaction((tx) => claimAliases(tx, claims, drawing(11, 11, 12)));
  assert.deepEqual(new Set([...claimed.values()].map(({ alias }) => alias)), new Set([11, 12]));
});

test("two transactions that draw the same alias get two", async () => {
  const results = await Promise.all(
    [13, 14].map(async (second) => {
      const claim = aClaim();
      const claimed = await inTransaction((tx) => claimAliases(tx, [claim], drawing(20, second)));
      return claimed.get(claim.keyId)?.alias;
    }),
  );
  assert.equal(new Set(results).size, 2);
  assert.ok(results.includes(20));
});

test("a full alias space is an error, not an endless search", async () => {
  const { alias } = await anEnrolledDevice();
  await assert.rejects(
    inTransaction((tx) => claimAliases(tx, [aClaim()], drawing(alias))),
    /no free code alias/,
  );
});

test("ten enrolments of one device at once: one key stays, the others' codes are dead", async () => {
  const device = aDevice();
  const keys = await Promise.all(Array.from({ length: 10 }, () => inTransaction((tx) => enrolCodeKeys(tx, [device]))));
  const { rows } = await database().query<{ id: string; revoked: boolean; alive: boolean }>(
    `select k.id, k.revoked_at is not null as revoked, a.revoked_at is null as alive
       from code_keys k join code_aliases a on a.code_key_id = k.id where k.device_id = $1`,
    [device.deviceId],
  );
  assert.equal(rows.length, keys.length);
  assert.equal(rows.filter(({ revoked }) => !revoked).length, 1);
  for (const { revoked, alive } of rows) assert.equal(alive, !revoked);
});

test("a key that was revoked before this process met its alias is unknown to it", async () => {
  const device = await anEnrolledDevice();
  await inTransaction((tx) => enrolCodeKeys(tx, [device]));
  assert.deepEqual(await resolveCode(codeOf(device)), {
    kind: "refused",
    reason: "payment_code_invalid",
    alias: device.alias,
  });
});

test("keys lie sealed in the database, each bound to its row", async () => {
  const device = await anEnrolledDevice();
  const { rows } = await database().query<{ text: string; sealed_key: string }>(
    "select k::text as text, sealed_key from code_keys k where id = $1",
    [device.keyId],
  );
  const [row] = rows;
  assert.ok(row);
  for (const encoding of ["hex", "base64", "base64url"] as const) {
    assert.ok(!row.text.includes(device.key.toString(encoding)));
  }
  assert.deepEqual(unseal(row.sealed_key, keyContext(device.keyId)), device.key);
  assert.throws(() => unseal(row.sealed_key, keyContext(newId("ck"))), UnsealError);
});
