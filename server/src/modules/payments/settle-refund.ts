import type { Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { emit } from "#kit/outbox.ts";
import { post } from "#modules/ledger";
import { type Refund, refundEvent } from "./refund.ts";
import { settlingTransfers } from "./refund-transfers.ts";
import { findRefund, moveRefund, reserveRefund } from "./refunds-sql.ts";
import { lockPayment } from "./sql.ts";

/** How the other side ended a refund. An answer that is not known is neither. */
export type RefundOutcome =
  | { readonly status: "succeeded" }
  | { readonly status: "failed"; readonly failureCode: string };

/**
 * Ends a pending refund: the held money goes out, or back to the merchant, and then the payment may be refunded again by that much.
 * Gives the refund as it is then; nothing when it had ended before, so that an answer heard twice does nothing.
 */
export async function settleRefund(
  tx: Transaction,
  refund: Pick<Refund, "merchantId" | "livemode" | "id" | "paymentId">,
  outcome: RefundOutcome,
): Promise<Refund | undefined> {
  // The payment first, as a new refund does: two who lock in another order would wait for each other.
  await lockPayment(tx, refund, refund.paymentId);
  const { status } = outcome;
  if (!(await moveRefund(tx, refund, "pending", status, status === "failed" ? outcome.failureCode : null)))
    return undefined;
  const moved = (await findRefund(tx, refund, refund.id)) as Refund;
  if (status === "failed") {
    await reserveRefund(tx, { ...moved, amount: -moved.amount, feeReturned: -moved.feeReturned });
  }
  const results = await post(tx, settlingTransfers(moved, status === "failed" ? "void" : "post"), { careful: true });
  const problem = results.find((result) => result !== "ok" && result !== "linked_event_failed");
  if (problem) throw new Error(`the ledger refused to settle ${moved.id}: ${problem}`);
  await faultPoint("payments.refund_settled");
  const settled = (await findRefund(tx, refund, refund.id)) as Refund;
  await emit(tx, [refundEvent(settled, { first: false })]);
  return settled;
}
