import assert from "node:assert/strict";
import { test } from "node:test";
import { inTransaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { useDatabase } from "#test/database.ts";
import { anAccount, aPost, aTransfer, aVoid, aWallet, mustPost, postAll, postCarefully } from "#test/ledger.ts";
import { closeAccount, type NewAccount } from "./accounts.ts";
import { type TransferResult, transferResults } from "./results.ts";
import type { NewTransfer } from "./transfer.ts";

useDatabase();

/** Starts with everything wrong at once and mends one thing a step: each step's result, and whether the results follow the list. */
async function climb(start: NewTransfer, steps: [TransferResult, Partial<NewTransfer>][]): Promise<void> {
  let transfer = start;
  for (const [result, mended] of steps) {
    for (const post of [postAll, postCarefully]) assert.deepEqual(await post([transfer]), [result]);
    transfer = { ...transfer, ...mended };
  }
  const order = transferResults.map(([result]) => result);
  const places = steps.map(([result]) => order.indexOf(result));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
}

async function closed(terms: Partial<NewAccount> = {}): Promise<string> {
  const id = await anAccount(terms);
  await inTransaction((tx) => closeAccount(tx, id));
  return id;
}

test("of all that is wrong with a new transfer, the first of the list is told", async () => {
  const unknown = newId("acc");
  const emptyWallet = await aWallet();
  const claim = await anAccount({ creditsMustNotExceedDebits: true });
  await climb(aTransfer(unknown, unknown, 0, { pendingId: newId("txn"), timeoutS: 60, currency: "EUR" }), [
    ["accounts_must_be_different", { creditAccountId: newId("acc") }],
    ["pending_id_must_be_empty", { pendingId: null }],
    ["timeout_reserved_for_pending_transfer", { timeoutS: null }],
    ["amount_must_be_positive", { amount: Number.MAX_SAFE_INTEGER }],
    ["debit_account_not_found", { debitAccountId: await closed({ livemode: true, currency: "USD" }) }],
    ["credit_account_not_found", { creditAccountId: await closed() }],
    ["accounts_must_have_the_same_mode", { debitAccountId: await closed({ currency: "USD" }) }],
    ["accounts_must_have_the_same_currency", { debitAccountId: await closed() }],
    ["transfer_must_have_the_same_currency_as_accounts", { currency: "CNY" }],
    ["debit_account_closed", { debitAccountId: emptyWallet }],
    ["credit_account_closed", { creditAccountId: claim, amount: 100 }],
    ["exceeds_credits", { debitAccountId: await aWallet(100) }],
    ["exceeds_debits", { creditAccountId: await anAccount() }],
  ]);
});

test("overflows are told before what a flag forbids, each sum before the total", async () => {
  const most = Number.MAX_SAFE_INTEGER;
  const full = async (kind: "posted" | "pending"): Promise<string> => {
    const wallet = await aWallet();
    await mustPost(aTransfer(await anAccount(), wallet, most), aTransfer(wallet, await anAccount(), most, { kind }));
    return wallet;
  };
  const fullClaim = await anAccount({ creditsMustNotExceedDebits: true });
  await mustPost(aTransfer(fullClaim, await anAccount(), most), aTransfer(await anAccount(), fullClaim, most));
  const held = await full("pending");
  const spent = await full("posted");
  await climb(aTransfer(held, fullClaim, 1, { kind: "pending" }), [
    ["overflows_debits_pending", { kind: "posted", debitAccountId: spent }],
    ["overflows_debits_posted", { debitAccountId: held }],
    ["overflows_credits_posted", { kind: "pending", debitAccountId: spent }],
    ["overflows_debits", { debitAccountId: await aWallet() }],
    ["overflows_credits", { creditAccountId: await anAccount({ creditsMustNotExceedDebits: true }) }],
    ["exceeds_credits", {}],
  ]);
});

test("of all in which a transfer differs from the one posted under its id, the first of the list is told", async () => {
  const posted = aTransfer(await anAccount(), await anAccount(), 100, { kind: "pending", timeoutS: 60 });
  await mustPost(posted);
  const other: NewTransfer = {
    id: posted.id,
    kind: "post",
    linked: false,
    pendingId: newId("txn"),
    timeoutS: 61,
    debitAccountId: newId("acc"),
    creditAccountId: newId("acc"),
    amount: 101,
    currency: "USD",
    code: "other",
    reference: "other",
    eventAt: new Date("2026-11-21T08:00:00Z"),
  };
  await climb(other, [
    ["exists_with_different_flags", { kind: "pending" }],
    ["exists_with_different_pending_id", { pendingId: null }],
    ["exists_with_different_timeout", { timeoutS: 60 }],
    ["exists_with_different_debit_account_id", { debitAccountId: posted.debitAccountId }],
    ["exists_with_different_credit_account_id", { creditAccountId: posted.creditAccountId }],
    ["exists_with_different_amount", { amount: 100 }],
    ["exists_with_different_currency", { currency: "CNY" }],
    ["exists_with_different_code", { code: posted.code }],
    ["exists_with_different_reference", { reference: null }],
    ["exists_with_different_event_at", { eventAt: null }],
    ["exists", {}],
  ]);
});

test("of all that is wrong with a post or void, the first of the list is told", async () => {
  const [plain, taken] = [0, 1].map(() => newId("txn")) as [string, string];
  const [a, b] = [await anAccount(), await anAccount()];
  await mustPost(
    aTransfer(a, b, 100, { id: plain }),
    aTransfer(a, b, 100, { id: taken, kind: "pending" }),
    aPost(taken, { amount: 1 }),
  );
  const wrong = aVoid("", {
    timeoutS: 60,
    amount: 0,
    debitAccountId: newId("acc"),
    creditAccountId: newId("acc"),
    currency: "USD",
  });
  await climb(wrong, [
    ["pending_id_must_not_be_empty", { pendingId: wrong.id }],
    ["pending_id_must_be_different", { pendingId: newId("txn") }],
    ["timeout_reserved_for_pending_transfer", { timeoutS: null }],
    ["amount_must_be_positive", { amount: 101 }],
    ["pending_transfer_not_found", { pendingId: plain }],
    ["pending_transfer_not_pending", { pendingId: taken }],
    ["pending_transfer_has_different_debit_account_id", { debitAccountId: a }],
    ["pending_transfer_has_different_credit_account_id", { creditAccountId: b }],
    ["pending_transfer_has_different_currency", { currency: "CNY" }],
    ["exceeds_pending_transfer_amount", { amount: 99 }],
    ["pending_transfer_has_different_amount", { amount: 100 }],
    ["pending_transfer_already_posted", {}],
  ]);
});
