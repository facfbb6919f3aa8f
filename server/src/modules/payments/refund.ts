import { type Language, presentFailure } from "#kit/errors.ts";
import { firstEventId } from "#kit/ids.ts";
import type { NewEvent } from "#kit/outbox.ts";
import type { FeeBearer } from "./payment.ts";
import type { RefundStatus } from "./states.ts";

/** What a refund knows of its payment. */
interface RefundedPayment {
  readonly currency: string;
  readonly feeBearer: FeeBearer;
  readonly method: string | null;
  readonly outTradeNo: string;
  readonly payerId: string | null;
  readonly storeId: string | null;
  readonly terminalId: string | null;
  /** Of all its refunds that did not fail, this one included. */
  readonly paymentAmountRefunded: number;
}

/** Where the money of a refund comes from, in this order. The parts add up to the amount. */
export interface Sources {
  readonly fromPending: number;
  readonly fromAvailable: number;
  readonly fromDebt: number;
}

/** A refund as it is stored, with its payment's facts. Amounts in minor units. */
export interface Refund extends RefundedPayment, Sources {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly paymentId: string;
  readonly status: RefundStatus;
  readonly amount: number;
  /** It was asked for without an amount: for what was left. */
  readonly wholeRest: boolean;
  /** The part of the payment's fee that goes back to whoever bore it. */
  readonly feeReturned: number;
  readonly outRefundNo: string;
  readonly reason: string | null;
  readonly failureCode: string | null;
  readonly metadata: Record<string, string>;
  readonly createdAt: Date;
  readonly succeededAt: Date | null;
}

/** The refund object of API.md. */
export function presentRefund(refund: Refund, language: Language = "en") {
  return {
    id: refund.id,
    object: "refund" as const,
    status: refund.status,
    amount: refund.amount,
    fee_returned: refund.feeReturned,
    fee_bearer: refund.feeBearer,
    total: refund.feeBearer === "payer" ? refund.amount + refund.feeReturned : refund.amount,
    currency: refund.currency,
    payment: refund.paymentId,
    payment_amount_refunded: refund.paymentAmountRefunded,
    out_trade_no: refund.outTradeNo,
    out_refund_no: refund.outRefundNo,
    reason: refund.reason,
    method: refund.method,
    failure: refund.failureCode === null ? null : presentFailure(refund.failureCode, language),
    payer: refund.payerId,
    merchant: refund.merchantId,
    store: refund.storeId,
    terminal: refund.terminalId,
    livemode: refund.livemode,
    created_at: refund.createdAt.toISOString(),
    succeeded_at: refund.succeededAt?.toISOString() ?? null,
    metadata: refund.metadata,
  };
}

/** The event that tells a refund's present state. `first`: nothing was told of it before. */
export const refundEvent = (refund: Refund, { first }: { first: boolean }): NewEvent => ({
  ...(first && { id: firstEventId(refund.id) }),
  ownerId: refund.merchantId,
  livemode: refund.livemode,
  type: `refund.${refund.status}`,
  objectId: refund.id,
  object: presentRefund(refund),
});
