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

/** Whether the table allows a move. */
export const mayBecome = (from: PaymentStatus, to: PaymentStatus): boolean =>
  (paymentMoves[from] as readonly PaymentStatus[]).includes(to);
