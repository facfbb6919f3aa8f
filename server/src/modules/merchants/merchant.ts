import type { FeeBearer } from "./pricing-plan.ts";
import type { MerchantStatus } from "./states.ts";

export interface Merchant {
  readonly id: string;
  readonly name: string;
  /** Merchant category code (ISO 18245). */
  readonly mcc: string;
  readonly country: string;
  readonly city: string;
  readonly currency: string;
  readonly status: MerchantStatus;
  readonly planId: string;
  /** Who bears the fee of a payment that doesn't say. */
  readonly feeBearer: FeeBearer;
  readonly createdAt: Date;
}

export function presentMerchant(merchant: Merchant) {
  return {
    id: merchant.id,
    object: "merchant" as const,
    name: merchant.name,
    mcc: merchant.mcc,
    country: merchant.country,
    city: merchant.city,
    currency: merchant.currency,
    status: merchant.status,
    pricing_plan: merchant.planId,
    fee_bearer: merchant.feeBearer,
    created_at: merchant.createdAt.toISOString(),
  };
}
