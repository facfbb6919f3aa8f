import { divideHalfEven } from "#kit/money.ts";
import type { Payment } from "./payment.ts";

/**
 * The part of the fee that goes back with the next refund, in minor units: what is due on all that is refunded by then, less what went
 * back before. So the parts of many refunds add up to the fee to the last unit, in whatever order, also when one in between failed.
 */
export function feeToReturn(
  payment: Pick<Payment, "amountCaptured" | "amountRefunded" | "fee" | "feeReturned">,
  amount: number,
): number {
  const refunded = BigInt(payment.amountRefunded + amount);
  const due = divideHalfEven(BigInt(payment.fee) * refunded, BigInt(payment.amountCaptured));
  return Math.max(0, due - payment.feeReturned);
}
