import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { useDatabase } from "#test/database.ts";
import { times } from "#test/factories.ts";
import { openKeyring } from "./crypto.ts";
import { database } from "./db.ts";
import { newId } from "./ids.ts";
import { metricsText } from "./metrics.ts";
import { flushSignals, signal } from "./security-signals.ts";

useDatabase({ prepare: () => openKeyring(randomBytes(32)) });

const written = async (kind: string) => {
  await flushSignals();
  const { rows } = await database().query("select * from security_signals where kind = $1 order by position", [kind]);
  return rows;
};

test("signals of one kind, subject and network become one row with their number and the last details", async () => {
  const subject = newId("usr");
  for (const n of times(30, (n) => n)) signal("pin_wrong", { subject, address: "203.0.113.9", details: { n } });
  signal("pin_wrong", { subject, address: "203.0.113.10" });
  const rows = await written("pin_wrong");
  assert.deepEqual(
    rows.map(({ subject, count, details }) => ({ subject, count, details })),
    [
      { subject, count: 30, details: { n: 29 } },
      { subject, count: 1, details: {} },
    ],
  );
  assert.notEqual(rows[0].address, rows[1].address);
});

test("an address and a name are never stored as they are", async () => {
  signal("sign_in_failed", { subject: "+8613800000000", objectId: "wang@example.com", address: "203.0.113.9" });
  signal("sign_in_failed", { subject: randomBytes(32).toString("base64url"), address: "2001:db8:1:2:3:4:5:6" });
  const rows = await written("sign_in_failed");
  assert.doesNotMatch(JSON.stringify(rows), /138000|wang|113\.9|:2:3/);
  assert.deepEqual(
    rows.map((row) => row.address_masked),
    ["203.0.113.×", "2001:db8:1::×"],
  );
});

test("a flood of a hundred thousand subjects keeps a bounded number, and counts every one", async () => {
  for (const n of times(100_000, (n) => n)) signal("credentials_unknown", { subject: `guess ${n}` });
  const rows = await written("credentials_unknown");
  assert.ok(rows.length <= 201, `${rows.length} rows`);
  assert.equal(
    rows.reduce((sum, { count }) => sum + count, 0),
    100_000,
  );
  assert.match(await metricsText(), /^feiqian_signals_total\{kind="credentials_unknown",severity="info"\} 100000$/m);
});

test("what can't be written is written later, and nobody hears of it", async () => {
  signal("callback_forged", { subject: newId("key") });
  await database().query("alter table security_signals rename to elsewhere");
  await flushSignals();
  await database().query("alter table elsewhere rename to security_signals");
  assert.equal((await written("callback_forged")).length, 1);
});

test("details that are too long are left out, hostile text is stored as text", async () => {
  signal("request_broken", { details: { text: "x".repeat(2_000) } });
  signal("body_hostile", { details: { text: `"'\\{},\0\n` } });
  assert.deepEqual((await written("request_broken"))[0].details, {});
  assert.match(JSON.stringify((await written("body_hostile"))[0].details), /u0000/);
});
