import type { Payment } from "./payment.ts";

/** The payment that an order number stands for now: the one that is neither failed nor closed. */
export const liveOf = (payments: readonly Payment[]): Payment | undefined =>
  payments.find(({ status }) => status !== "failed" && status !== "closed");

/** The terms that an order number stands for (API.md, "natural key"). */
export const sameTerms = (a: Payment, b: Payment): boolean =>
  a.amount === b.amount && a.currency === b.currency && a.capture === b.capture && a.feeBearer === b.feeBearer;
