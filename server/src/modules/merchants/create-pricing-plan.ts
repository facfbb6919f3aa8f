import { type Origin, recordAct } from "#kit/audit.ts";
import { first, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { requireCurrency } from "./known-values.ts";
import { type PricingPlan, presentPricingPlan } from "./pricing-plan.ts";
import type { PricingPlanInput } from "./schemas.ts";
import { insertPlan, selectPlan } from "./sql.ts";

/** Makes a plan, or the next version of one. A plan is replaced once: of two who try at once, one gets `state_conflict`. */
export async function createPricingPlan(tx: Transaction, input: PricingPlanInput, from: Origin): Promise<PricingPlan> {
  const { currency, min_fee: min = null, max_fee: max = null, replaces = null } = input;
  requireCurrency(currency);
  if (min !== null && max !== null && min > max) {
    throw kitErrors.parameter_invalid({ param: "/max_fee", details: { reason: "must be >= min_fee" } });
  }
  if (replaces !== null) await requireReplaceable(tx, replaces, currency);
  const plan = await first(tx, insertPlan, [
    newId("pln"),
    input.name,
    replaces,
    input.default,
    input.rate_bps,
    input.fixed ?? 0,
    min,
    max,
    currency,
    input.fee_bearer ?? "merchant",
    input.refund_fee ?? "returned",
    input.refund_debt ?? "refused",
  ]);
  if (!plan) throw kitErrors.state_conflict({ param: "/replaces", details: { status: "replaced" } });
  const object = { type: "pricing_plan", id: plan.id };
  await recordAct(tx, from, { action: "pricing_plan.created", object, after: presentPricingPlan(plan) });
  return plan;
}

async function requireReplaceable(tx: Transaction, id: string, currency: string): Promise<void> {
  const before = await first(tx, selectPlan, [id]);
  if (!before) throw kitErrors.not_found({ param: "/replaces" });
  if (before.currency !== currency) {
    throw kitErrors.parameter_invalid({ param: "/currency", details: { reason: `must be ${before.currency}` } });
  }
}
