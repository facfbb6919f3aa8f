import assert from "node:assert/strict";
import { test } from "node:test";
import { database, inTransaction } from "#kit/db.ts";
import { balancesOf } from "#modules/ledger";
import { platformAccount } from "#modules/merchants";
import { aShop, booksBalance, ok, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { recordLateMoney } from "./late-money.ts";
import { findPayment } from "./sql.ts";

const platform = usePlatform();

test("money that comes after the close goes into suspense once, however often it is told; the payment stays closed and the merchant hears of it", async () => {
  const shop = await aShop(platform);
  const order = await ok(shop.order({ amount: 2_000 }));
  const closed = await ok(shop.close(order));
  const payment = await findPayment(database(), shop.id, false, order.id);
  assert.ok(payment);
  const late = { payment, channel: "bank", amount: 1_999, reference: "bank-17" } as const;
  const recorded = await Promise.all(times(8, () => inTransaction((tx) => recordLateMoney(tx, late))));
  assert.equal(recorded.filter(Boolean).length, 1);
  await assert.rejects(
    inTransaction((tx) => recordLateMoney(tx, { ...late, amount: 2_000 })),
    /exists_with_different_amount/,
  );
  const suspense = platformAccount("suspense", "CNY", false);
  assert.equal((await balancesOf(database(), [suspense])).get(suspense)?.creditsPosted, 1_999);
  assert.deepEqual((await shop.get(`/v1/payments/${order.id}`)).body, closed);
  const events = (await shop.get(`/v1/events?type=payment.paid_late`)).body.data;
  assert.equal(events.length, 1);
  assert.deepEqual(events[0].data.object, {
    ...closed,
    late_money: { amount: 1_999, currency: "CNY", channel: "bank", reference: "bank-17" },
  });
  await booksBalance();
});
