import { first, type Queryable } from "#kit/db.ts";
import type { PlanTerms } from "./pricing-plan.ts";
import { selectPlan } from "./sql.ts";

/** The terms of a plan that something was agreed under; plans are never deleted. */
export async function planTerms(on: Queryable, id: string): Promise<PlanTerms> {
  const plan = await first(on, selectPlan, [id]);
  if (!plan) throw new Error(`there is no pricing plan ${id}`);
  return plan;
}
