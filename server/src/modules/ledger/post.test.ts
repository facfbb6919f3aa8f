import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { database, inTransaction, type Transaction } from "#kit/db.ts";
import { armFaultPoints, disarmFaultPoints } from "#kit/fault-points.ts";
import { newId } from "#kit/ids.ts";
import { useDatabase } from "#test/database.ts";
import { elsewhere, eventually } from "#test/elsewhere.ts";
import {
  anAccount,
  aPost,
  aTransfer,
  aVoid,
  aWallet,
  booksAreRight,
  locksWaitedFor,
  mustPost,
  postAll,
  postCarefully,
  sumsOf,
} from "#test/ledger.ts";
import { closeAccount } from "./accounts.ts";
import { carefully, lostRace, post } from "./post.ts";
import type { NewTransfer } from "./transfer.ts";

const { url } = useDatabase({ connections: 20 });

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

/** Does `first` in a transaction that ends only when `second`, begun after it, waits for what it holds. Gives what became of the second. */
async function overtaking<T>(
  first: (tx: Transaction) => Promise<unknown>,
  second: () => Promise<T>,
): Promise<PromiseSettledResult<T>> {
  const later = await inTransaction(async (tx) => {
    await first(tx);
    const begun = Promise.allSettled([second()]);
    await eventually(async () => (await locksWaitedFor()) > 0);
    return { begun };
  });
  return (await later.begun)[0];
}

const lost = (outcome: PromiseSettledResult<unknown>): boolean =>
  outcome.status === "rejected" && lostRace(outcome.reason);

describe("what a transfer does", () => {
  test("posted: both accounts' posted sums, once", async () => {
    const [a, b] = [await anAccount(), await anAccount()];
    await mustPost(aTransfer(a, b, 70));
    assert.deepEqual(
      [await sumsOf(a), await sumsOf(b)],
      [
        [0, 70, 0, 0],
        [0, 0, 0, 70],
      ],
    );
  });

  test("pending money is held: it can't be spent, and is not the other's yet", async () => {
    const [wallet, shop] = [await aWallet(100), await anAccount({ debitsMustNotExceedCredits: true })];
    await mustPost(aTransfer(wallet, shop, 80, { kind: "pending" }));
    assert.deepEqual(await postAll([aTransfer(wallet, await anAccount(), 21)]), ["exceeds_credits"]);
    assert.deepEqual(await postAll([aTransfer(shop, await anAccount(), 1)]), ["exceeds_credits"]);
    assert.deepEqual(
      [await sumsOf(wallet), await sumsOf(shop)],
      [
        [80, 0, 0, 100],
        [0, 0, 80, 0],
      ],
    );
  });

  test("a post takes the whole, or a part and releases the rest", async () => {
    const [wallet, shop] = [await aWallet(100), await anAccount()];
    const [whole, part] = [30, 50].map((amount) => aTransfer(wallet, shop, amount, { kind: "pending" })) as [
      NewTransfer,
      NewTransfer,
    ];
    await mustPost(whole, part);
    await mustPost(aPost(whole.id), aPost(part.id, { amount: 20 }));
    assert.deepEqual(
      [await sumsOf(wallet), await sumsOf(shop)],
      [
        [0, 50, 0, 100],
        [0, 0, 0, 50],
      ],
    );
    await booksAreRight();
  });

  test("a void gives all of it back", async () => {
    const [wallet, shop] = [await aWallet(100), await anAccount()];
    const hold = aTransfer(wallet, shop, 100, { kind: "pending" });
    await mustPost(hold);
    await mustPost(aVoid(hold.id, { amount: 100, debitAccountId: wallet, creditAccountId: shop, currency: "CNY" }));
    assert.deepEqual(
      [await sumsOf(wallet), await sumsOf(shop)],
      [
        [0, 0, 0, 100],
        [0, 0, 0, 0],
      ],
    );
    await mustPost(aTransfer(wallet, shop, 100));
  });

  test("a hold may be made and taken in one batch", async () => {
    const [wallet, shop] = [await aWallet(100), await anAccount()];
    const hold = aTransfer(wallet, shop, 60, { kind: "pending", timeoutS: 60 });
    await mustPost(hold, aPost(hold.id, { amount: 10 }), aTransfer(wallet, shop, 90));
    assert.deepEqual(await sumsOf(wallet), [0, 100, 0, 100]);
    await booksAreRight();
  });
});

describe("chains", () => {
  test("a chain sees its own earlier links, and leaves nothing of itself when it breaks", async () => {
    const [bank, wallet, shop] = [await anAccount(), await aWallet(), await anAccount()];
    const hold = aTransfer(bank, wallet, 10, { kind: "pending" });
    await mustPost(hold);
    const broken = [
      aTransfer(bank, wallet, 50, { linked: true }),
      aPost(hold.id, { linked: true }),
      aTransfer(wallet, shop, 61),
    ];
    assert.deepEqual(await postAll(broken), ["linked_event_failed", "linked_event_failed", "exceeds_credits"]);
    assert.deepEqual(await sumsOf(wallet), [0, 0, 10, 0]);
    const whole = [...broken.slice(0, 2), aTransfer(wallet, shop, 60)];
    assert.deepEqual(await postAll(whole), ["ok", "ok", "ok"]);
    assert.deepEqual(await sumsOf(wallet), [0, 60, 0, 60]);
  });

  test("a chain that was posted is recognised by its first transfer; nothing is posted again", async () => {
    const [a, b] = [await anAccount(), await anAccount()];
    const chain = [aTransfer(a, b, 1, { linked: true }), aTransfer(a, b, 2, { linked: true }), aTransfer(a, b, 3)];
    await mustPost(...chain);
    assert.deepEqual(await postAll(chain), ["exists", "linked_event_failed", "linked_event_failed"]);
    assert.deepEqual(await sumsOf(a), [0, 6, 0, 0]);
  });

  test("limits are accounts: of forty payments of 100 at once, a daily limit of 1,000 lets exactly ten through", async () => {
    const [wallet, shop, source] = [
      await aWallet(10_000),
      await anAccount({ lanes: 8 }),
      await anAccount({ lanes: 8 }),
    ];
    const allowance = await anAccount({ code: "allowance", debitsMustNotExceedCredits: true });
    await mustPost(aTransfer(source, allowance, 1_000));
    const answers = await Promise.all(
      times(40, () => postAll([aTransfer(wallet, shop, 100, { linked: true }), aTransfer(allowance, source, 100)])),
    );
    assert.equal(answers.filter(([payment]) => payment === "ok").length, 10);
    assert.equal(answers.filter(([, limit]) => limit === "exceeds_credits").length, 30);
    assert.deepEqual(await sumsOf(wallet), [0, 1_000, 0, 10_000]);
    await booksAreRight();
  });
});

describe("races", () => {
  test("forty withdrawals of 100 at once from a wallet of 1,000, each in its own transaction: exactly ten succeed", async () => {
    for (const careful of [false, true]) {
      const [wallet, shop] = [await aWallet(1_000), await anAccount({ lanes: 8 })];
      const answers = await Promise.all(
        times(40, () =>
          carefully((tx, again) => post(tx, [aTransfer(wallet, shop, 100)], { careful: again }), { careful }),
        ),
      );
      assert.equal(answers.filter(([result]) => result === "ok").length, 10);
      assert.deepEqual(await sumsOf(wallet), [0, 1_000, 0, 1_000]);
    }
    await booksAreRight();
  });

  test("money that went in the meantime: the hopeful post loses its transaction, the careful one gets the true answer", async () => {
    const [wallet, shop] = [await aWallet(100), await anAccount()];
    const late = aTransfer(wallet, shop, 60);
    const outcome = await overtaking(
      (tx) => post(tx, [aTransfer(wallet, shop, 60)], { careful: true }),
      () => inTransaction((tx) => post(tx, [late], { careful: false })),
    );
    assert.ok(lost(outcome));
    assert.deepEqual(await postCarefully([late]), ["exceeds_credits"]);
    assert.deepEqual(await sumsOf(wallet), [0, 60, 0, 100]);
  });

  test("what a batch takes before it brings is refused as well, although the sums would fit in the end", async () => {
    const [bank, wallet, shop] = [await anAccount(), await aWallet(100), await anAccount()];
    const takeAndBring = [aTransfer(wallet, shop, 60), aTransfer(bank, wallet, 60)];
    const outcome = await overtaking(
      (tx) => post(tx, [aTransfer(wallet, shop, 60)], { careful: true }),
      () => inTransaction((tx) => post(tx, takeAndBring, { careful: false })),
    );
    assert.ok(lost(outcome));
    assert.deepEqual(await postAll(takeAndBring), ["exceeds_credits", "ok"]);
  });

  test("an account that closes in the meantime takes no more money", async () => {
    const [a, b] = [await anAccount(), await anAccount()];
    const transfer = aTransfer(a, b, 1);
    const outcome = await overtaking(
      (tx) => closeAccount(tx, b),
      () => postAll([transfer]),
    );
    assert.deepEqual(outcome, { status: "fulfilled", value: ["credit_account_closed"] });
  });

  test("the same id from twenty callers at once is posted once; all others are told that it exists", async () => {
    const [a, b] = [await anAccount({ lanes: 8 }), await anAccount({ lanes: 8 })];
    const transfer = aTransfer(a, b, 5);
    const answers = await Promise.all(
      times(20, (n) =>
        n % 2 === 0 ? postAll([transfer, aTransfer(a, b, 1)]) : postCarefully([transfer, aTransfer(a, b, 1)]),
      ),
    );
    assert.deepEqual(
      answers.map(([result]) => result).filter((result) => result !== "exists"),
      ["ok"],
    );
    assert.deepEqual(
      answers.map(([, result]) => result),
      times(20, () => "ok"),
    );
    assert.deepEqual(await sumsOf(a), [0, 25, 0, 0]);
  });

  test("an id that is taken is recognised although the transfer would be refused by now", async () => {
    const [wallet, shop] = [await aWallet(100), await anAccount()];
    const transfer = aTransfer(wallet, shop, 100);
    await mustPost(transfer);
    assert.deepEqual(await postAll([transfer]), ["exists"]);
    assert.deepEqual(await postAll([{ ...transfer, amount: 1 }]), ["exists_with_different_amount"]);
  });

  test("twenty posts and voids of one hold at once: exactly one wins", async () => {
    const [wallet, shop] = [await aWallet(100), await anAccount()];
    const hold = aTransfer(wallet, shop, 100, { kind: "pending" });
    await mustPost(hold);
    const answers = await Promise.all(
      times(20, (n) => {
        const resolution = n % 2 === 0 ? aPost(hold.id) : aVoid(hold.id);
        return n % 4 < 2 ? postAll([resolution]) : postCarefully([resolution]);
      }),
    );
    const results = answers.map(([result]) => result);
    const losers = results.filter((result) => result !== "ok");
    assert.equal(losers.length, 19);
    assert.equal(new Set(losers).size, 1);
    assert.match(losers[0] ?? "", /^pending_transfer_already_(posted|voided)$/);
    await booksAreRight();
  });

  test("batches over the same accounts in opposite order wait for each other and never deadlock", async () => {
    const wallets = await Promise.all(times(12, () => aWallet(1_000)));
    const around = (order: readonly string[]) =>
      order.map((wallet, i) => aTransfer(wallet, order[(i + 1) % order.length] as string, 1));
    await Promise.all(
      times(12, async (n) => {
        const order = wallets.slice(0, 3 + (n % 10));
        if (n % 2 === 0) order.reverse();
        for (let i = 0; i < 15; i++) await postAll(around(order));
      }),
    );
    await booksAreRight();
    const { rows } = await database().query(
      "select deadlocks::int from pg_stat_database where datname = current_database()",
    );
    assert.equal(rows[0].deadlocks, 0);
  });
});

describe("lanes", () => {
  test("writers on different lanes of a hot account don't wait for each other; the balance is the sum", async () => {
    const [hot, other] = [await anAccount({ lanes: 2 }), await anAccount({ lanes: 2 })];
    await inTransaction(async (first) => {
      await post(first, [aTransfer(other, hot, 1)], { careful: false, lane: 0 });
      await inTransaction((second) => post(second, [aTransfer(other, hot, 2)], { careful: false, lane: 1 }));
      assert.deepEqual(await sumsOf(hot), [0, 0, 0, 2]);
    });
    assert.deepEqual(await sumsOf(hot), [0, 0, 0, 3]);
    const { rows } = await database().query("select credits_posted from ledger_accounts where id = $1 order by lane", [
      hot,
    ]);
    assert.deepEqual(rows, [{ credits_posted: 1 }, { credits_posted: 2 }]);
  });

  test("a writer that knows an account does not read it, and still hears that it was closed or is full", async () => {
    const [from, to, full] = [await anAccount({ lanes: 2 }), await anAccount({ lanes: 2 }), await anAccount()];
    const onLane = (transfers: NewTransfer[]) => carefully((tx, careful) => post(tx, transfers, { careful, lane: 1 }));
    assert.deepEqual(await onLane([aTransfer(from, to, 5), aTransfer(from, full, 1)]), ["ok", "ok"]);
    assert.deepEqual(await onLane([aTransfer(to, from, 5)]), ["ok"]);
    await inTransaction((tx) => closeAccount(tx, to));
    for (let again = 0; again < 2; again++) {
      assert.deepEqual(await onLane([aTransfer(from, to, 1), aTransfer(from, full, 1)]), [
        "credit_account_closed",
        "ok",
      ]);
    }
    const [, overflow] = await onLane([aTransfer(from, full, 1), aTransfer(from, full, Number.MAX_SAFE_INTEGER)]);
    assert.match(String(overflow), /^overflows/);
    await booksAreRight();
  });

  test("what a writer knows of a wallet may be old: what others took is not there, what others brought is", async () => {
    const [bank, shop, wallet] = [await anAccount(), await anAccount(), await aWallet(100)];
    const onLane = (...transfers: NewTransfer[]) =>
      carefully((tx, careful) => post(tx, transfers, { careful, lane: 1 }));
    assert.deepEqual(await onLane(aTransfer(wallet, shop, 10)), ["ok"]);
    const byAnotherProcess = async (transfer: NewTransfer) =>
      assert.equal(
        await elsewhere(
          url(),
          `import { post } from "#modules/ledger";
           const post1 = (tx) => post(tx, [${JSON.stringify(transfer)}], { careful: true });
           console.log((await inTransaction(post1)).join());`,
        ).output,
        "ok",
      );
    await byAnotherProcess(aTransfer(wallet, shop, 90));
    assert.deepEqual(await onLane(aTransfer(wallet, shop, 1)), ["exceeds_credits"]);
    await byAnotherProcess(aTransfer(bank, wallet, 5));
    assert.deepEqual(await onLane(aTransfer(wallet, shop, 6), aTransfer(wallet, shop, 5)), ["exceeds_credits", "ok"]);
    await booksAreRight();
  });

  test("a hold is taken from the lane where it stands, whoever takes it", async () => {
    const [a, b] = [await anAccount({ lanes: 4 }), await anAccount({ lanes: 4 })];
    const hold = aTransfer(a, b, 9, { kind: "pending" });
    await inTransaction((tx) => post(tx, [hold], { careful: false, lane: 3 }));
    await inTransaction((tx) => post(tx, [aPost(hold.id, { amount: 4 })], { careful: false, lane: 1 }));
    assert.deepEqual(
      [await sumsOf(a), await sumsOf(b)],
      [
        [0, 4, 0, 0],
        [0, 0, 0, 4],
      ],
    );
    await booksAreRight();
  });

  test("a lane has its share of the room, so that the sum stays exact", async () => {
    const [hot, other] = [await anAccount({ lanes: 4 }), await anAccount()];
    const share = Math.floor(Number.MAX_SAFE_INTEGER / 4);
    assert.deepEqual(await postAll([aTransfer(other, hot, share + 1)]), ["overflows_credits_posted"]);
    assert.deepEqual(await postAll([aTransfer(other, hot, share)]), ["ok"]);
  });
});

describe("all or nothing", () => {
  test("8,189 transfers with a result each in one batch", async () => {
    const [wallet, shop] = [await aWallet(8_000), await anAccount()];
    const results = await postAll(times(8_189, () => aTransfer(wallet, shop, 1)));
    assert.deepEqual(results, [...times(8_000, () => "ok"), ...times(189, () => "exceeds_credits")]);
    assert.deepEqual(await sumsOf(shop), [0, 0, 0, 8_000]);
    await booksAreRight();
  });

  test("a failure between two steps leaves nothing", async (t) => {
    t.after(disarmFaultPoints);
    const [wallet, shop] = [await aWallet(100), await anAccount()];
    const hold = aTransfer(wallet, shop, 50, { kind: "pending" });
    await mustPost(hold);
    for (const point of ["ledger.after_balances", "ledger.after_transfers"]) {
      armFaultPoints(`${point}=error`);
      await assert.rejects(postAll([aPost(hold.id), aTransfer(wallet, shop, 50)]), { name: "InjectedFault" });
      assert.deepEqual(await sumsOf(wallet), [50, 0, 0, 100]);
      await booksAreRight();
    }
    await mustPost(aPost(hold.id), aTransfer(wallet, shop, 50));
  });

  test("an empty batch does nothing", async () => {
    assert.deepEqual(await postAll([]), []);
  });

  test("the database itself refuses to overdraw, whatever code would ask for it", async () => {
    const wallet = await aWallet(100);
    const take = "update ledger_accounts set debits_posted = 101 where id = $1";
    await assert.rejects(database().query(take, [wallet]), { constraint: "debits_must_not_exceed_credits" });
  });

  test("text that means something to arrays arrives as it was sent", async () => {
    const reference = "NULL,\"{}\\ 茶 ' ";
    const transfer = aTransfer(await anAccount(), await anAccount(), 1, { reference, code: "null", id: newId("txn") });
    await mustPost(transfer);
    const { rows } = await database().query("select reference, code from ledger_transfers where id = $1", [
      transfer.id,
    ]);
    assert.deepEqual(rows, [{ reference, code: "null" }]);
  });
});
