import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { database, inTransaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { useDatabase } from "#test/database.ts";
import { eventually } from "#test/elsewhere.ts";
import {
  anAccount,
  aTransfer,
  aWallet,
  booksAreRight,
  locksWaitedFor,
  mustPost,
  postAll,
  sumsOf,
} from "#test/ledger.ts";
import { balancesOf, closeAccount, findAccount, type NewAccount, openAccounts } from "./accounts.ts";

useDatabase({ connections: 20 });

const open = (...accounts: NewAccount[]) => inTransaction((tx) => openAccounts(tx, accounts));
const close = (id: string) => inTransaction((tx) => closeAccount(tx, id));
const terms = (more: Partial<NewAccount> = {}): NewAccount => ({
  id: newId("acc"),
  code: "wallet",
  currency: "CNY",
  ownerId: newId("usr"),
  livemode: false,
  debitsMustNotExceedCredits: true,
  ...more,
});

describe("opening", () => {
  test("gives the ids that were opened now; opening again with the same terms changes nothing", async () => {
    const [a, b, c] = [terms(), terms(), terms()];
    assert.deepEqual(new Set(await open(a, b)), new Set([a.id, b.id]));
    await mustPost(aTransfer(await anAccount(), a.id, 5));
    assert.deepEqual(await open(a, c, b, a), [c.id]);
    assert.deepEqual(await sumsOf(a.id), [0, 0, 0, 5]);
    assert.deepEqual(await open(), []);
  });

  test("again with other terms is refused and names the term", async () => {
    const account = terms();
    await open(account);
    const others: [string, Partial<NewAccount>][] = [
      ["code", { code: "other" }],
      ["currency", { currency: "USD" }],
      ["owner", { ownerId: null }],
      ["livemode", { livemode: true }],
      ["debits_must_not_exceed_credits", { debitsMustNotExceedCredits: false }],
      ["debits_must_not_exceed_credits", { debitsMustNotExceedCredits: false, lanes: 2 }],
      ["history", { history: false }],
    ];
    for (const [differs, other] of others) {
      const details = { account: account.id, differs };
      await assert.rejects(open({ ...account, ...other }), { code: "ledger_account_terms_differ", details });
    }
    await assert.rejects(open(terms(), { ...account, code: "x" }, account), { code: "ledger_account_terms_differ" });
  });

  test("the same accounts by twenty callers at once opens each once", async () => {
    const accounts = Array.from({ length: 10 }, () => terms({ debitsMustNotExceedCredits: false, lanes: 4 }));
    const opened = await Promise.all(Array.from({ length: 20 }, () => open(...accounts)));
    assert.deepEqual(opened.flat().sort(), accounts.map(({ id }) => id).sort());
  });

  test("callers that name the same accounts in opposite order wait for each other and never deadlock", async () => {
    const [first, middle, last] = [terms(), terms(), terms()];
    const { both } = await inTransaction(async (tx) => {
      await openAccounts(tx, [middle]);
      const opening = Promise.all([open(first, middle, last), open(last, middle, first)]);
      await eventually(async () => (await locksWaitedFor()) === 2);
      return { both: opening };
    });
    assert.deepEqual((await both).flat().sort(), [first.id, last.id].sort());
    const deadlocks = "select deadlocks::int from pg_stat_database where datname = current_database()";
    assert.deepEqual((await database().query(deadlocks)).rows, [{ deadlocks: 0 }]);
  });

  test("a striped account can't be limited, nor one both ways: the row refuses", async () => {
    await assert.rejects(open(terms({ lanes: 2 })), { constraint: "lanes_are_unconstrained" });
    await assert.rejects(open(terms({ creditsMustNotExceedDebits: true })), { constraint: "one_constraint" });
  });

  test("balances come in one map; unknown accounts are not in it", async () => {
    const [a, b] = [await aWallet(7), await anAccount({ lanes: 16 })];
    await mustPost(aTransfer(a, b, 3));
    const balances = await balancesOf(database(), [a, b, newId("acc")]);
    assert.equal(balances.size, 2);
    assert.equal(balances.get(b)?.creditsPosted, 3);
  });
});

describe("closing", () => {
  test("an empty account takes no more transfers; closing again changes nothing", async () => {
    const [wallet, shop] = [await aWallet(10), await anAccount({ lanes: 4 })];
    await mustPost(aTransfer(wallet, shop, 10));
    assert.equal((await close(wallet)).closed, true);
    assert.equal((await close(wallet)).closed, true);
    assert.deepEqual(await postAll([aTransfer(shop, wallet, 1)]), ["credit_account_closed"]);
  });

  test("an account with money or a hold is refused; lanes count together", async () => {
    const [wallet, shop] = [await aWallet(10), await anAccount({ lanes: 4 })];
    await assert.rejects(close(wallet), { code: "ledger_account_not_empty", details: { balance: 10, pending: 0 } });
    await mustPost(aTransfer(wallet, shop, 10));
    await assert.rejects(close(shop), { code: "ledger_account_not_empty" });
    await mustPost(aTransfer(shop, wallet, 10));
    assert.equal((await close(shop)).closed, true);
    const third = await anAccount();
    await mustPost(aTransfer(third, wallet, 5, { kind: "pending" }), aTransfer(wallet, third, 10));
    await assert.rejects(close(wallet), { code: "ledger_account_not_empty", details: { balance: 0, pending: 5 } });
  });

  test("an unknown account is not found", async () => {
    await assert.rejects(close(newId("acc")), { code: "not_found" });
    await assert.rejects(findAccount(database(), newId("acc")), { code: "not_found" });
  });
});

test("the books are right", booksAreRight);
