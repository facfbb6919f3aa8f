import assert from "node:assert/strict";
import { test } from "node:test";
import { aPayer, aShop, booksBalance, ok } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";

const platform = usePlatform();
const yuan = (amount: number): number => Math.round(amount * 100);

test("a rented bike: 199.00 is held, the ride costs 4.50, and the rest of the deposit is back when the bike is", async () => {
  const rental = await aShop(platform, { name: "West Lake Bikes", mcc: "7519" });
  const rider = await aPayer(platform, { money: yuan(200) });

  // The lock opens against a deposit: nothing has been paid, and nobody can spend it.
  const deposit = await rental.held({ amount: yuan(199), subject: "Bike 4711: deposit" }, rider);
  assert.deepEqual([deposit.status, deposit.amount_captured], ["authorized", 0]);
  assert.equal(await rider.balance(), yuan(1));
  const tea = await rental.scan(await rider.code(), { amount: yuan(3) });
  assert.equal(tea.body.error.code, "insufficient_funds");

  // Half an hour later the bike stands in its rack again.
  const ride = await ok(rental.capture(deposit, { amount: yuan(4.5) }));
  assert.deepEqual(
    [ride.status, ride.amount_captured, ride.fee, ride.net],
    ["succeeded", yuan(4.5), yuan(0.03), yuan(4.47)],
  );
  assert.equal(await rider.balance(), yuan(195.5));

  // The chain jumped off twice: one yuan goes back.
  const refund = await ok(rental.refund(deposit, { amount: yuan(1), reason: "Defective chain" }));
  assert.deepEqual([refund.status, refund.payment_amount_refunded], ["succeeded", yuan(1)]);
  assert.equal(await rider.balance(), yuan(196.5));

  const page = await ok(rental.get(`/v1/payments/${deposit.id}?expand=transitions&expand=refunds`));
  assert.deepEqual(
    page.transitions.map(({ to }: { to: string }) => to),
    ["authorized", "succeeded"],
  );
  assert.deepEqual(page.refunds, [refund]);
  await booksBalance();
});
