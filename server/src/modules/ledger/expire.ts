import { inTransaction } from "#kit/db.ts";
import { derivedId } from "#kit/ids.ts";
import { voidExpired } from "./post.ts";
import { lockDuePendings } from "./sql.ts";

/**
 * Gives back what pending transfers hold whose time is over, by the database's clock: each is voided by a transfer with the code
 * `expired`. Several sweeps may run at once. Gives how many it voided; as many as `limit` means that there may be more.
 */
export async function expirePending(limit = 500): Promise<number> {
  return inTransaction(async (tx) => {
    const due = await lockDuePendings(tx, limit);
    if (due.length === 0) return 0;
    const voids = due.map(({ transferId }) => ({
      id: derivedId("txn", "expired", transferId),
      kind: "void" as const,
      pendingId: transferId,
      code: "expired",
    }));
    await voidExpired(tx, voids);
    return due.length;
  });
}
