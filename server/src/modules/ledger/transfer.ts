export type TransferKind = "posted" | "pending" | "post" | "void";

/**
 * A transfer to be posted. `post` and `void` resolve the pending transfer `pendingId`; accounts, currency and amount may then be left
 * out: the pending transfer's own are meant, and the whole amount.
 */
export interface NewTransfer {
  readonly id: string;
  /** Preset: `posted`. */
  readonly kind?: TransferKind;
  readonly debitAccountId?: string;
  readonly creditAccountId?: string;
  /** Minor units. Of a `post`: at most what is pending; the rest is released. */
  readonly amount?: number;
  readonly currency?: string;
  readonly pendingId?: string | null;
  /** Seconds until a pending transfer expires by itself; without it, never. */
  readonly timeoutS?: number | null;
  /** The next transfer belongs to the same chain: all of a chain are posted, or none. */
  readonly linked?: boolean;
  /** Why: `payment`, `payment_fee`, `top_up` … */
  readonly code: string;
  /** The business's object that this is for. */
  readonly reference?: string | null;
  /** When it happened in the business, if that is not now. */
  readonly eventAt?: Date | null;
}

/** A transfer as it was posted. */
export interface Transfer {
  readonly id: string;
  readonly kind: TransferKind;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly amount: number;
  readonly currency: string;
  readonly pendingId: string | null;
  readonly timeoutS: number | null;
  readonly linked: boolean;
  readonly code: string;
  readonly reference: string | null;
  readonly eventAt: Date | null;
}
