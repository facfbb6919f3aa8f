import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, test } from "node:test";
import { database } from "#kit/db.ts";
import { armFaultPoints, disarmFaultPoints } from "#kit/fault-points.ts";
import { findAccount } from "#modules/ledger";
import { merchantAccount } from "#modules/merchants";
import { aheadOfBank, ask, bankRounds, hear, holds, pass } from "#test/bank.ts";
import { aPayer, aShop, booksBalance, type Order, ok, type Payer, type Shop, times } from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";
import { expirePayments } from "./expire-payments.ts";

const platform = usePlatform({ ROLES: "api" });

let shop: Shop;
let payer: Payer;
let other: Payer;
let given: number;
beforeEach(async () => {
  shop = await aShop(platform);
  payer = await aPayer(platform);
  other = await aPayer(platform);
  given = await aheadOfBank();
});
afterEach(async () => {
  disarmFaultPoints();
  assert.equal(await aheadOfBank(), given, "our books and the bank's differ");
  await booksBalance();
});

const refusal = ({ status, body }: Answer) => [status, body.error?.code];
const byBank = (order: Order, source = "ba_test_ok", options: { key?: string } = {}) =>
  payer.confirm(order, { ...options, body: { method: "bank", source } });
/** Without a session: whoever was given the key. */
const byKey = ({ id, payment_key }: Order, body: object = { source: "ba_test_ok" }) =>
  platform.call("POST", `/v1/payments/${id}/confirm`, { body: { payment_key, method: "bank", ...body } });
const anOrder = (terms: Record<string, unknown> = {}): Promise<Answer["body"]> => ok(shop.order(terms));
const read = (order: Order, expand = "") => ok(shop.get(`/v1/payments/${order.id}${expand}`));
const status = async (order: Order) => (await read(order)).status;
const attempt = async (order: Order) =>
  (
    await ok(
      platform.call("GET", `/v1/payments/${order.id}/checkout`, {
        headers: { "payment-key": order.payment_key ?? "" },
      }),
    )
  ).attempt;
const told = async (order: Order) =>
  (await read(order, "?expand[]=events")).events.map(({ type }: { type: string }) => type);
/** What the merchant has earned and is not settled yet, in minor units. */
async function earned(): Promise<number> {
  const { creditsPosted, debitsPosted, debitsPending } = await findAccount(
    database(),
    merchantAccount(shop.id, "pending", "CNY", false),
  );
  return creditsPosted - debitsPosted - debitsPending;
}

describe("an order paid from a bank account", () => {
  test("waits until the bank has confirmed; then it is paid, and the merchant has the amount less the fee", async () => {
    const order = await anOrder({ amount: 10_000 });
    const begun = await ok(byBank(order));
    assert.deepEqual([begun.status, begun.method, begun.payer], ["requires_payment", null, null]);
    assert.equal((await attempt(order)).status, "pending");
    await ask();
    const paid = await read(order, "?expand[]=attempts&expand[]=ledger_transfers");
    assert.deepEqual(
      [paid.status, paid.method, paid.channel, paid.payer, paid.amount_captured],
      ["succeeded", "bank", "bank", payer.id, 10_000],
    );
    assert.deepEqual(
      paid.attempts.map((one: { method: string; status: string }) => [one.method, one.status]),
      [["bank", "succeeded"]],
    );
    const codes = paid.ledger_transfers.map(({ code, amount }: { code: string; amount: number }) => [code, amount]);
    assert.deepEqual(codes, [
      ["payment", 10_000],
      ["payment_fee", paid.fee],
    ]);
    assert.equal(await earned(), 10_000 - paid.fee);
    assert.equal(await payer.balance(), 100_000);
    assert.deepEqual(await told(order), ["payment.requires_payment", "payment.succeeded"]);
    assert.equal((await payer.get(`/v1/payments/${order.id}`)).status, 200);
  });

  test("when the payer bears the fee the bank is asked for both, and the merchant has the amount", async () => {
    const order = await anOrder({ amount: 10_000, fee_bearer: "payer" });
    const inBank = await holds("bank_clearing");
    await ok(byBank(order));
    await ask();
    const paid = await read(order);
    assert.ok(paid.fee > 0);
    assert.equal((await holds("bank_clearing")) - inBank, 10_000 + paid.fee);
    assert.equal(await earned(), 10_000);
  });

  test("the key alone is enough, and nothing but the key or a session that was given the order", async () => {
    const order = await anOrder();
    await ok(byKey(order));
    await ask();
    const paid = await read(order);
    assert.deepEqual([paid.status, paid.payer], ["succeeded", null]);
    const another = await anOrder();
    assert.deepEqual(refusal(await byKey({ ...another, payment_key: order.payment_key as string })), [
      401,
      "payment_key_invalid",
    ]);
    assert.deepEqual(
      refusal(await payer.confirm({ id: another.id }, { body: { method: "bank", source: "ba_test_ok" } })),
      [404, "not_found"],
    );
  });

  test("a refusal leaves the order waiting; the next attempt, by bank or wallet, pays it", async () => {
    const [first, second] = [await anOrder(), await anOrder()];
    for (const order of [first, second]) await ok(byBank(order, "ba_test_refused"));
    await ask();
    for (const order of [first, second]) {
      const { status: outcome, failure } = await attempt(order);
      assert.deepEqual([outcome, failure.code, await status(order)], ["failed", "bank_refused", "requires_payment"]);
    }
    await ok(byBank(first));
    await ok(payer.confirm(second));
    await ask();
    assert.deepEqual([await status(first), await status(second)], ["succeeded", "succeeded"]);
    const { attempts } = await read(second, "?expand[]=attempts");
    assert.deepEqual(
      attempts.map((one: { method: string; status: string }) => [one.method, one.status]),
      [
        ["bank", "failed"],
        ["wallet", "succeeded"],
      ],
    );
  });

  test("while the bank has not answered nobody pays a second time, whatever races", async () => {
    const order = await anOrder();
    const answers = await Promise.all([
      ...times(4, () => byBank(order, "ba_test_late")),
      ...times(2, () => other.confirm(order)),
      ...times(4, () => byKey(order, { source: "ba_test_late" })),
    ]);
    const won = answers.filter((answer) => answer.status === 200);
    assert.equal(won.length, 1);
    for (const answer of answers.filter((one) => one.status !== 200)) {
      assert.equal(answer.status, 409);
      assert.match(answer.body.error.code, /^(attempt_in_progress|state_conflict)$/);
    }
    await bankRounds();
    await pass(61);
    await bankRounds();
    const paid = await read(order);
    assert.equal(paid.status, "succeeded");
    assert.equal(await earned(), paid.net);
    assert.deepEqual(refusal(await byBank(order)), [409, "state_conflict"]);
  });

  test("repeated with its key a confirmation makes one attempt", async () => {
    const order = await anOrder();
    const key = randomUUID();
    await Promise.all(times(4, () => byBank(order, "ba_test_late", { key })));
    const again = await byBank(order, "ba_test_late", { key });
    assert.deepEqual([again.status, again.headers.get("idempotent-replayed")], [200, "true"]);
    assert.equal((await read(order, "?expand[]=attempts")).attempts.length, 1);
    await ok(shop.close(order));
    await bankRounds();
  });

  test("what is missing or wrong is named", async () => {
    const order = await anOrder();
    const missing = await byKey(order, {});
    assert.deepEqual([...refusal(missing), missing.body.error.param], [400, "parameter_missing", "/source"]);
    const wrong = await byBank(order, "ba_nobody");
    assert.deepEqual([...refusal(wrong), wrong.body.error.param], [400, "bank_account_unknown", "/source"]);
    const walletOnly = await anOrder({ methods: ["wallet"] });
    assert.deepEqual(refusal(await byBank(walletOnly)), [400, "method_unavailable"]);
    assert.equal((await read(order, "?expand[]=attempts")).attempts.length, 0);
  });
});

test("an order that is captured later can't be paid from a bank account, which holds nothing", async () => {
  assert.deepEqual((await anOrder({ capture: "manual" })).methods, ["wallet"]);
  const refused = await shop.order({ capture: "manual", methods: ["bank"] });
  assert.deepEqual([...refusal(refused), refused.body.error.param], [400, "method_unavailable", "/methods"]);
});

describe("crashes", () => {
  for (const point of [
    "wallets.before_bank",
    "bank.after_books",
    "wallets.after_bank",
    "wallets.outcome_before_commit",
  ]) {
    test(`at ${point}: the order is paid once`, async () => {
      const order = await anOrder();
      await ok(byBank(order));
      armFaultPoints(`${point}=error`);
      await ask();
      disarmFaultPoints();
      assert.equal(await status(order), "requires_payment");
      await pass(16);
      await ask();
      const paid = await read(order);
      assert.deepEqual([paid.status, await earned()], ["succeeded", paid.net]);
    });
  }

  test("before the attempt is on disk: nothing has happened, and the same request then pays", async () => {
    const order = await anOrder();
    const key = randomUUID();
    armFaultPoints("payments.attempt_before_commit=error");
    assert.equal((await byBank(order, "ba_test_ok", { key })).status, 500);
    disarmFaultPoints();
    await ask();
    assert.equal(await attempt(order), null);
    await ok(byBank(order, "ba_test_ok", { key }));
    await ask();
    assert.equal(await status(order), "succeeded");
  });
});

test("the merchant may ask the channel at once, every three seconds; nobody else's payment", async () => {
  const query = (order: Order, by = shop) => platform.call("POST", `/v1/payments/${order.id}/query`, { token: by.key });
  const order = await anOrder();
  await ok(byBank(order, "ba_test_lost_answer"));
  await ask();
  assert.equal((await ok(query(order))).status, "requires_payment", "asked a moment ago");
  await pass(4);
  assert.equal((await ok(query(order))).status, "succeeded");
  assert.equal((await ok(query(order))).status, "succeeded");
  assert.deepEqual(refusal(await query(order, await aShop(platform))), [404, "not_found"]);
});

describe("close and expiry", () => {
  test("closing asks the bank first: what the bank has taken is paid, and can't be closed", async () => {
    const order = await anOrder();
    await ok(byBank(order, "ba_test_lost_answer"));
    await ask();
    assert.equal(await status(order), "requires_payment");
    const closing = await shop.close(order);
    assert.deepEqual([...refusal(closing), closing.body.error.details.status], [409, "state_conflict", "succeeded"]);
    assert.equal(await status(order), "succeeded");
  });

  test("an attempt that the bank never got is taken back by the close, and no money is asked for", async () => {
    const order = await anOrder();
    await ok(byBank(order));
    assert.equal((await ok(shop.close(order))).status, "closed");
    await bankRounds();
    await pass(500);
    await bankRounds();
    const { attempts, status: end } = await read(order, "?expand[]=attempts");
    assert.deepEqual([end, attempts[0].status, attempts[0].failure_code], ["closed", "failed", "order_ended"]);
  });

  test("money that comes after the close is recorded, sent back, and told", async () => {
    const suspense = await holds("suspense");
    const order = await anOrder({ amount: 3_000 });
    await ok(byBank(order, "ba_test_late"));
    await ask();
    assert.equal((await ok(shop.close(order))).status, "closed");
    await pass(61);
    await hear();
    assert.equal((await holds("suspense")) - suspense, 3_000);
    await bankRounds();
    await pass(61);
    await bankRounds();
    assert.equal((await holds("suspense")) - suspense, 0);
    assert.equal(await earned(), 0);
    assert.deepEqual(await told(order), [
      "payment.requires_payment",
      "payment.closed",
      "payment.paid_late",
      "payment.late_money_returned",
    ]);
  });

  test("an order whose payer agreed in time does not expire before the bank has answered", async () => {
    const [yes, no] = [await anOrder(), await anOrder()];
    await ok(byBank(yes, "ba_test_late"));
    await ok(byBank(no, "ba_test_late_refused"));
    await ask();
    await database().query("update payments set expires_at = clock_now() where id = any($1)", [[yes.id, no.id]]);
    await expirePayments();
    assert.deepEqual([await status(yes), await status(no)], ["requires_payment", "requires_payment"]);
    assert.equal((await attempt(yes)).status, "pending");
    assert.deepEqual(refusal(await payer.confirm(yes)), [409, "state_conflict"]);
    await pass(61);
    await ask();
    await expirePayments();
    assert.deepEqual([await status(yes), await status(no)], ["succeeded", "closed"]);
  });

  test("twenty closes and answers at once: each order is paid or closed, and its money is where that says", async () => {
    const orders = [];
    for (let n = 0; n < 10; n++) orders.push(await anOrder({ amount: 1_000 }));
    for (const order of orders) await ok(byBank(order));
    await Promise.all([...orders.map((order) => shop.close(order)), ask(), ask()]);
    for (let n = 0; n < 3; n++) {
      await pass(400);
      await bankRounds();
    }
    const ends = await Promise.all(orders.map((order) => read(order)));
    const nets = ends.filter((one) => one.status === "succeeded").map(({ net }) => net as number);
    assert.equal(ends.filter((one) => one.status === "closed").length + nets.length, 10);
    assert.equal(
      await earned(),
      nets.reduce((sum, net) => sum + net, 0),
    );
  });
});

describe("after the bank's word", () => {
  test("money that comes after a refusal goes back, though the order still waits", async () => {
    const order = await anOrder({ amount: 3_000 });
    await ok(byBank(order, "ba_test_late_money"));
    await bankRounds();
    await pass(61);
    await bankRounds();
    assert.deepEqual([await status(order), await earned()], ["requires_payment", 0]);
    assert.deepEqual((await told(order)).slice(1), ["payment.paid_late", "payment.late_money_returned"]);
    await ok(payer.confirm(order));
  });

  test("money that the bank takes back is missed in suspense and told; the payment stays paid", async () => {
    const suspense = await holds("suspense");
    const order = await anOrder({ amount: 3_000 });
    await ok(byBank(order, "ba_test_returned"));
    await bankRounds();
    const paid = await read(order);
    await pass(61);
    await bankRounds();
    assert.deepEqual(await read(order), paid);
    assert.equal((await holds("suspense")) - suspense, -3_000);
    assert.equal((await told(order)).at(-1), "payment.money_taken_back");
  });

  test("the bank tells everything many times: the order is paid once and told once", async () => {
    const order = await anOrder();
    await ok(byBank(order));
    await Promise.all([ask(), hear(), ask(), hear()]);
    await database().query("update embedded_bank_orders set told_state = 'pending'");
    await Promise.all(times(4, hear));
    assert.deepEqual(await told(order), ["payment.requires_payment", "payment.succeeded"]);
    assert.equal(await earned(), (await read(order)).net);
  });
});

describe("refunds of it", () => {
  const paidFrom = async (source: string, terms: Record<string, unknown> = {}) => {
    const order = await anOrder({ amount: 5_000, ...terms });
    await ok(byBank(order, source));
    await bankRounds();
    assert.equal(await status(order), "succeeded");
    return order;
  };
  const readRefund = (refund: { id: string }) => ok(shop.get(`/v1/refunds/${refund.id}`));

  test("are pending until the bank has paid them back to the account that the money came from", async () => {
    const order = await paidFrom("ba_test_ok");
    await paidFrom("ba_test_ok");
    const inBank = await holds("bank_clearing");
    const refund = await ok(shop.refund(order, { amount: 2_000 }));
    assert.equal(refund.status, "pending");
    await ask();
    assert.equal((await readRefund(refund)).status, "succeeded");
    assert.equal((await holds("bank_clearing")) - inBank, -2_000);
  });

  test("that the bank refuses have failed, and can be tried again", async () => {
    const order = await paidFrom("ba_test_late_payout");
    const before = await earned();
    const refund = await ok(shop.refund(order));
    await ask();
    const failed = await readRefund(refund);
    assert.deepEqual([failed.status, failed.failure.code, await earned()], ["failed", "bank_refused", before]);
    assert.equal((await read(order)).amount_refunded, 0);
    await pass(61);
    await bankRounds();
    const { data } = await ok(shop.get("/v1/events?type=refund.paid_late"));
    assert.equal(data.length, 1);
  });

  test("of a fee that the payer bore give the fee back too, by the plan's rule", async () => {
    const order = await paidFrom("ba_test_ok", { fee_bearer: "payer" });
    const inBank = await holds("bank_clearing");
    const refund = await ok(shop.refund(order));
    await ask();
    assert.equal((await readRefund(refund)).status, "succeeded");
    assert.equal((await holds("bank_clearing")) - inBank, -refund.total);
  });

  test("eight at once never pay back more than came", async () => {
    const order = await paidFrom("ba_test_ok");
    await paidFrom("ba_test_ok");
    const refunds = await Promise.all(times(8, () => shop.refund(order, { amount: 1_000 })));
    assert.equal(refunds.filter((answer) => answer.status === 200).length, 5);
    const inBank = await holds("bank_clearing");
    await Promise.all(times(3, ask));
    await bankRounds();
    assert.equal((await holds("bank_clearing")) - inBank, -5_000);
  });
});
