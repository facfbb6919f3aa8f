import assert from "node:assert/strict";
import { test } from "node:test";
import { inTransaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { useDatabase } from "#test/database.ts";
import { anAccount, aPost, aTransfer, aVoid, aWallet, booksAreRight, mustPost, passTime } from "#test/ledger.ts";
import { closeAccount } from "./accounts.ts";
import { carefully, post } from "./post.ts";
import { type TransferResult, transferResults } from "./results.ts";
import type { NewTransfer } from "./transfer.ts";

useDatabase();

const most = Number.MAX_SAFE_INTEGER;

/** A transfer that was posted, to be sent again with something changed. */
async function posted(more: Partial<NewTransfer> = {}): Promise<NewTransfer> {
  const transfer = aTransfer(await anAccount(), await anAccount(), 100, { reference: "pay_1", ...more });
  await mustPost(transfer);
  return transfer;
}

const pending = (more: Partial<NewTransfer> = {}): Promise<NewTransfer> => posted({ kind: "pending", ...more });

/** What is posted, and what becomes of it; `ok` for what is not said. */
interface Story {
  transfers: readonly NewTransfer[];
  results: readonly TransferResult[];
}

const alone = (transfer: NewTransfer, result: TransferResult): Story => ({ transfers: [transfer], results: [result] });

/** A story that ends in each result. The type sees to it that none is left out. */
const stories: Record<TransferResult, () => Promise<Story>> = {
  linked_event_chain_open: async () => {
    const [a, b] = [await anAccount(), await anAccount()];
    return {
      transfers: [aTransfer(a, b, 1), aTransfer(a, b, 2, { linked: true }), aTransfer(a, b, 3, { linked: true })],
      results: ["ok", "linked_event_failed", "linked_event_chain_open"],
    };
  },
  linked_event_failed: async () => {
    const [a, b] = [await anAccount(), await anAccount()];
    return {
      transfers: [
        aTransfer(a, b, 1, { linked: true }),
        aTransfer(a, newId("acc"), 2, { linked: true }),
        aTransfer(newId("acc"), b, 3),
        aTransfer(a, b, 4),
      ],
      results: ["linked_event_failed", "credit_account_not_found", "linked_event_failed", "ok"],
    };
  },
  exists_with_different_flags: async () =>
    alone({ ...(await posted()), kind: "pending" }, "exists_with_different_flags"),
  exists_with_different_pending_id: async () => {
    const first = aPost((await pending()).id);
    await mustPost(first);
    return alone({ ...first, pendingId: (await pending()).id }, "exists_with_different_pending_id");
  },
  exists_with_different_timeout: async () =>
    alone({ ...(await pending({ timeoutS: 60 })), timeoutS: 61 }, "exists_with_different_timeout"),
  exists_with_different_debit_account_id: async () =>
    alone({ ...(await posted()), debitAccountId: await anAccount() }, "exists_with_different_debit_account_id"),
  exists_with_different_credit_account_id: async () =>
    alone({ ...(await posted()), creditAccountId: await anAccount() }, "exists_with_different_credit_account_id"),
  exists_with_different_amount: async () => alone({ ...(await posted()), amount: 101 }, "exists_with_different_amount"),
  exists_with_different_currency: async () =>
    alone({ ...(await posted()), currency: "USD" }, "exists_with_different_currency"),
  exists_with_different_code: async () => alone({ ...(await posted()), code: "other" }, "exists_with_different_code"),
  exists_with_different_reference: async () =>
    alone({ ...(await posted()), reference: "pay_2" }, "exists_with_different_reference"),
  exists_with_different_event_at: async () =>
    alone({ ...(await posted()), eventAt: new Date("2026-11-21T08:00:00Z") }, "exists_with_different_event_at"),
  exists: async () => alone(await posted({ eventAt: new Date("2026-11-21T08:00:00.123Z") }), "exists"),

  accounts_must_be_different: async () => {
    const account = await anAccount();
    return alone(aTransfer(account, account, 1), "accounts_must_be_different");
  },
  pending_id_must_be_empty: async () =>
    alone(
      aTransfer(await anAccount(), await anAccount(), 1, { pendingId: (await pending()).id }),
      "pending_id_must_be_empty",
    ),
  pending_id_must_not_be_empty: async () =>
    alone({ id: newId("txn"), kind: "void", code: "test" }, "pending_id_must_not_be_empty"),
  pending_id_must_be_different: async () => {
    const id = newId("txn");
    return alone(aPost(id, { id }), "pending_id_must_be_different");
  },
  timeout_reserved_for_pending_transfer: async () =>
    alone(
      aTransfer(await anAccount(), await anAccount(), 1, { timeoutS: 60 }),
      "timeout_reserved_for_pending_transfer",
    ),
  amount_must_be_positive: async () => {
    const [a, b] = [await anAccount(), await anAccount()];
    const amounts = [0, -1, 1.5, Number.NaN, most + 1, undefined as never];
    return {
      transfers: amounts.map((amount) => aTransfer(a, b, amount)),
      results: amounts.map(() => "amount_must_be_positive"),
    };
  },

  pending_transfer_not_found: async () => alone(aPost(newId("txn")), "pending_transfer_not_found"),
  pending_transfer_not_pending: async () => alone(aVoid((await posted()).id), "pending_transfer_not_pending"),
  pending_transfer_has_different_debit_account_id: async () =>
    alone(
      aPost((await pending()).id, { debitAccountId: await anAccount() }),
      "pending_transfer_has_different_debit_account_id",
    ),
  pending_transfer_has_different_credit_account_id: async () =>
    alone(
      aPost((await pending()).id, { creditAccountId: await anAccount() }),
      "pending_transfer_has_different_credit_account_id",
    ),
  pending_transfer_has_different_currency: async () =>
    alone(aPost((await pending()).id, { currency: "USD" }), "pending_transfer_has_different_currency"),
  exceeds_pending_transfer_amount: async () =>
    alone(aPost((await pending()).id, { amount: 101 }), "exceeds_pending_transfer_amount"),
  pending_transfer_has_different_amount: async () =>
    alone(aVoid((await pending()).id, { amount: 99 }), "pending_transfer_has_different_amount"),
  pending_transfer_already_posted: async () => {
    const { id } = await pending();
    await mustPost(aPost(id, { amount: 1 }));
    return {
      transfers: [aPost(id, { amount: 1 }), aVoid(id)],
      results: ["pending_transfer_already_posted", "pending_transfer_already_posted"],
    };
  },
  pending_transfer_already_voided: async () => {
    const { id } = await pending();
    await mustPost(aVoid(id));
    return {
      transfers: [aPost(id), aVoid(id)],
      results: ["pending_transfer_already_voided", "pending_transfer_already_voided"],
    };
  },
  pending_transfer_expired: async () => {
    const { id } = await pending({ timeoutS: 60 });
    await passTime(61);
    return {
      transfers: [aPost(id), aVoid(id)],
      results: ["pending_transfer_expired", "pending_transfer_expired"],
    };
  },

  debit_account_not_found: async () => alone(aTransfer(newId("acc"), await anAccount(), 1), "debit_account_not_found"),
  credit_account_not_found: async () =>
    alone(aTransfer(await anAccount(), newId("acc"), 1), "credit_account_not_found"),
  accounts_must_have_the_same_mode: async () =>
    alone(aTransfer(await anAccount({ livemode: true }), await anAccount(), 1), "accounts_must_have_the_same_mode"),
  accounts_must_have_the_same_currency: async () =>
    alone(
      aTransfer(await anAccount({ currency: "USD" }), await anAccount(), 1),
      "accounts_must_have_the_same_currency",
    ),
  transfer_must_have_the_same_currency_as_accounts: async () =>
    alone(
      aTransfer(await anAccount(), await anAccount(), 1, { currency: "USD" }),
      "transfer_must_have_the_same_currency_as_accounts",
    ),
  debit_account_closed: async () => alone(aTransfer(await closed(), await anAccount(), 1), "debit_account_closed"),
  credit_account_closed: async () => alone(aTransfer(await anAccount(), await closed(), 1), "credit_account_closed"),

  overflows_debits_pending: async () => {
    const full = await anAccount();
    await mustPost(aTransfer(full, await anAccount(), most, { kind: "pending" }));
    return alone(aTransfer(full, await anAccount(), 1, { kind: "pending" }), "overflows_debits_pending");
  },
  overflows_credits_pending: async () => {
    const full = await anAccount();
    await mustPost(aTransfer(await anAccount(), full, most, { kind: "pending" }));
    return alone(aTransfer(await anAccount(), full, 1, { kind: "pending" }), "overflows_credits_pending");
  },
  overflows_debits_posted: async () => {
    const full = await anAccount();
    await mustPost(aTransfer(full, await anAccount(), most));
    return alone(aTransfer(full, await anAccount(), 1), "overflows_debits_posted");
  },
  overflows_credits_posted: async () => {
    const full = await anAccount();
    await mustPost(aTransfer(await anAccount(), full, most));
    return alone(aTransfer(await anAccount(), full, 1), "overflows_credits_posted");
  },
  overflows_debits: async () => {
    const full = await anAccount();
    await mustPost(aTransfer(full, await anAccount(), most));
    return alone(aTransfer(full, await anAccount(), 1, { kind: "pending" }), "overflows_debits");
  },
  overflows_credits: async () => {
    const full = await anAccount();
    await mustPost(aTransfer(await anAccount(), full, most, { kind: "pending" }));
    return alone(aTransfer(await anAccount(), full, 1), "overflows_credits");
  },
  exceeds_credits: async () => {
    const wallet = await aWallet(100);
    const shop = await anAccount();
    await mustPost(aTransfer(wallet, shop, 40, { kind: "pending" }));
    return {
      transfers: [aTransfer(wallet, shop, 61), aTransfer(wallet, shop, 60), aTransfer(wallet, shop, 1)],
      results: ["exceeds_credits", "ok", "exceeds_credits"],
    };
  },
  exceeds_debits: async () => {
    const claim = await anAccount({ creditsMustNotExceedDebits: true });
    const other = await anAccount();
    await mustPost(aTransfer(claim, other, 100));
    return {
      transfers: [aTransfer(other, claim, 101), aTransfer(other, claim, 100, { kind: "pending" })],
      results: ["exceeds_debits", "ok"],
    };
  },
  ok: async () => alone(aTransfer(await anAccount(), await anAccount(), most), "ok"),
};

async function closed(): Promise<string> {
  const id = await anAccount();
  await inTransaction((tx) => closeAccount(tx, id));
  return id;
}

for (const [result, meaning] of transferResults) {
  for (const careful of [false, true]) {
    test(`${result}${careful ? ", carefully" : ""}: ${meaning}`, async () => {
      const { transfers, results } = await stories[result]();
      assert.deepEqual(await carefully((tx, again) => post(tx, transfers, { careful: again }), { careful }), results);
      assert.ok(results.includes(result));
      await booksAreRight();
    });
  }
}
