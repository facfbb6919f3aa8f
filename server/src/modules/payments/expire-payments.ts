import { inTransaction, type Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { newId } from "#kit/ids.ts";
import { emit } from "#kit/outbox.ts";
import { closeExpiredOrders, failUnconfirmed } from "./orders-sql.ts";
import type { Payment } from "./payment.ts";
import { paymentEvent } from "./payment-event.ts";
import { expireHolds } from "./release-holds.ts";

/**
 * Ends what nobody agreed to in time, by the database's clock: scans that were not confirmed fail, orders that were not paid close,
 * holds that were not captured go back. Their order numbers are free again. Several sweeps may run at once. Gives how many it ended; as many as `limit` means that there may be more.
 */
export async function expirePayments(limit = 500): Promise<number> {
  const failed = await expire((tx) => failUnconfirmed(tx, limit));
  const closed = await expire((tx) => closeExpiredOrders(tx, limit));
  const released = await expireHolds(limit);
  return failed + closed + released;
}

const expire = (move: (tx: Transaction) => Promise<Payment[]>): Promise<number> =>
  inTransaction(async (tx) => {
    const moved = await move(tx);
    if (moved.length === 0) return 0;
    await faultPoint("payments.expire_after_move");
    await emit(
      tx,
      moved.map((payment) => paymentEvent(newId("evt"), payment)),
    );
    return moved.length;
  });
