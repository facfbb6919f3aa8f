import assert from "node:assert/strict";
import { test } from "node:test";
import { now } from "#kit/clock.ts";
import { inTransaction, isUniqueViolation } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { anEnrolledDevice, codeOf, enrolled, thisStep, useCodes } from "#test/codes.ts";
import { advance } from "#test/people.ts";
import { stepIsCurrent } from "./algorithm.ts";
import { countWrong } from "./count-wrong.ts";
import { endDeviceCodes } from "./end-device-codes.ts";
import { enrolCodeKeys } from "./enrol-code-keys.ts";
import { resolveCode } from "./resolve-code.ts";
import { findUses, insertUses, readAliases } from "./use-codes.ts";

useCodes();

const aUse = (alias: number, step: number, n = 0) => ({
  alias,
  step,
  n,
  merchantId: newId("mch"),
  livemode: false,
  paymentId: newId("pay"),
});

const stateOf = async (alias: number) => (await inTransaction((tx) => readAliases(tx, [alias]))).states.get(alias);

test("many aliases are read with the database's time in one statement", async (t) => {
  const devices = await enrolled(300);
  await inTransaction(async (tx) => {
    const query = t.mock.method(tx, "query");
    const { now: time, states } = await readAliases(
      tx,
      devices.map(({ alias }) => alias),
    );
    assert.equal(query.mock.callCount(), 1);
    assert.ok(Math.abs(time.getTime() - now()) < 2_000);
    for (const { alias, userId } of devices) {
      assert.deepEqual(states.get(alias), { userId, livemode: false, usable: true, reason: null });
    }
  });
});

test("without aliases there is still the time", async () => {
  const { now: time, states } = await inTransaction((tx) => readAliases(tx, []));
  assert.ok(Math.abs(time.getTime() - now()) < 2_000);
  assert.equal(states.size, 0);
});

test("a code can be used once, whatever races", async () => {
  const { alias } = await anEnrolledDevice();
  const step = thisStep();
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, () => inTransaction((tx) => insertUses(tx, [aUse(alias, step)], new Date(now())))),
  );
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  for (const result of results) assert.ok(result.status === "fulfilled" || isUniqueViolation(result.reason));
});

test("the three codes of a step and those of other steps and aliases are used apart", async () => {
  const [one, other] = await enrolled(2);
  const step = thisStep();
  const aliases = [one?.alias as number, other?.alias as number];
  const uses = aliases.flatMap((alias) => [0, 1, 2].flatMap((n) => [aUse(alias, step, n), aUse(alias, step - 1, n)]));
  await inTransaction((tx) => insertUses(tx, uses, new Date(now())));
  const found = await inTransaction((tx) => findUses(tx, uses));
  assert.equal(found.length, uses.length);
});

test("one used code in a batch refuses the batch, and its first payment can be found", async () => {
  const devices = await enrolled(50);
  const step = thisStep();
  const before = aUse(devices[17]?.alias as number, step);
  await inTransaction((tx) => insertUses(tx, [before], new Date(now())));
  const batch = devices.map(({ alias }) => aUse(alias, step));
  await assert.rejects(
    inTransaction((tx) => insertUses(tx, batch, new Date(now()))),
    isUniqueViolation,
  );
  assert.deepEqual(await inTransaction((tx) => findUses(tx, batch)), [before]);
});

test("uses in steps beyond 2^31 are kept", async () => {
  const { alias } = await anEnrolledDevice();
  const uses = [2 ** 31, 2 ** 32 + 1].map((step) => aUse(alias, step));
  await inTransaction((tx) => insertUses(tx, uses, new Date(now())));
  assert.equal((await inTransaction((tx) => findUses(tx, uses))).length, 2);
});

test("a revoked device's codes die at once, even where its alias is known already", async () => {
  const device = await anEnrolledDevice();
  await resolveCode(codeOf(device));
  await inTransaction((tx) => endDeviceCodes(tx, { id: device.deviceId, userId: device.userId }));
  const it = await resolveCode(codeOf(device));
  assert.equal(it.kind, "own", "this process remembers the alias");
  assert.deepEqual(await stateOf(device.alias), {
    userId: device.userId,
    livemode: false,
    usable: false,
    reason: "payment_code_invalid",
  });
});

test("enrolling again ends the codes of the key before, and of no other device", async () => {
  const [device, other] = await enrolled(2);
  assert.ok(device && other);
  const [renewed] = await inTransaction((tx) => enrolCodeKeys(tx, [device]));
  assert.equal((await stateOf(device.alias))?.reason, "payment_code_invalid");
  assert.equal((await stateOf(renewed?.alias as number))?.usable, true);
  assert.equal((await stateOf(other.alias))?.usable, true);
});

test("a locked alias answers as a wrong code does, and opens again after ten minutes", async () => {
  const { alias } = await anEnrolledDevice();
  const guesses = Array.from({ length: 5 }, () => ({ alias, subject: newId("trm") }));
  await inTransaction((tx) => countWrong(tx, guesses));
  assert.equal((await stateOf(alias))?.reason, "payment_code_invalid");
  await advance(601);
  assert.equal((await stateOf(alias))?.usable, true);
});

test("a step is judged by the time that comes with the aliases", async () => {
  const device = await anEnrolledDevice();
  const it = await resolveCode(codeOf(device));
  assert.ok(it.kind === "own");
  const judge = async () => {
    const { now: time } = await inTransaction((tx) => readAliases(tx, [device.alias]));
    return stepIsCurrent(it.step, time.getTime());
  };
  assert.equal(await judge(), true);
  await advance(60);
  assert.equal(await judge(), false);
});
