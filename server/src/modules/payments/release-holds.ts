import { inTransaction, type Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { newId } from "#kit/ids.ts";
import { emit } from "#kit/outbox.ts";
import { post } from "#modules/ledger";
import { releaseTransfers } from "./hold-transfers.ts";
import { problemOf } from "./holds.ts";
import { closeHolds, lockOverdueHolds } from "./holds-sql.ts";
import type { Payment } from "./payment.ts";
import { paymentEvent } from "./payment-event.ts";

/**
 * Gives back what authorised payments hold and closes them; the caller has locked them. What is over by the ledger's clock too, the
 * ledger gives back by itself, at its next sweep. A fixed handful of statements whatever their number.
 */
export async function releaseHolds(tx: Transaction, payments: readonly Payment[]): Promise<Payment[]> {
  const chains = payments.map(releaseTransfers);
  const results = await post(tx, chains.flat(), { careful: true });
  let start = 0;
  for (const chain of chains) {
    const problem = problemOf(results.slice(start, start + chain.length));
    if (problem && problem !== "pending_transfer_expired") {
      throw new Error(`the ledger refused to release ${chain[0]?.reference}: ${problem}`);
    }
    start += chain.length;
  }
  await faultPoint("payments.release_after_ledger");
  const closed = await closeHolds(tx, payments);
  await emit(
    tx,
    closed.map((payment) => paymentEvent(newId("evt"), payment)),
  );
  return closed;
}

/** Closes authorised payments that nobody captured in time, by the database's clock. Several sweeps may run at once. Gives how many it closed. */
export const expireHolds = (limit: number): Promise<number> =>
  inTransaction(async (tx) => {
    const overdue = await lockOverdueHolds(tx, limit);
    return overdue.length === 0 ? 0 : (await releaseHolds(tx, overdue)).length;
  });
