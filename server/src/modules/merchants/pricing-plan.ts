import { type Fee, feeOf } from "#kit/money.ts";

export type FeeBearer = "merchant" | "payer";

/** What a payment costs. Amounts in minor units of the currency. */
export interface PlanTerms extends Fee {
  readonly id: string;
  readonly rateBps: number;
  readonly fixed: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly currency: string;
  readonly feeBearer: FeeBearer;
  /** What becomes of the fee when a payment is refunded. */
  readonly refundFee: "returned" | "kept";
  /** What becomes of a refund that the merchant's balance does not cover: refused, or the operator lends the rest. */
  readonly refundDebt: "refused" | "allowed";
}

export interface PricingPlan extends PlanTerms {
  readonly name: string;
  readonly version: number;
  readonly replaces: string | null;
  readonly isDefault: boolean;
  readonly createdAt: Date;
}

/** The fee of a payment of this amount, in minor units; the same whoever bears it. */
export const feeFor = (plan: PlanTerms, amount: number): number => feeOf(amount, plan);

export function presentPricingPlan(plan: PricingPlan) {
  return {
    id: plan.id,
    object: "pricing_plan" as const,
    name: plan.name,
    version: plan.version,
    replaces: plan.replaces,
    default: plan.isDefault,
    rate_bps: plan.rateBps,
    fixed: plan.fixed,
    min_fee: plan.min,
    max_fee: plan.max,
    currency: plan.currency,
    fee_bearer: plan.feeBearer,
    refund_fee: plan.refundFee,
    refund_debt: plan.refundDebt,
    created_at: plan.createdAt.toISOString(),
  };
}
