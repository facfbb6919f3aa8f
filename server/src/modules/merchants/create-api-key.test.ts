import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { operator, staff, useMerchants } from "#test/merchants.ts";
import { ok, refused, times } from "#test/people.ts";

const { ask, aMerchant, aKey, aShop } = useMerchants();

test("a key's secret is shown once: in the answer that makes it and in no other", async () => {
  const { id: merchant } = await aMerchant();
  const made = await aKey(merchant);
  assert.match(made.secret, /^sk_test_[0-9A-Za-z]{43}$/);
  const { secret, ...key } = made;
  assert.deepEqual(key, {
    id: made.id,
    object: "api_key",
    merchant,
    livemode: false,
    name: "Server",
    scopes: null,
    status: "active",
    allowed_addresses: null,
    require_signature: false,
    signature_key: null,
    last_four: secret.slice(-4),
    rolled_to: null,
    created_at: made.created_at,
    expires_at: null,
    revoked_at: null,
    last_used_at: null,
  });
  assert.deepEqual(ok(await ask("GET", `/v1/api_keys/${made.id}`, undefined, operator)), key);
  assert.deepEqual(ok(await ask("GET", `/v1/api_keys?merchant=${merchant}`, undefined, operator)).data, [key]);
});

test("a thousand secrets differ from each other in every part", async () => {
  const { newSecret } = await import("./api-key.ts");
  const secrets = times(1_000, () => newSecret(false).slice("sk_test_".length));
  assert.equal(new Set(secrets).size, 1_000);
  assert.equal(new Set(secrets.map((secret) => secret.slice(-8))).size, 1_000);
  // 2^256 just fits into 43 base62 digits, so the first one takes all but the last values.
  assert.ok(new Set(secrets.map((secret) => secret[0])).size > 50);
});

test("only a digest of a secret is stored: a dump of every table holds no secret", async () => {
  const { id: merchant } = await aMerchant();
  const headers = { "idempotency-key": "with-a-key" };
  const first = ok(await ask("POST", "/v1/api_keys", { merchant, name: "A" }, { ...operator, headers }));
  const rolled = ok(
    await ask(
      "POST",
      `/v1/api_keys/${first.id}/roll`,
      { overlap_seconds: 60 },
      {
        ...operator,
        headers: { "idempotency-key": "rolled-with-a-key" },
      },
    ),
  );
  const { rows: tables } = await database().query("select tablename from pg_tables where schemaname = 'public'");
  const dumps = await Promise.all(
    tables.map(({ tablename }) => database().query(`select t::text as row from "${tablename}" t`)),
  );
  const dump = dumps.flatMap(({ rows }) => rows.map(({ row }) => row)).join("\n");
  for (const { secret } of [first, rolled]) {
    assert.ok(dump.includes(hash("sha256", secret, "hex")), "the digest is there, so the dump is whole");
    assert.ok(!dump.includes(secret) && !dump.includes(secret.slice(8)), "the secret is not");
    assert.ok(
      !dump.includes(Buffer.from(secret).toString("hex")) && !dump.includes(Buffer.from(secret).toString("base64")),
    );
  }
});

test("a repeated request with an Idempotency-Key gives the same secret again and makes no second key", async () => {
  const { id: merchant } = await aMerchant();
  const send = () =>
    ask("POST", "/v1/api_keys", { merchant, name: "A" }, { ...operator, headers: { "idempotency-key": "repeat" } });
  const first = await send();
  const again = await send();
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  assert.deepEqual(again.body, ok(first));
  assert.equal(ok(await ask("GET", `/v1/api_keys?merchant=${merchant}`, undefined, operator)).data.length, 1);
});

test("a merchant makes further keys with a key that may", async () => {
  const shop = await aShop();
  const made = ok(await shop.ask("POST", "/v1/api_keys", { name: "Till", scopes: ["merchants:read"] }));
  assert.deepEqual([made.merchant, made.scopes], [shop.id, ["merchants:read"]]);
  ok(await ask("GET", "/v1/stores", undefined, { token: made.secret }));
});

test("a key without the scope is refused by name on every route", async () => {
  const shop = await aShop();
  const { secret: token } = await aKey(shop.id, { scopes: ["keys:read"] });
  const store = await shop.aStore();
  const terminal = await shop.aTerminal(store.id);
  const cases: [string, string, object | undefined, string][] = [
    ["GET", `/v1/merchants/${shop.id}`, undefined, "merchants:read"],
    ["POST", "/v1/stores", { name: "S" }, "merchants:write"],
    ["GET", "/v1/stores", undefined, "merchants:read"],
    ["GET", `/v1/stores/${store.id}`, undefined, "merchants:read"],
    ["PATCH", `/v1/stores/${store.id}`, { name: "S" }, "merchants:write"],
    ["POST", "/v1/terminals", { store: store.id, name: "T" }, "merchants:write"],
    ["GET", "/v1/terminals", undefined, "merchants:read"],
    ["GET", `/v1/terminals/${terminal.id}`, undefined, "merchants:read"],
    ["PATCH", `/v1/terminals/${terminal.id}`, { name: "T" }, "merchants:write"],
    ["POST", "/v1/api_keys", { name: "K" }, "keys:write"],
    ["POST", `/v1/api_keys/${shop.key.id}/roll`, { overlap_seconds: 0 }, "keys:write"],
    ["DELETE", `/v1/api_keys/${shop.key.id}`, undefined, "keys:write"],
  ];
  for (const [method, path, body, scope] of cases) {
    const error = refused(await ask(method, path, body, { token }), 403, "scope_missing");
    assert.equal(error.details.scope, scope, `${method} ${path}`);
  }
  assert.equal(ok(await ask("GET", "/v1/api_keys", undefined, { token })).data.length, 2);
});

test("a restricted key can't make, or roll its way to, a key that may do more than it may", async () => {
  const shop = await aShop();
  const { secret: token } = await aKey(shop.id, { scopes: ["keys:write", "merchants:read"] });
  const more = await ask(
    "POST",
    "/v1/api_keys",
    { name: "X", scopes: ["merchants:read", "merchants:write"] },
    { token },
  );
  assert.equal(refused(more, 403, "scope_missing").details.scope, "merchants:write");
  const roll = await ask("POST", `/v1/api_keys/${shop.key.id}/roll`, { overlap_seconds: 0 }, { token });
  refused(roll, 403, "scope_missing");
  ok(await shop.ask("GET", "/v1/stores"));
  const heir = ok(await ask("POST", "/v1/api_keys", { name: "X" }, { token }));
  assert.deepEqual(heir.scopes, ["keys:write", "merchants:read"]);
});

test("scopes that no route asks for are refused with those there are", async () => {
  const { id: merchant } = await aMerchant();
  for (const [scopes, param] of [
    [["merchants:read", "merchants:wirte"], "/scopes/1"],
    [["pricing:write"], "/scopes/0"],
    [["merchants:read", "merchants:read"], "/scopes"],
    [[], "/scopes"],
    [["*"], "/scopes/0"],
    ["merchants:read", "/scopes"],
  ]) {
    const answer = await ask("POST", "/v1/api_keys", { merchant, name: "K", scopes }, operator);
    assert.equal(refused(answer, 400, "parameter_invalid").param, param, JSON.stringify(scopes));
  }
  const { details } = refused(
    await ask("POST", "/v1/api_keys", { merchant, name: "K", scopes: ["no:such"] }, operator),
    400,
    "parameter_invalid",
  );
  assert.match(details.reason, /^must be one of .*keys:read, keys:write, merchants:read, merchants:write/);
});

test("staff make keys for a merchant that exists, with keys:write", async () => {
  const wrong = { merchant: "mch_00000000000000000000000000", name: "K" };
  assert.equal(refused(await ask("POST", "/v1/api_keys", wrong, operator), 404, "not_found").param, "/merchant");
  assert.equal(
    refused(await ask("POST", "/v1/api_keys", { name: "K" }, operator), 400, "parameter_missing").param,
    "/merchant",
  );
  refused(await ask("POST", "/v1/api_keys", wrong, staff("merchants:write", "keys:read")), 403, "scope_missing");
});

test("the making of a key is told without its secret", async () => {
  const { id: merchant } = await aMerchant();
  const { secret: _, ...key } = await aKey(merchant);
  const { rows } = await database().query(
    "select livemode, object from events where owner_id = $1 and type = 'api_key.created'",
    [merchant],
  );
  assert.deepEqual(rows, [{ livemode: false, object: key }]);
});
