import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { database, inTransaction } from "#kit/db.ts";
import { aPayer, aShop, booksBalance, ok, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { closeOrder } from "./close-order.ts";
import { confirmByWallet } from "./confirm-by-wallet.ts";

const platform = usePlatform();

test("a closed order can't be paid, costs nothing, and closing it again changes nothing", async () => {
  const shop = await aShop(platform);
  const payer = await aPayer(platform);
  const order = await ok(shop.order());
  const closed = await ok(shop.close(order));
  assert.deepEqual([closed.id, closed.status, closed.fee, closed.payer], [order.id, "closed", 0, null]);
  assert.deepEqual(await ok(shop.close(order)), closed);
  assert.deepEqual(await ok(shop.close(order, { key: null })), closed);
  const late = await payer.confirm(order);
  assert.deepEqual(
    [late.status, late.body.error.code, late.body.error.details],
    [409, "state_conflict", { status: "closed" }],
  );
  assert.equal(await payer.balance(), 100_000);
  assert.deepEqual(await typesOf(order.id), ["payment.requires_payment", "payment.closed"]);
});

test("a payment that is paid, that waits for a confirmation, or that is another merchant's can't be closed", async () => {
  const [shop, rival] = await Promise.all([aShop(platform), aShop(platform)]);
  const payer = await aPayer(platform, { money: 500_000 });
  const order = await ok(shop.order());
  assert.equal((await rival.close(order)).status, 404);
  assert.equal((await shop.close({ id: "pay_00000000000000000000000000" })).status, 404);
  assert.equal((await shop.close(order, { body: { reason: "x" } })).body.error.code, "parameter_unknown");
  assert.equal((await shop.close(order, { token: payer.token })).body.error.code, "actor_not_allowed");
  await ok(payer.confirm(order));
  const waiting = await ok(shop.scan(await payer.code(), { amount: 150_000 }));
  for (const [payment, status] of [
    [order, "succeeded"],
    [waiting, "processing"],
  ]) {
    const { error } = (await shop.close(payment)).body;
    assert.deepEqual([error.code, error.details], ["state_conflict", { status }]);
  }
});

test("fifty times close races with pay: each time exactly one wins, the other learns the state, and the money follows", async () => {
  const shop = await aShop(platform);
  const payer = await aPayer(platform, { money: 100_000 });
  const orders = await Promise.all(times(50, () => ok(shop.order({ amount: 100 }))));
  // Past HTTP, where the PIN takes its time: the two transactions begin together.
  const place = { merchantId: shop.id, livemode: false };
  const actor = { kind: "merchant", keyId: "key_0", scopes: null, ...place } as const;
  let paid = 0;
  for (const [i, { id }] of orders.entries()) {
    const pay = () =>
      inTransaction((tx) => confirmByWallet(tx, { id, ...place }, { userId: payer.id, livemode: false }));
    const close = () => inTransaction((tx) => closeOrder(tx, actor, id));
    const outcomes = await Promise.allSettled((i % 2 === 0 ? [pay, close] : [close, pay]).map((act) => act()));
    const { status } = (await shop.get(`/v1/payments/${id}`)).body;
    const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value.status] : []));
    const lost = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    assert.deepEqual(won, [status]);
    assert.deepEqual([lost[0]?.code, lost[0]?.details], ["state_conflict", { status }]);
    assert.deepEqual(await typesOf(id), ["payment.requires_payment", `payment.${status}`]);
    if (status === "succeeded") paid++;
  }
  assert.ok(paid > 0 && paid < 50, `both sides win sometimes: ${paid} of 50 were paid`);
  assert.equal(await payer.balance(), 100_000 - paid * 100);
  await booksBalance();
});

test("a close repeated with its key gives the first answer", async () => {
  const shop = await aShop(platform);
  const order = await ok(shop.order());
  const key = randomUUID();
  const first = await shop.close(order, { key });
  const again = await shop.close(order, { key });
  assert.deepEqual([again.body, again.headers.get("idempotent-replayed")], [first.body, "true"]);
});

async function typesOf(id: string): Promise<string[]> {
  const { rows } = await database().query("select type from events where object_id = $1 order by position", [id]);
  return rows.map(({ type }) => type);
}
