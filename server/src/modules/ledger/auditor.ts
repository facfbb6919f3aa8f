import { inTransaction } from "#kit/db.ts";
import { readTotals, type Total } from "./accounts-sql.ts";
import { balanceDifferences, type Difference, pendingDifferences, strayTransfers, takeTime } from "./audit-sql.ts";
import { projectorName } from "./history.ts";
import { isBalanced } from "./present.ts";
import { historyDifferences } from "./project-sql.ts";

export interface Audit {
  /** Empty when everything is as the transfers make it. Up to `limit` of each kind. */
  readonly differences: readonly Difference[];
  /** Per currency and mode, what all accounts together were debited and credited. */
  readonly totals: readonly Total[];
}

/**
 * Recomputes every balance, the state of every pending transfer and the history from the transfers alone, and checks that debits equal
 * credits in every currency. Reads one snapshot, so that it may run amid traffic; takes as long as reading the ledger takes.
 */
export async function audit(limit = 100): Promise<Audit> {
  return inTransaction(
    async (tx) => {
      await takeTime(tx);
      const differences = [
        ...(await balanceDifferences(tx, limit)),
        ...(await pendingDifferences(tx, limit)),
        ...(await strayTransfers(tx, limit)),
        ...(await historyDifferences(tx, projectorName, limit)),
      ];
      const totals = await readTotals(tx);
      return { differences: [...differences, ...imbalances(totals)], totals };
    },
    { isolation: "repeatable read" },
  );
}

/** Currencies in which debits do not equal credits. */
export const imbalances = (totals: readonly Total[]): Difference[] =>
  totals.filter((total) => !isBalanced(total)).map(imbalance);

const imbalance = ({ currency, livemode, ...sums }: Total): Difference => ({
  kind: "total",
  subject: `${currency} ${livemode ? "live" : "test"}`,
  expected: `${sums.debitsPending} pending, ${sums.debitsPosted} posted`,
  found: `${sums.creditsPending} pending, ${sums.creditsPosted} posted`,
});
