import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { anEnrolledDevice, codeOf, enrolled, thisStep, useCodes, wrongly } from "#test/codes.ts";
import { codesPerStep } from "./algorithm.ts";
import { type CodeResolution, resolveCode } from "./resolve-code.ts";

useCodes();

const kindOf = async (code: string): Promise<string> => {
  const it: CodeResolution = await resolveCode(code);
  return it.kind === "own" ? "own" : it.kind === "foreign" ? it.channel : it.reason;
};

test("a device's code tells whose it is, from which key, step and n", async () => {
  const { userId, livemode, alias, keyId, ...device } = await anEnrolledDevice();
  for (let n = 0; n < codesPerStep; n++) {
    const step = thisStep();
    const it = await resolveCode(codeOf({ alias, ...device }, { n, step }));
    assert.deepEqual(it, { kind: "own", alias, userId, livemode, keyId, step, n });
  }
});

test("once the alias is known, resolving is synchronous and asks the database nothing", async (t) => {
  const device = await anEnrolledDevice();
  await resolveCode(codeOf(device));
  const query = t.mock.method(database(), "query");
  for (const n of [0, 1, 2]) {
    assert.equal((resolveCode(codeOf(device, { n })) as CodeResolution).kind, "own");
    assert.equal((resolveCode(wrongly(codeOf(device, { n }))) as CodeResolution).kind, "refused");
  }
  assert.equal(query.mock.callCount(), 0);
});

test("five hundred aliases met at once are looked up together", async (t) => {
  const devices = await enrolled(500);
  const query = t.mock.method(database(), "query");
  const found = await Promise.all(devices.map(async (device) => resolveCode(codeOf(device))));
  assert.deepEqual(
    found.map((it) => it.kind === "own" && it.userId),
    devices.map(({ userId }) => userId),
  );
  assert.ok(query.mock.callCount() <= 4, `${query.mock.callCount()} statements`);
});

test("a code of the step before is taken; older ones are expired, later ones invalid", async () => {
  const device = await anEnrolledDevice();
  const current = thisStep();
  const kindAt = (later: number) => kindOf(codeOf(device, { step: current + later }));
  assert.equal(await kindAt(-1), "own");
  for (const later of [-3, -10, -19]) assert.equal(await kindAt(later), "payment_code_expired");
  for (const later of [-30, 2, 20]) assert.equal(await kindAt(later), "payment_code_invalid");
});

test("wrong digits and an unknown alias look alike", async () => {
  const device = await anEnrolledDevice();
  const code = codeOf(device);
  const unknown = code.slice(0, 2) + String((device.alias + 1) % 1_000_000_000).padStart(9, "0") + code.slice(11);
  const [wrong, stranger] = [await resolveCode(wrongly(code)), await resolveCode(unknown)];
  assert.deepEqual(wrong, { kind: "refused", reason: "payment_code_invalid", alias: device.alias });
  assert.deepEqual(stranger, { ...wrong, alias: (device.alias + 1) % 1_000_000_000 });
});

test("other wallets' codes are told by prefix and length", async () => {
  const code = (prefix: string, length: number): string => prefix.padEnd(length, "7");
  for (const prefix of ["10", "13", "15"]) assert.equal(await kindOf(code(prefix, 18)), "wechatpay");
  for (const prefix of ["25", "28", "30"]) {
    for (const length of [16, 18, 24]) assert.equal(await kindOf(code(prefix, length)), "alipay");
  }
  assert.equal(await kindOf(code("62", 19)), "unionpay");
});

test("what has not the form of a code names no alias", async () => {
  const others = ["09", "16", "24", "31", "61", "63", "89"].map((prefix) => prefix.padEnd(18, "7"));
  const lengths = ["10".padEnd(17, "1"), "25".padEnd(15, "1"), "25".padEnd(25, "1"), "62".padEnd(18, "1")];
  const ours = ["88", "88".padEnd(17, "1"), "88".padEnd(19, "1"), "88".padEnd(17, "1").concat("x")];
  const strange = ["", " ", "hello", "８８".padEnd(18, "1"), "-8".padEnd(18, "1"), "88 12345678 1234567", "1e17"];
  for (const code of [...others, ...lengths, ...ours, ...strange]) {
    assert.deepEqual(await resolveCode(code), { kind: "refused", reason: "payment_code_invalid", alias: null }, code);
  }
});
