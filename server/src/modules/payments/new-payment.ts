import type { MerchantActor } from "#kit/actor.ts";
import { newId } from "#kit/ids.ts";
import { feeFor, type MerchantProfile, merchantProfile, type PlanTerms, placeOf } from "#modules/merchants";
import { paymentErrors } from "./errors.ts";
import type { Capture, FeeBearer, Payment } from "./payment.ts";

/** Whose it will be, and of which mode. */
type Owner = Pick<MerchantActor, "merchantId" | "livemode">;

/** What a merchant says of every payment, scanned or ordered. */
export interface NewPayment {
  amount: number;
  currency: string;
  out_trade_no: string;
  subject?: string;
  fee_bearer?: FeeBearer;
  capture?: Capture;
  store?: string;
  terminal?: string;
  metadata?: Record<string, string>;
}

/**
 * A payment as it begins: priced by the merchant's plan, its place checked; nothing is stored, times and payer are still to come.
 * Throws what is wrong with the request itself.
 */
export async function newPayment(owner: Owner, input: NewPayment): Promise<Payment> {
  const merchant = await merchantProfile(owner.merchantId);
  if (input.currency !== merchant.currency) {
    throw paymentErrors.currency_unsupported({ details: { currency: merchant.currency } });
  }
  const place = await placeOf(owner, input.store, input.terminal);
  if (place === "no_terminal") throw paymentErrors.terminal_unusable();
  if (place === "no_store") throw paymentErrors.store_unusable();
  return priced(owner, merchant, input, place.storeId);
}

function priced(owner: Owner, merchant: MerchantProfile, input: NewPayment, storeId: string | null): Payment {
  const feeBearer = input.fee_bearer ?? merchant.feeBearer;
  return {
    id: newId("pay"),
    merchantId: owner.merchantId,
    livemode: owner.livemode,
    status: "requires_payment",
    amount: input.amount,
    amountCaptured: 0,
    amountRefunded: 0,
    fee: chargedFee(merchant.plan, feeBearer, input.amount),
    feeBearer,
    planId: merchant.plan.id,
    feeReturned: 0,
    currency: input.currency,
    outTradeNo: input.out_trade_no,
    subject: input.subject ?? null,
    method: null,
    channel: null,
    payerId: null,
    storeId,
    terminalId: input.terminal ?? null,
    codeHash: null,
    failureCode: null,
    metadata: input.metadata ?? {},
    createdAt: new Date(0),
    succeededAt: null,
    expiresAt: null,
    qrCodeId: null,
    holdUntil: null,
    capture: input.capture ?? "automatic",
    methods: null,
    notify: null,
    profitSharing: null,
  };
}

/** What a payment of this amount costs by its plan, minor units. A merchant never pays more than it gets. */
export function chargedFee(plan: PlanTerms, feeBearer: FeeBearer, amount: number): number {
  const fee = feeFor(plan, amount);
  return feeBearer === "merchant" ? Math.min(fee, amount) : fee;
}
