import { twinId } from "#kit/ids.ts";
import type { MaskedUser } from "#modules/identity";
import type { MerchantProfile } from "#modules/merchants";
import { type Payment, type Refund, totalOf } from "#modules/payments";

/** Where a payment was taken, as its merchant named it. */
export interface Shop {
  readonly id: string;
  readonly name: string;
  readonly address: string | null;
}

export interface ReceiptFacts {
  readonly payment: Payment;
  /** When the payment succeeded. */
  readonly paidAt: Date;
  readonly refunds: readonly Refund[];
  readonly seller: MerchantProfile;
  readonly store: Shop | null;
  /** As the reader may see them. */
  readonly buyer: MaskedUser | null;
}

/** The receipt object: what a buyer and a seller need for their books. Amounts in minor units. */
export function presentReceipt({ payment, paidAt, refunds, seller, store, buyer }: ReceiptFacts) {
  const { amountCaptured: amount, feeBearer, currency } = payment;
  const fee = feeBearer === "payer" ? payment.fee : 0;
  const total = totalOf({ ...payment, amount });
  const returned = refunds
    .filter(({ status }) => status === "succeeded")
    .map((refund) => ({
      id: refund.id,
      amount: refund.amount,
      fee_returned: feeBearer === "payer" ? refund.feeReturned : 0,
      succeeded_at: refund.succeededAt?.toISOString() ?? null,
    }));
  const refunded = returned.reduce((so, refund) => so + refund.amount + refund.fee_returned, 0);
  return {
    id: twinId("rcp", payment.id),
    object: "receipt" as const,
    payment: payment.id,
    out_trade_no: payment.outTradeNo,
    paid_at: paidAt.toISOString(),
    seller: {
      id: seller.id,
      name: seller.name,
      mcc: seller.mcc,
      city: seller.city,
      country: seller.country,
      store: store && { id: store.id, name: store.name, address: store.address },
    },
    buyer: buyer && { id: buyer.id, name: buyer.name, phone: buyer.phone },
    items: [{ description: payment.subject ?? seller.name, quantity: 1, amount }],
    currency,
    amount,
    fee,
    total,
    refunds: returned,
    refunded,
    balance: total - refunded,
    method: payment.method,
    channel: payment.channel,
    livemode: payment.livemode,
  };
}
export type Receipt = ReturnType<typeof presentReceipt>;
