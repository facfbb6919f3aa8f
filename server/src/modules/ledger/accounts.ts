import type { Queryable, Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import {
  type Account,
  type Balance,
  closeLanes,
  insertAccounts,
  lockAccount,
  readAccounts,
  readBalances,
} from "./accounts-sql.ts";
import { ledgerErrors } from "./errors.ts";

/** An account to be opened. Its terms never change. */
export interface NewAccount {
  readonly id: string;
  /** Kind of account: `wallet`, `merchant_pending`, `fees` … */
  readonly code: string;
  readonly currency: string;
  /** Merchant or user; `null`: the operator's own. */
  readonly ownerId: string | null;
  readonly livemode: boolean;
  /** Nobody can take more out of it than came in: wallets, allowances. */
  readonly debitsMustNotExceedCredits?: boolean;
  /** The reverse, for accounts that are an asset of the operator. */
  readonly creditsMustNotExceedDebits?: boolean;
  /** Rows that writers share out among them; more than 1 only for an account without such a limit. Preset: 1. */
  readonly lanes?: number;
  /** Whether entries and balances at past moments are kept. Preset: yes. */
  readonly history?: boolean;
}

/**
 * Opens accounts, one statement whatever their number. Gives the ids of those that this call opened; the others were open already.
 * Throws `ledger_account_terms_differ` when one was opened with other terms.
 */
export async function openAccounts(tx: Transaction, accounts: readonly NewAccount[]): Promise<string[]> {
  if (accounts.length === 0) return [];
  const terms = new Map<string, Required<NewAccount>>();
  for (const account of accounts) {
    const full = withPresets(account);
    const twin = terms.get(account.id);
    if (twin) assertSameTerms(full, twin);
    terms.set(account.id, full);
  }
  // In the order of their ids, so that two who open the same accounts wait for each other and don't deadlock.
  const wanted = [...terms.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const opened = await insertAccounts(tx, wanted);
  if (opened.length < wanted.length) {
    const openedNow = new Set(opened);
    const others = wanted.filter(({ id }) => !openedNow.has(id));
    const found = await readAccounts(
      tx,
      others.map(({ id }) => id),
    );
    for (const account of found) assertSameTerms(terms.get(account.id) as Required<NewAccount>, account);
  }
  return opened;
}

const withPresets = (account: NewAccount): Required<NewAccount> => ({
  ...account,
  debitsMustNotExceedCredits: account.debitsMustNotExceedCredits ?? false,
  creditsMustNotExceedDebits: account.creditsMustNotExceedDebits ?? false,
  lanes: account.lanes ?? 1,
  history: account.history ?? true,
});

/** What an account was opened with, and how requests name it. */
const termNames = {
  code: "code",
  currency: "currency",
  ownerId: "owner",
  livemode: "livemode",
  debitsMustNotExceedCredits: "debits_must_not_exceed_credits",
  creditsMustNotExceedDebits: "credits_must_not_exceed_debits",
  lanes: "lanes",
  history: "history",
} as const;

function assertSameTerms(wanted: Required<NewAccount>, found: Required<NewAccount>): void {
  for (const [term, differs] of Object.entries(termNames) as [keyof typeof termNames, string][]) {
    if (wanted[term] === found[term]) continue;
    throw ledgerErrors.ledger_account_terms_differ({ details: { account: wanted.id, differs } });
  }
}

/**
 * Closes an account for good: no transfer touches it again. It must be empty, debits equal to credits and nothing pending; otherwise
 * throws `ledger_account_not_empty`. Closing a closed account changes nothing. Throws `not_found`.
 */
export async function closeAccount(tx: Transaction, id: string): Promise<Account> {
  const lanes = await lockAccount(tx, id);
  if (lanes.length === 0) throw kitErrors.not_found();
  const sum = (of: (lane: Balance) => number): number => lanes.reduce((total, lane) => total + of(lane), 0);
  const balance = sum((lane) => lane.creditsPosted) - sum((lane) => lane.debitsPosted);
  const pending = sum((lane) => lane.debitsPending + lane.creditsPending);
  if (balance !== 0 || pending !== 0) throw ledgerErrors.ledger_account_not_empty({ details: { balance, pending } });
  await closeLanes(tx, id);
  return findAccount(tx, id);
}

/** An account with its balance. Throws `not_found`. */
export async function findAccount(on: Queryable, id: string): Promise<Account> {
  const [account] = await readAccounts(on, [id]);
  if (!account) throw kitErrors.not_found();
  return account;
}

/** Balances by account id, in one statement; accounts that don't exist are left out. */
export async function balancesOf(on: Queryable, ids: readonly string[]): Promise<Map<string, Balance>> {
  return new Map((await readBalances(on, ids)).map((balance) => [balance.id, balance]));
}
