import { type Language, presentFailure } from "#kit/errors.ts";
import { twinId } from "#kit/ids.ts";
import type { DailyLimit } from "#modules/wallets";
import type { OrderMethod } from "./order-methods.ts";
import type { Refusal } from "./refusals.ts";
import type { PaymentStatus } from "./states.ts";

export type FeeBearer = "merchant" | "payer";

/** When money is taken: with the payer's consent, or later, out of a hold. */
export type Capture = "automatic" | "manual";

/** A part of a payment that is another merchant's: minor units, or hundredths of a percent of the amount. */
export type ProfitShare = { readonly receiver: string } & (
  | { readonly amount: number }
  | { readonly share_bps: number }
);

/** A payment as it is stored: one attempt-independent claim on money. Amounts in minor units. */
export interface Payment {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly status: PaymentStatus;
  readonly amount: number;
  readonly amountCaptured: number;
  readonly amountRefunded: number;
  readonly fee: number;
  readonly feeBearer: FeeBearer;
  /** The plan it was taken under: what a capture costs and a refund gives back does not change with the merchant's later plans. */
  readonly planId: string;
  /** The part of `fee` that refunds gave back. */
  readonly feeReturned: number;
  readonly currency: string;
  readonly outTradeNo: string;
  readonly subject: string | null;
  readonly method: string | null;
  readonly channel: string | null;
  readonly payerId: string | null;
  readonly storeId: string | null;
  readonly terminalId: string | null;
  /** First 8 bytes of SHA-256 over the scanned code, as a signed decimal; tells "the same code" apart for a repeated order number. */
  readonly codeHash: string | null;
  readonly failureCode: Refusal | null;
  readonly metadata: Record<string, string>;
  readonly createdAt: Date;
  readonly succeededAt: Date | null;
  readonly expiresAt: Date | null;
  /** The QR code that its payer scanned, a static one or the order's own. */
  readonly qrCodeId: string | null;
  /** When the hold of a payment that is captured later is to end, if the merchant said so. */
  readonly holdUntil: Date | null;
  readonly capture: Capture;
  /** How an order may be paid; null: this is a scan. */
  readonly methods: readonly OrderMethod[] | null;
  readonly notify: string | null;
  readonly profitSharing: readonly ProfitShare[] | null;
}

/** How many milliseconds a customer has to confirm a larger payment. */
export const confirmWithinMs = 5 * 60_000;

/**
 * Which of the payer's daily limits it counts for: what either side scans, which a lost phone could pay; a shop's static code, which a
 * thief could paste over; orders that were confirmed with session and PIN.
 */
export function limitOf({ methods, qrCodeId }: Payment): DailyLimit {
  const isOrder = methods !== null;
  if (qrCodeId === null) return isOrder ? "order_payment_daily" : "code_payment_daily";
  return isOrder ? "code_payment_daily" : "static_code_payment_daily";
}

/** What the payer gives in all: the amount, or the captured part of it, and, when the payer bears it, the fee. */
export const totalOf = (payment: Payment): number =>
  payment.feeBearer === "payer" ? takenOf(payment) + payment.fee : takenOf(payment);

/** What the merchant gets: the amount, or the captured part of it, less, when the merchant bears it, the fee. */
export const netOf = (payment: Payment): number =>
  payment.feeBearer === "merchant" ? takenOf(payment) - payment.fee : takenOf(payment);

const takenOf = ({ status, amount, amountCaptured }: Payment): number =>
  status === "succeeded" ? amountCaptured : amount;

/** The payment object of API.md. */
export function presentPayment(payment: Payment, language: Language = "en") {
  return {
    id: payment.id,
    object: "payment" as const,
    status: payment.status,
    amount: payment.amount,
    amount_captured: payment.amountCaptured,
    amount_refunded: payment.amountRefunded,
    fee: payment.fee,
    fee_bearer: payment.feeBearer,
    total: totalOf(payment),
    net: netOf(payment),
    currency: payment.currency,
    out_trade_no: payment.outTradeNo,
    subject: payment.subject,
    method: payment.method,
    channel: payment.channel,
    payer: payment.payerId,
    merchant: payment.merchantId,
    store: payment.storeId,
    terminal: payment.terminalId,
    capture: payment.capture,
    ...(payment.qrCodeId !== null && { qr_code: payment.qrCodeId }),
    ...(payment.methods && {
      methods: [...payment.methods],
      notify: payment.notify,
      profit_sharing: payment.profitSharing && [...payment.profitSharing],
    }),
    failure: payment.failureCode === null ? null : presentFailure(payment.failureCode, language),
    action:
      payment.status === "processing" && payment.methods === null
        ? { type: "confirm_on_device" as const, expires_at: iso(payment.expiresAt) }
        : null,
    receipt: payment.status === "succeeded" ? twinId("rcp", payment.id) : null,
    livemode: payment.livemode,
    created_at: payment.createdAt.toISOString(),
    succeeded_at: iso(payment.succeededAt),
    expires_at: iso(payment.expiresAt),
    metadata: payment.metadata,
  };
}

/** The payment as its payer sees it: without the merchant's own notes. */
export const presentToPayer = (payment: Payment, language: Language) =>
  presentPayment({ ...payment, metadata: {}, notify: null, profitSharing: null }, language);

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
