import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { placeOf, storeOf, terminalOf } from "#modules/merchants";
import { idsOf, operator, useMerchants } from "#test/merchants.ts";
import { ok, refused } from "#test/people.ts";

const { ask, aMerchant, aShop } = useMerchants();

test("a merchant opens stores with its key; time zone and address are optional", async () => {
  const shop = await aShop();
  const store = await shop.aStore();
  assert.deepEqual(store, {
    id: store.id,
    object: "store",
    merchant: shop.id,
    livemode: false,
    name: "West Lake",
    time_zone: "Asia/Shanghai",
    address: null,
    created_at: store.created_at,
  });
  const abroad = await shop.aStore({ time_zone: "Europe/Lisbon", address: "Rua Augusta 1, Lisboa" });
  assert.deepEqual(ok(await shop.ask("GET", `/v1/stores/${abroad.id}`)), abroad);
  const { data } = ok(await shop.ask("GET", "/v1/stores"));
  assert.deepEqual(new Set(idsOf(data)), new Set([store.id, abroad.id]));
});

test("a store may be renamed, moved to another zone, and lose its address", async () => {
  const shop = await aShop();
  const store = await shop.aStore({ address: "1 Main Street" });
  const path = `/v1/stores/${store.id}`;
  const renamed = ok(await shop.ask("PATCH", path, { name: "East Lake", time_zone: "Asia/Tokyo" }));
  assert.deepEqual(renamed, { ...store, name: "East Lake", time_zone: "Asia/Tokyo" });
  assert.equal(ok(await shop.ask("PATCH", path, { address: null })).address, null);
  refused(await shop.ask("PATCH", path, {}), 400, "parameter_invalid");
});

test("a time zone that does not exist is refused", async () => {
  const shop = await aShop();
  const store = await shop.aStore();
  for (const time_zone of ["Asia/Atlantis", "+08:00", "", "GMT+25", "Asia/Shanghai; drop table stores"]) {
    const made = await shop.ask("POST", "/v1/stores", { name: "S", time_zone });
    assert.equal(refused(made, 400, "parameter_invalid").param, "/time_zone");
    refused(await shop.ask("PATCH", `/v1/stores/${store.id}`, { time_zone }), 400, "parameter_invalid");
  }
});

test("a terminal stands in a store, may be blocked and unblocked, and moves to another store of its merchant", async () => {
  const shop = await aShop();
  const [store, other] = [await shop.aStore(), await shop.aStore()];
  const terminal = await shop.aTerminal(store.id);
  assert.deepEqual(terminal, {
    id: terminal.id,
    object: "terminal",
    merchant: shop.id,
    store: store.id,
    livemode: false,
    name: "Counter 1",
    status: "active",
    refund_limit: 0,
    paired_at: null,
    created_at: terminal.created_at,
  });
  const path = `/v1/terminals/${terminal.id}`;
  assert.equal(ok(await shop.ask("PATCH", path, { status: "blocked" })).status, "blocked");
  assert.equal(ok(await shop.ask("PATCH", path, { store: other.id })).store, other.id);
  assert.deepEqual(ok(await shop.ask("GET", path)), { ...terminal, store: other.id, status: "blocked" });
  const of = async (query: string) => ok(await shop.ask("GET", `/v1/terminals?${query}`)).data.length;
  assert.deepEqual([await of(`store=${other.id}`), await of(`store=${store.id}`)], [1, 0]);
  assert.deepEqual([await of("status=blocked"), await of("status=active")], [1, 0]);
});

test("staff open stores and terminals for a merchant they name, and must name one", async () => {
  const { id: merchant } = await aMerchant();
  const unnamed = await ask("POST", "/v1/stores", { name: "S" }, operator);
  assert.equal(refused(unnamed, 400, "parameter_missing").param, "/merchant");
  const store = ok(await ask("POST", "/v1/stores", { merchant, name: "S" }, operator));
  const terminal = ok(await ask("POST", "/v1/terminals", { merchant, store: store.id, name: "T" }, operator));
  assert.equal(terminal.merchant, merchant);
  for (const [path, made] of [
    ["stores", store],
    ["terminals", terminal],
  ] as const) {
    const nobody = await ask("GET", `/v1/${path}`, undefined, operator);
    assert.equal(refused(nobody, 400, "parameter_missing").param, "merchant");
    const { data } = ok(await ask("GET", `/v1/${path}?merchant=${merchant}`, undefined, operator));
    assert.deepEqual(data, [made]);
    assert.deepEqual(ok(await ask("GET", `/v1/${path}/${made.id}`, undefined, operator)), made);
  }
  const wrong = await ask("POST", "/v1/stores", { merchant: "mch_00000000000000000000000000", name: "S" }, operator);
  assert.equal(refused(wrong, 404, "not_found").param, "/merchant");
});

test("a terminal can't be opened in, or moved to, another merchant's store, not even by staff", async () => {
  const [shop, other] = [await aShop(), await aShop()];
  const [mine, theirs] = [await shop.aStore(), await other.aStore()];
  const terminal = await shop.aTerminal(mine.id);
  const opened = await shop.ask("POST", "/v1/terminals", { store: theirs.id, name: "T" });
  assert.equal(refused(opened, 404, "not_found").param, "/store");
  const staffs = await ask("POST", "/v1/terminals", { merchant: shop.id, store: theirs.id, name: "T" }, operator);
  refused(staffs, 404, "not_found");
  for (const moved of [
    await shop.ask("PATCH", `/v1/terminals/${terminal.id}`, { store: theirs.id }),
    await ask("PATCH", `/v1/terminals/${terminal.id}`, { store: theirs.id }, operator),
  ]) {
    assert.equal(refused(moved, 404, "not_found").param, "/store");
  }
});

test("a payment's place: the store named, the terminal's own, or none; never a foreign, wrong or blocked one", async () => {
  const [shop, other] = [await aShop(), await aShop()];
  const [store, second] = [await shop.aStore(), await shop.aStore()];
  const terminal = await shop.aTerminal(store.id);
  const owner = { merchantId: shop.id, livemode: false };
  assert.deepEqual(await placeOf(owner, undefined, undefined), { storeId: null });
  assert.deepEqual(await placeOf(owner, store.id, undefined), { storeId: store.id });
  assert.deepEqual(await placeOf(owner, undefined, terminal.id), { storeId: store.id });
  assert.deepEqual(await placeOf(owner, store.id, terminal.id), { storeId: store.id });
  assert.equal(await placeOf(owner, second.id, terminal.id), "no_store");
  assert.equal(await placeOf(owner, "sto_00000000000000000000000000", undefined), "no_store");
  assert.equal(await placeOf(owner, undefined, "trm_00000000000000000000000000"), "no_terminal");
  for (const stranger of [
    { merchantId: other.id, livemode: false },
    { merchantId: shop.id, livemode: true },
  ]) {
    assert.equal(await placeOf(stranger, store.id, undefined), "no_store");
    assert.equal(await placeOf(stranger, undefined, terminal.id), "no_terminal");
  }
  ok(await shop.ask("PATCH", `/v1/terminals/${terminal.id}`, { status: "blocked" }));
  assert.equal(await placeOf(owner, undefined, terminal.id), "no_terminal");
});

test("a cached store or terminal is given without waiting, and is fresh after a change", async () => {
  const shop = await aShop();
  const store = await shop.aStore();
  const terminal = await shop.aTerminal(store.id);
  const owner = { merchantId: shop.id, livemode: false };
  assert.equal((await storeOf(owner, store.id))?.name, "West Lake");
  assert.equal((await terminalOf(owner, terminal.id))?.storeId, store.id);
  assert.ok(!(storeOf(owner, store.id) instanceof Promise) && !(terminalOf(owner, terminal.id) instanceof Promise));
  ok(await shop.ask("PATCH", `/v1/stores/${store.id}`, { name: "East Lake" }));
  ok(await shop.ask("PATCH", `/v1/terminals/${terminal.id}`, { name: "Counter 2" }));
  assert.equal((await storeOf(owner, store.id))?.name, "East Lake");
  assert.equal((await terminalOf(owner, terminal.id))?.name, "Counter 2");
});

test("stores and terminals tell of their making and changes", async () => {
  const shop = await aShop();
  const store = await shop.aStore();
  const terminal = await shop.aTerminal(store.id);
  const blocked = ok(await shop.ask("PATCH", `/v1/terminals/${terminal.id}`, { status: "blocked" }));
  const moved = ok(await shop.ask("PATCH", `/v1/stores/${store.id}`, { name: "Moved" }));
  const { rows } = await database().query(
    "select type, object from events where owner_id = $1 and object_id in ($2, $3) order by position",
    [shop.id, store.id, terminal.id],
  );
  assert.deepEqual(rows, [
    { type: "store.created", object: store },
    { type: "terminal.created", object: terminal },
    { type: "terminal.updated", object: blocked },
    { type: "store.updated", object: moved },
  ]);
});
