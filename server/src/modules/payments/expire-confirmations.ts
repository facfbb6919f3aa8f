import { database, inTransaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { emit } from "#kit/outbox.ts";
import { paymentEvent } from "./payment-event.ts";
import { movePayment, overduePayments } from "./sql.ts";

/** Fails the payments whose payer did not confirm in time; the order number is free again. Gives how many it failed. */
export async function expireConfirmations(limit = 200): Promise<number> {
  const overdue = await overduePayments(database(), limit);
  for (const payment of overdue) {
    await inTransaction(async (tx) => {
      const failed = await movePayment(tx, payment, "processing", "failed", "confirmation_expired");
      if (failed) await emit(tx, [paymentEvent(newId("evt"), failed)]);
    });
  }
  return overdue.length;
}
