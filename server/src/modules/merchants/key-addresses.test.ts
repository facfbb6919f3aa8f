import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "#kit/addresses.ts";
import { database } from "#kit/db.ts";
import { aSecondProcess, operator, useMerchants } from "#test/merchants.ts";
import { ok, refused } from "#test/people.ts";

const { ask, aKey, aShop, env } = useMerchants();

const elsewhere = ["203.0.113.0/24", "2001:db8::/32"];

test("a key with an allow-list works from there alone, and says from where the request came", async () => {
  const shop = await aShop();
  const use = async (allowed_addresses: string[]) =>
    ask("GET", "/v1/stores", undefined, { token: (await aKey(shop.id, { allowed_addresses })).secret });
  ok(await use(["127.0.0.1"]));
  ok(await use([...elsewhere, "127.0.0.0/8"]));
  ok(await use(["0.0.0.0/0"]));
  for (const list of [elsewhere, ["127.0.0.2"], ["::/0"]]) {
    const error = refused(await use(list), 403, "address_not_allowed");
    assert.deepEqual(error.details, { address: "127.0.0.1" });
  }
});

test("an address is the same in each of its spellings, and a range ends where it ends", () => {
  const set = new AddressSet(["203.0.113.64/26", "2001:db8:1::/48", "198.51.100.7", "::1"]);
  for (const inside of [
    "203.0.113.64",
    "203.0.113.127",
    "::ffff:203.0.113.100",
    "198.51.100.7",
    "2001:db8:1:ffff::9",
    "2001:DB8:1::",
    "::1",
    "fe80::1%eth0".replace("fe80", "2001:db8:1"),
  ])
    assert.ok(set.has(inside), inside);
  for (const outside of [
    "203.0.113.63",
    "203.0.113.128",
    "198.51.100.8",
    "2001:db8:2::",
    "::2",
    "::ffff:203.0.113.1",
    "",
    "localhost",
  ])
    assert.ok(!set.has(outside), outside);
});

test("what is no address or range is refused by its place", async () => {
  const shop = await aShop();
  for (const wrong of [
    "",
    "localhost",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0.0/-1",
    "10.0.0",
    "::/129",
    "10.0.0.1-10.0.0.9",
    "1.2.3.4/",
    "::ffff:10.0.0.1",
    "fe80::1%eth0",
  ]) {
    const body = { name: "x", allowed_addresses: ["10.0.0.1", wrong] };
    assert.equal(
      refused(await shop.ask("POST", "/v1/api_keys", body), 400, "parameter_invalid").param,
      "/allowed_addresses/1",
      wrong,
    );
  }
  for (const allowed_addresses of [[], ["::1", "::1"], Array.from({ length: 101 }, (_, i) => `10.0.0.${i}`)])
    refused(await shop.ask("POST", "/v1/api_keys", { name: "x", allowed_addresses }), 400, "parameter_invalid");
});

test("a change of the list holds with its answer here, and within a second in another process", async () => {
  const shop = await aShop();
  const key = await aKey(shop.id);
  const other = await aSecondProcess(env());
  try {
    const token = key.secret;
    const inOther = () => other.ask("GET", "/v1/stores", undefined, { token });
    ok(await inOther());
    const change = (allowed_addresses: string[] | null) =>
      ask("PATCH", `/v1/api_keys/${key.id}`, { allowed_addresses }, operator);
    assert.deepEqual(ok(await change(elsewhere)).allowed_addresses, elsewhere);
    refused(await ask("GET", "/v1/stores", undefined, { token }), 403, "address_not_allowed");
    const deadline = performance.now() + 1_000;
    while ((await inOther()).status !== 403) assert.ok(performance.now() < deadline);
    assert.equal(ok(await change(null)).allowed_addresses, null);
    ok(await ask("GET", "/v1/stores", undefined, { token }));
  } finally {
    await other.stop();
  }
  const { rows } = await database().query(
    "select object from events where object_id = $1 and type = 'api_key.updated' order by position",
    [key.id],
  );
  assert.deepEqual(
    rows.map(({ object }) => object.allowed_addresses),
    [elsewhere, null],
  );
});

test("a key that is bound to addresses makes and changes keys within them only", async () => {
  const shop = await aShop();
  const { secret: token, id } = await aKey(shop.id, { allowed_addresses: ["127.0.0.0/16"] });
  const make = (allowed_addresses?: string[]) =>
    ask("POST", "/v1/api_keys", { name: "x", allowed_addresses }, { token });
  assert.deepEqual(ok(await make()).allowed_addresses, ["127.0.0.0/16"]);
  ok(await make(["127.0.0.1", "127.0.128.0/17"]));
  for (const wider of [["127.0.0.0/8"], ["127.0.0.1", "10.0.0.1"], ["::1"], ["0.0.0.0/0"]])
    assert.equal(refused(await make(wider), 403, "key_restriction_wider").param, "/allowed_addresses");
  const change = (key: string, allowed_addresses: string[] | null) =>
    ask("PATCH", `/v1/api_keys/${key}`, { allowed_addresses }, { token });
  refused(await change(id, null), 403, "key_restriction_wider");
  refused(await change(shop.key.id, null), 403, "key_restriction_wider");
  refused(
    await ask("POST", `/v1/api_keys/${shop.key.id}/roll`, { overlap_seconds: 0 }, { token }),
    403,
    "key_restriction_wider",
  );
  ok(await change(shop.key.id, ["127.0.0.1"]));
});

test("somebody else's key and a revoked one can't be changed", async () => {
  const [shop, other] = [await aShop(), await aShop()];
  const change = (id: string) => shop.ask("PATCH", `/v1/api_keys/${id}`, { name: "mine" });
  refused(await change(other.key.id), 404, "not_found");
  const key = await aKey(shop.id);
  assert.equal(ok(await change(key.id)).name, "mine");
  ok(await shop.ask("DELETE", `/v1/api_keys/${key.id}`));
  refused(await change(key.id), 409, "state_conflict");
});
