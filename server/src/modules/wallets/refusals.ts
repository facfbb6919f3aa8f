import type { TransferResult } from "#modules/ledger";

/** Why the ledger may refuse to take money from a wallet; each is an error of {@link walletErrors}. */
export type SpendingRefusal = "insufficient_funds" | "limit_exceeded" | "account_frozen" | "recipient_unavailable";

/**
 * Names why the ledger refused a chain that takes money from a wallet; nothing when it took it. `limited`: the chain's last transfer takes
 * from the day's allowance. An amount that the books have no room for is one that no wallet holds.
 */
export function refusalOfSpending(
  results: readonly TransferResult[],
  { limited = true }: { limited?: boolean } = {},
): SpendingRefusal | null {
  const at = results.findIndex((result) => result !== "ok" && result !== "linked_event_failed");
  if (at === -1) return null;
  const result = results[at] as TransferResult;
  if (result === "debit_account_closed") return "account_frozen";
  if (result === "credit_account_closed") return "recipient_unavailable";
  // There is no wallet in a currency that wallets are not kept in.
  if (result === "debit_account_not_found") return "insufficient_funds";
  if (result !== "exceeds_credits" && !result.startsWith("overflows_"))
    throw new Error(`the ledger refused to take money from a wallet: ${result}`);
  return limited && at === results.length - 1 ? "limit_exceeded" : "insufficient_funds";
}
