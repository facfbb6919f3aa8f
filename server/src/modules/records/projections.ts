import { paymentFailed, paymentSucceeded, refundFailed, refundSucceeded } from "./project-sales.ts";
import { bankProjections, transferSucceeded } from "./project-wallets.ts";
import type { Projection } from "./projection.ts";

/** Which events become records, and how. */
export const projections: ReadonlyMap<string, Projection> = new Map([
  ["payment.succeeded", paymentSucceeded],
  ["payment.failed", paymentFailed],
  ["refund.succeeded", refundSucceeded],
  ["refund.failed", refundFailed],
  ["transfer.succeeded", transferSucceeded],
  ...bankProjections,
]);
