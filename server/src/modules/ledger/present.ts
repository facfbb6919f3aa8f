import type { Account, Balance, Total } from "./accounts-sql.ts";
import type { Entry } from "./history-sql.ts";
import type { TransferWithParties } from "./transfer-sql.ts";

/** How the ledger's objects look outside. Times are RFC 3339 in UTC, amounts minor units. */

export const presentAccount = (account: Account, balance: Balance = account) => ({
  id: account.id,
  object: "ledger_account" as const,
  code: account.code,
  owner: account.ownerId,
  currency: account.currency,
  livemode: account.livemode,
  debits_must_not_exceed_credits: account.debitsMustNotExceedCredits,
  credits_must_not_exceed_debits: account.creditsMustNotExceedDebits,
  lanes: account.lanes,
  history: account.history,
  closed: account.closed,
  balance: presentBalance(balance),
  created_at: account.createdAt.toISOString(),
});

const presentBalance = (balance: Balance) => ({
  debits_pending: balance.debitsPending,
  debits_posted: balance.debitsPosted,
  credits_pending: balance.creditsPending,
  credits_posted: balance.creditsPosted,
});

/** `everything`: the other side too. A merchant is not told it, since a wallet's id would tell one customer's visits from another's. */
export const presentEntry = (entry: Entry, everything: boolean) => ({
  id: entry.transferId,
  object: "ledger_entry" as const,
  account: entry.accountId,
  counterparty: everything ? entry.counterpartyId : null,
  side: entry.side,
  kind: entry.kind,
  pending_change: entry.pendingChange,
  posted_change: entry.postedChange,
  balance: presentBalance(entry),
  code: entry.code,
  reference: entry.reference,
  event_at: (entry.eventAt ?? entry.createdAt).toISOString(),
  created_at: entry.createdAt.toISOString(),
});

/** `seesDebit`, `seesCredit`: whose side the reader is on. */
export const presentTransfer = (
  transfer: TransferWithParties,
  { seesDebit, seesCredit }: { seesDebit: boolean; seesCredit: boolean },
) => ({
  id: transfer.id,
  object: "ledger_transfer" as const,
  kind: transfer.kind,
  state: transfer.state,
  debit_account: seesDebit ? transfer.debitAccountId : null,
  credit_account: seesCredit ? transfer.creditAccountId : null,
  amount: transfer.amount,
  currency: transfer.currency,
  pending_transfer: transfer.pendingId,
  timeout_s: transfer.timeoutS,
  expires_at: transfer.expiresAt?.toISOString() ?? null,
  resolved_by: transfer.resolvedBy,
  linked: transfer.linked,
  code: transfer.code,
  reference: transfer.reference,
  event_at: (transfer.eventAt ?? transfer.createdAt).toISOString(),
  created_at: transfer.createdAt.toISOString(),
});

export const isBalanced = (total: Total): boolean =>
  total.debitsPosted === total.creditsPosted && total.debitsPending === total.creditsPending;

/** Sums over all accounts; above 2^53 - 1 they are rounded here, `balanced` is exact all the same. */
export const presentTotals = (totals: readonly Total[]) => ({
  object: "trial_balance" as const,
  balanced: totals.every(isBalanced),
  totals: totals.map((total) => ({
    currency: total.currency,
    livemode: total.livemode,
    debits_pending: Number(total.debitsPending),
    debits_posted: Number(total.debitsPosted),
    credits_pending: Number(total.creditsPending),
    credits_posted: Number(total.creditsPosted),
    balanced: isBalanced(total),
  })),
});
