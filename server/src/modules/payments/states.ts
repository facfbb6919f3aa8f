/** A life cycle as a table: what each state may become. */
type Moves = Readonly<Record<string, readonly string[]>>;

/** What a payment may become. A move that is not listed is refused as `state_conflict`. */
export const paymentMoves = {
  requires_payment: ["processing", "authorized", "succeeded", "failed", "closed"],
  processing: ["authorized", "succeeded", "failed", "closed"],
  authorized: ["succeeded", "closed"],
  succeeded: [],
  failed: [],
  closed: [],
} as const satisfies Moves;

export type PaymentStatus = keyof typeof paymentMoves;

/** What a refund may become. */
export const refundMoves = { pending: ["succeeded", "failed"], succeeded: [], failed: [] } as const satisfies Moves;

export type RefundStatus = keyof typeof refundMoves;
export type NextRefund<From extends RefundStatus> = (typeof refundMoves)[From][number];

/** What an attempt to pay an order may become. */
export const attemptMoves = { pending: ["succeeded", "failed"], succeeded: [], failed: [] } as const satisfies Moves;

export type AttemptStatus = keyof typeof attemptMoves;
export type NextAttempt<From extends AttemptStatus> = (typeof attemptMoves)[From][number];

/** What a state may become. */
export type Next<From extends PaymentStatus> = (typeof paymentMoves)[From][number];
