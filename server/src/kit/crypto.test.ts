import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { useDatabase } from "#test/database.ts";
import { elsewhere, eventually } from "#test/elsewhere.ts";
import { setClockOffset } from "./clock.ts";
import { blindIndex, constantTimeEqual, openKeyring, rotateDataKey, seal, UnsealError, unseal } from "./crypto.ts";
import { database } from "./db.ts";
import { listenForNotifications } from "./notifications.ts";

const masterKey = randomBytes(32);
const { url } = useDatabase({ prepare: () => openKeyring(masterKey) });

const context = "users.totp usr_1";
const keyIdOf = (sealed: string) => sealed.split(".")[1];
const dataKeys = async () =>
  (await database().query<{ id: string; sealed_key: string }>("select * from data_keys")).rows;

test("what was sealed opens again for its context, text and bytes alike", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      ),
      fc.string(),
      (plain, where) => {
        assert.deepEqual(unseal(seal(plain, where), where), Buffer.from(plain));
      },
    ),
  );
});

test("the same secret never looks the same twice, and names its version and data key", async () => {
  const sealed = seal("4111111111111111", context);
  assert.match(sealed, /^v1\.dk_[0-9a-z]{26}\.[\w-]+$/);
  assert.notEqual(sealed, seal("4111111111111111", context));
  assert.equal(keyIdOf(sealed), (await dataKeys())[0]?.id);
});

test("a sealed value does not open in another place", () => {
  assert.throws(() => unseal(seal("secret", context), "users.totp usr_2"), UnsealError);
  assert.throws(() => unseal(seal("secret", context), ""), UnsealError);
});

test("a value changed at any place does not open, and the error tells nothing of the content", () => {
  const sealed = seal("secret", context);
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
    assert.throws(
      () => unseal(changed, context),
      (error) => error instanceof UnsealError && !error.message.includes("secret"),
      `place ${at}`,
    );
  }
  const [version, id, box = ""] = sealed.split(".");
  for (const changed of [
    "",
    "v1",
    `v1.${id}`,
    `v1.${id}.`,
    `v1.${id}.${box.slice(0, 30)}`,
    `v2.${id}.${box}`,
    `${version}.${id}.${box}.more`,
    `${version}.${id}.${box}=`,
    `${version}.${id}. ${box}`,
    `${version}.dk_00000000000000000000000000.${box}`,
  ])
    assert.throws(() => unseal(changed, context), UnsealError, changed);
});

test("after a rotation the old key still opens, and the new one seals once every process knows it", async (t) => {
  const before = seal("old", context);
  const id = await rotateDataKey();
  assert.equal(keyIdOf(seal("settling", context)), keyIdOf(before));
  t.after(() => setClockOffset(0));
  setClockOffset(61_000);
  const after = seal("new", context);
  assert.equal(keyIdOf(after), id);
  assert.equal(unseal(before, context).toString(), "old");
  assert.equal(unseal(after, context).toString(), "new");
});

test("a secret that another process sealed under a new data key opens here", async (t) => {
  t.after(await listenForNotifications());
  const sealed = await elsewhere(
    url(),
    `import { setClockOffset } from "#kit/clock.ts";
     import { openKeyring, rotateDataKey, seal } from "#kit/crypto.ts";
     await openKeyring(Buffer.from("${masterKey.toString("hex")}", "hex"));
     await rotateDataKey();
     setClockOffset(61_000);
     console.log(seal("from elsewhere", "${context}"));`,
  ).output;
  await eventually(() => opens(sealed));
  assert.equal(unseal(sealed, context).toString(), "from elsewhere");
});

function opens(sealed: string): boolean {
  try {
    return unseal(sealed, context).length > 0;
  } catch {
    return false;
  }
}

test("the database's data keys open with their own master key only", async () => {
  await assert.rejects(
    openKeyring(randomBytes(32)),
    /the master key does not open data key .*belongs to another database/,
  );
  await assert.rejects(openKeyring(randomBytes(16)), /32 bytes/);
  const [first] = await dataKeys();
  assert.match(first?.sealed_key ?? "", /^v1\.master\.[\w-]{80}$/);
  assert.equal(unseal(seal("still", context), context).toString(), "still");
});

test("processes that start together on a new database agree on one data key", async () => {
  await database().query("delete from data_keys");
  await Promise.all(Array.from({ length: 6 }, () => openKeyring(masterKey)));
  assert.equal((await dataKeys()).length, 2, "one that seals, and the root of digests");
});

test("equal values have equal blind indexes within a purpose, and nothing else has", async () => {
  const index = blindIndex("+8613800000000", "users.phone");
  assert.match(index, /^[\w-]{43}$/);
  assert.equal(blindIndex("+8613800000000", "users.phone"), index);
  assert.notEqual(blindIndex("+8613800000001", "users.phone"), index);
  assert.notEqual(blindIndex("+8613800000000", "staff.phone"), index);
  await rotateDataKey();
  assert.equal(blindIndex("+8613800000000", "users.phone"), index, "a rotation leaves it alone");
});

test("secrets compare equal only when every byte is", () => {
  assert.ok(constantTimeEqual("sk_test_a", Buffer.from("sk_test_a")));
  assert.ok(!constantTimeEqual("sk_test_a", "sk_test_b"));
  assert.ok(!constantTimeEqual("sk_test_a", "sk_test_ab"));
  assert.ok(!constantTimeEqual("", "a"));
});
