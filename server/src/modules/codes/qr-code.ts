/** A QR code that a merchant shows, as it is stored. Amounts in minor units. */
export interface QrCode {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly type: "static" | "dynamic";
  /** The order of a dynamic one. */
  readonly paymentId: string | null;
  /** Null: the payer enters it. */
  readonly amount: number | null;
  readonly currency: string;
  readonly storeId: string | null;
  readonly terminalId: string | null;
  /** What payments by a static one are for. */
  readonly subject: string | null;
  readonly metadata: Record<string, string>;
  readonly payload: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}
