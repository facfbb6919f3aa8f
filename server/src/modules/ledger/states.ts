/** What a pending transfer may become. It is resolved once; what was resolved stays so. */
export const pendingMoves = {
  pending: ["posted", "voided", "expired"],
  posted: [],
  voided: [],
  expired: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type PendingState = keyof typeof pendingMoves;
export type Resolution = (typeof pendingMoves)["pending"][number];
