import assert from "node:assert/strict";
import { hkdfSync, randomBytes } from "node:crypto";
import { test } from "node:test";
import { useDatabase } from "#test/database.ts";
import { elsewhere } from "#test/elsewhere.ts";
import { blindIndex, digestKey, openKeyring, rotateDataKey, seal, unseal } from "./crypto.ts";
import { rotateMasterKey } from "./data-keys.ts";
import { database } from "./db.ts";

let masterKey = randomBytes(32);
const { url } = useDatabase({ prepare: () => openKeyring(masterKey) });

test("after the master key changed, what was sealed opens and every keyed digest is the same; the old one opens nothing", async () => {
  const sealed = seal("secret", "a context");
  const index = blindIndex("+8613800000000", "users.phone");
  const next = randomBytes(32);
  assert.equal(await rotateMasterKey(masterKey, next), 2);
  assert.equal(await rotateMasterKey(masterKey, next), 0, "a repetition changes nothing");
  assert.equal(unseal(sealed, "a context").toString(), "secret", "a process that runs goes on");
  await assert.rejects(openKeyring(masterKey), /does not open data key/);
  await assert.rejects(rotateMasterKey(masterKey, randomBytes(32)), /does not open data key/);
  await openKeyring(next);
  masterKey = next;
  assert.equal(unseal(sealed, "a context").toString(), "secret");
  assert.equal(blindIndex("+8613800000000", "users.phone"), index);
});

test("a process that still has the old master key makes no data key under it", async () => {
  const next = randomBytes(32);
  await rotateMasterKey(masterKey, next);
  const before = await database().query("select id from data_keys");
  await assert.rejects(rotateDataKey(), /does not open data key/);
  assert.deepEqual((await database().query("select id from data_keys")).rows, before.rows);
  await openKeyring(next);
  masterKey = next;
});

test("a database from before the root has its digests from its master key, and keeps them when that changes", async () => {
  await database().query("delete from data_keys where purpose = 'digest'");
  const derived = Buffer.from(hkdfSync("sha256", masterKey, "", "feiqian blind index users.phone", 32));
  const digestElsewhere = (key: Buffer) =>
    elsewhere(
      url(),
      `import { digestKey, openKeyring } from "#kit/crypto.ts";
       await openKeyring(Buffer.from("${key.toString("hex")}", "hex"));
       console.log(digestKey("users.phone").export().toString("hex"));`,
    ).output;
  // The change comes before any start of the new version.
  const next = randomBytes(32);
  await rotateMasterKey(masterKey, next);
  assert.equal(await digestElsewhere(next), derived.toString("hex"));
  masterKey = next;

  await database().query("delete from data_keys where purpose = 'digest'");
  const again = hkdfSync("sha256", masterKey, "", "feiqian blind index users.phone", 32);
  assert.equal(await digestElsewhere(masterKey), Buffer.from(again).toString("hex"));
  assert.deepEqual((await database().query("select count(*)::int from data_keys where purpose = 'digest'")).rows, [
    { count: 1 },
  ]);
});

test("a new database's digests depend on no master key", async () => {
  await database().query("delete from data_keys");
  await openKeyring(masterKey);
  const derived = Buffer.from(hkdfSync("sha256", masterKey, "", "feiqian blind index users.phone", 32));
  assert.notDeepEqual(digestKey("users.phone").export(), derived);
});
