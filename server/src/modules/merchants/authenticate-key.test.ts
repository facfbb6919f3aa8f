import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { Asking } from "#kit/access.ts";
import { database } from "#kit/db.ts";
import { authenticateKey, flushKeyUses } from "#modules/merchants";
import { operator, useMerchants } from "#test/merchants.ts";
import { ok, refused, times } from "#test/people.ts";
import { newSecret } from "./api-key.ts";

const { ask, aKey, aShop } = useMerchants();

const asking = { headers: {}, ip: "127.0.0.1", method: "GET", url: "/v1/stores", protocol: "http" } as Asking;

test("what looks like no API key is left to others; what looks like one and is none is refused", async () => {
  for (const token of ["", "eyJhbGciOiJFZERTQSJ9.e30.x", "SK_test_x", "pk_test_x"])
    assert.equal(authenticateKey(token, asking), undefined);
  const good = newSecret(false);
  const bad = [
    "sk_",
    "sk_test_",
    "sk_test_short",
    good.slice(0, -1),
    `${good}A`,
    `${good.slice(0, -1)}-`,
    good.replace("test", "prod"),
    `sk_test_${"0".repeat(10_000)}`,
    `sk_test_${"' or '1'='1".padEnd(43, "x")}`,
    good,
  ];
  for (const token of bad) {
    const answer = await ask("GET", "/v1/stores", undefined, { token });
    assert.equal(refused(answer, 401, "credentials_unknown").details, undefined);
    assert.equal(answer.headers.get("www-authenticate"), "Bearer");
  }
});

test("a key in the wrong letters is another key", async () => {
  const shop = await aShop();
  const swapped = shop.key.secret.replace(/[a-z]$|[A-Z]$|[0-9]$/, (c: string) => (c === "a" ? "b" : "a"));
  refused(await ask("GET", "/v1/stores", undefined, { token: swapped }), 401, "credentials_unknown");
  const rest = shop.key.secret.slice(8);
  const folded = `sk_test_${rest.toLowerCase() === rest ? rest.toUpperCase() : rest.toLowerCase()}`;
  refused(await ask("GET", "/v1/stores", undefined, { token: folded }), 401, "credentials_unknown");
});

test("a key that was seen is known without waiting; the actor says whose it is and what it may", async () => {
  const shop = await aShop();
  const key = await aKey(shop.id, { scopes: ["merchants:read"] });
  await authenticateKey(key.secret, asking);
  const actor = authenticateKey(key.secret, asking);
  assert.ok(actor && !(actor instanceof Promise));
  assert.deepEqual(actor, {
    kind: "merchant",
    merchantId: shop.id,
    livemode: false,
    keyId: key.id,
    scopes: new Set(["merchants:read"]),
  });
});

test("guessing at keys does not push out the ones in use", async () => {
  const shop = await aShop();
  await authenticateKey(shop.key.secret, asking);
  const guesses = times(2_000, () => `sk_test_${randomBytes(40).toString("hex").slice(0, 43)}`);
  for (const guess of guesses)
    await assert.rejects(async () => authenticateKey(guess, asking), { code: "credentials_unknown" });
  assert.ok(!(authenticateKey(shop.key.secret, asking) instanceof Promise));
});

test("when a key was last used is written afterwards, and never goes back", async () => {
  const shop = await aShop();
  const lastUse = async () => {
    await flushKeyUses();
    const { rows } = await database().query("select last_used_at from api_keys where id = $1", [shop.key.id]);
    return rows[0].last_used_at?.getTime() ?? null;
  };
  assert.equal(await lastUse(), null);
  const before = Date.now();
  ok(await shop.ask("GET", "/v1/stores"));
  const shown = ok(await ask("GET", `/v1/api_keys/${shop.key.id}`, undefined, operator)).last_used_at;
  assert.equal(shown, null, "the request itself writes nothing");
  const used = await lastUse();
  assert.ok(used >= before && used <= Date.now());
  await database().query("update api_keys set last_used_at = '2199-01-01' where id = $1", [shop.key.id]);
  ok(await shop.ask("GET", "/v1/stores"));
  assert.equal(await lastUse(), Date.UTC(2199, 0, 1));
});
