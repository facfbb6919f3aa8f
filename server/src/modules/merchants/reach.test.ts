import assert from "node:assert/strict";
import { test } from "node:test";
import type { Asking } from "#kit/access.ts";
import { config, configure } from "#kit/config.ts";
import { database } from "#kit/db.ts";
import { authenticateKey, placeOf } from "#modules/merchants";
import { operator, useMerchants } from "#test/merchants.ts";
import { ok, refused } from "#test/people.ts";

// A live server: it serves both modes, so that every kind of stranger can be tried.
const { ask, env, aKey, aMerchant, aShop } = useMerchants({ MODE: "live" });

const modesOf = (objects: readonly { livemode: boolean }[]): boolean[] => objects.map(({ livemode }) => livemode);

/** A merchant with one of everything in live mode, and every request that names one of these. */
async function everythingOfSomebody() {
  const { id: merchant } = await aMerchant();
  const key = await aKey(merchant, { livemode: true });
  const live = { token: key.secret };
  const store = ok(await ask("POST", "/v1/stores", { name: "S" }, live));
  const terminal = ok(await ask("POST", "/v1/terminals", { store: store.id, name: "T" }, live));
  const requests: [string, string, object?][] = [
    ["GET", `/v1/stores/${store.id}`],
    ["PATCH", `/v1/stores/${store.id}`, { name: "Taken" }],
    ["POST", "/v1/terminals", { store: store.id, name: "Taken" }],
    ["GET", `/v1/terminals/${terminal.id}`],
    ["PATCH", `/v1/terminals/${terminal.id}`, { status: "blocked" }],
    ["GET", `/v1/api_keys/${key.id}`],
    ["POST", `/v1/api_keys/${key.id}/roll`, { overlap_seconds: 0 }],
    ["DELETE", `/v1/api_keys/${key.id}`],
  ];
  const naming: typeof requests = [
    ["GET", `/v1/merchants/${merchant}`],
    ["GET", `/v1/stores?merchant=${merchant}`],
    ["POST", "/v1/stores", { merchant, name: "Taken" }],
    ["GET", `/v1/terminals?merchant=${merchant}`],
    ["POST", "/v1/terminals", { merchant, store: store.id, name: "Taken" }],
    ["GET", `/v1/api_keys?merchant=${merchant}`],
    ["POST", "/v1/api_keys", { merchant, name: "Taken" }],
  ];
  const state = async () =>
    Promise.all(
      ["stores", "terminals", "api_keys"].map(
        async (table) => (await database().query(`select * from ${table} where merchant_id = $1`, [merchant])).rows,
      ),
    );
  return { merchant, live, store, terminal, key, requests, naming, state };
}

test("another merchant's objects are not found, on every route, and stay as they are", async () => {
  const theirs = await everythingOfSomebody();
  const stranger = await aMerchant();
  const before = await theirs.state();
  for (const livemode of [true, false]) {
    const { secret: token } = await aKey(stranger.id, { livemode });
    for (const [method, path, body] of [...theirs.requests, ...theirs.naming])
      refused(await ask(method, path, body, { token }), 404, "not_found");
    for (const list of ["stores", "terminals"])
      assert.deepEqual(ok(await ask("GET", `/v1/${list}`, undefined, { token })).data, []);
  }
  assert.deepEqual(await theirs.state(), before);
});

test("a merchant's own live objects are not found with its test key", async () => {
  const own = await everythingOfSomebody();
  const { secret: token } = await aKey(own.merchant, { livemode: false });
  const before = await own.state();
  for (const [method, path, body] of own.requests) refused(await ask(method, path, body, { token }), 404, "not_found");
  for (const list of ["stores", "terminals"])
    assert.deepEqual(ok(await ask("GET", `/v1/${list}`, undefined, { token })).data, []);
  assert.deepEqual(await own.state(), before);
  ok(await ask("GET", `/v1/merchants/${own.merchant}`, undefined, { token }));
  assert.equal(await placeOf({ merchantId: own.merchant, livemode: false }, own.store.id, undefined), "no_store");
});

test("an unknown object and somebody else's give the same answer", async () => {
  const theirs = await everythingOfSomebody();
  const { ask: stranger } = await aShop();
  const bare = ({ status, body: { error } }: Awaited<ReturnType<typeof ask>>) => [status, { ...error, request_id: "" }];
  for (const [known, unknown] of [
    [`stores/${theirs.store.id}`, "stores/sto_00000000000000000000000000"],
    [`terminals/${theirs.terminal.id}`, "terminals/trm_00000000000000000000000000"],
    [`api_keys/${theirs.key.id}`, "api_keys/key_00000000000000000000000000"],
    [`merchants/${theirs.merchant}`, "merchants/mch_00000000000000000000000000"],
  ])
    assert.deepEqual(bare(await stranger("GET", `/v1/${known}`)), bare(await stranger("GET", `/v1/${unknown}`)));
});

test("a key makes and lists objects of its own mode only; the other one, when named, is refused", async () => {
  const { id: merchant } = await aMerchant();
  for (const livemode of [true, false]) {
    const { secret: token } = await aKey(merchant, { livemode });
    const store = ok(await ask("POST", "/v1/stores", { name: "S" }, { token }));
    const key = ok(await ask("POST", "/v1/api_keys", { name: "K" }, { token }));
    assert.deepEqual([store.livemode, key.livemode], [livemode, livemode]);
    assert.match(key.secret, livemode ? /^sk_live_/ : /^sk_test_/);
    for (const path of ["/v1/stores", "/v1/api_keys"]) {
      const made = await ask("POST", path, { name: "X", livemode: !livemode }, { token });
      assert.equal(refused(made, 400, "livemode_unavailable").param, "/livemode");
      const listed = await ask("GET", `${path}?livemode=${!livemode}`, undefined, { token });
      assert.equal(refused(listed, 400, "livemode_unavailable").param, "livemode");
      const { data } = ok(await ask("GET", `${path}?limit=100`, undefined, { token }));
      assert.ok(data.length > 0 && modesOf(data).every((mode) => mode === livemode));
    }
  }
  const both = ok(await ask("GET", `/v1/stores?merchant=${merchant}`, undefined, operator)).data;
  assert.deepEqual(new Set(modesOf(both)), new Set([true, false]));
  const live = ok(await ask("GET", `/v1/stores?merchant=${merchant}&livemode=true`, undefined, operator)).data;
  assert.deepEqual(modesOf(live), [true]);
});

test("a live server tells of a merchant in both modes", async () => {
  const { id } = await aMerchant();
  const { rows } = await database().query("select livemode from events where owner_id = $1 order by livemode", [id]);
  assert.deepEqual(rows, [{ livemode: false }, { livemode: true }]);
});

test("staff without a word about the mode make live objects on a live server", async () => {
  const { id: merchant } = await aMerchant();
  assert.match((await aKey(merchant)).secret, /^sk_live_/);
  assert.equal(ok(await ask("POST", "/v1/stores", { merchant, name: "S" }, operator)).livemode, true);
});

test("a test terminal can't be put into a live store by its merchant's test key, nor moved there by staff", async () => {
  const own = await everythingOfSomebody();
  const testStore = ok(
    await ask("POST", "/v1/stores", { merchant: own.merchant, livemode: false, name: "S" }, operator),
  );
  const testTerminal = ok(await ask("POST", "/v1/terminals", { store: testStore.id, name: "T" }, operator));
  assert.equal(testTerminal.livemode, false);
  const moved = await ask("PATCH", `/v1/terminals/${testTerminal.id}`, { store: own.store.id }, operator);
  assert.equal(refused(moved, 404, "not_found").param, "/store");
});

test("ids that hold control characters or are endless are refused, not answered with 500", async () => {
  const { ask: shop } = await aShop();
  for (const path of [
    "/v1/stores/%00",
    "/v1/terminals/%0a",
    "/v1/stores?starting_after=%00",
    "/v1/stores?merchant=%00",
  ])
    refused(await shop("GET", path), 400, "parameter_invalid");
  refused(await shop("GET", `/v1/stores/${"x".repeat(65)}`), 400, "parameter_invalid");
  refused(await shop("GET", `/v1/stores/${encodeURIComponent("' or true --")}`), 400, "parameter_invalid");
});

test("a server in test mode takes no live key, makes none, and has no live objects", async () => {
  const { id: merchant } = await aMerchant();
  const { secret } = await aKey(merchant, { livemode: true });
  const testKey = await aKey(merchant, { livemode: false });
  ok(await ask("GET", "/v1/stores", undefined, { token: secret }));
  configure({ ...env(), MODE: "test" });
  try {
    assert.equal(config().mode, "test");
    assert.throws(() => authenticateKey(secret, { headers: {} } as Asking), { code: "live_key_refused" });
    const refusal = await ask("GET", "/v1/stores", undefined, { token: secret });
    assert.equal(refused(refusal, 401, "live_key_refused").type, "authentication");
    ok(await ask("GET", "/v1/stores", undefined, { token: testKey.secret }));
    const body = { merchant, livemode: true, name: "X" };
    refused(await ask("POST", "/v1/api_keys", body, operator), 400, "livemode_unavailable");
    refused(await ask("POST", "/v1/stores", body, operator), 400, "livemode_unavailable");
    assert.match((await aKey(merchant)).secret, /^sk_test_/);
  } finally {
    configure(env());
  }
});
