import { type Origin, recordAct, type SystemOrigin } from "#kit/audit.ts";
import { config } from "#kit/config.ts";
import { first, type Queryable, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { openMerchantAccounts, openPlatformAccounts } from "./accounts.ts";
import { merchantErrors } from "./errors.ts";
import { requireCountry, requireCurrency } from "./known-values.ts";
import { type Merchant, presentMerchant } from "./merchant.ts";
import type { PricingPlan } from "./pricing-plan.ts";
import { servedModes } from "./reach.ts";
import type { MerchantInput } from "./schemas.ts";
import { insertMerchant, selectDefaultPlan, selectPlan } from "./sql.ts";

/** Takes on a merchant: from this commit on its accounts are open and it may be given keys. */
export async function createMerchant(
  tx: Transaction,
  input: MerchantInput,
  from: Origin | SystemOrigin,
): Promise<Merchant> {
  const { currency = config().currency } = input;
  requireCurrency(currency);
  requireCountry(input.country);
  const plan = await planFor(tx, input.pricing_plan, currency);
  const merchant = (await first(tx, insertMerchant, [
    newId("mch"),
    input.name,
    input.mcc,
    input.country,
    input.city,
    currency,
    plan.id,
    input.fee_bearer,
  ])) as Merchant;
  await openPlatformAccounts(tx, currency);
  await openMerchantAccounts(tx, merchant.id, currency);
  await tellOfMerchant(tx, from, "merchant.created", merchant);
  return merchant;
}

/** The plan that was named, or the newest default of the currency. Throws when there is none or it is in another currency. */
export async function planFor(on: Queryable, named: string | undefined, currency: string): Promise<PricingPlan> {
  if (named === undefined) {
    const plan = await first(on, selectDefaultPlan, [currency]);
    if (plan) return plan;
    const reason = `there is no default plan in ${currency}`;
    throw kitErrors.parameter_missing({ param: "/pricing_plan", details: { reason } });
  }
  const plan = await first(on, selectPlan, [named]);
  if (!plan) throw kitErrors.not_found({ param: "/pricing_plan" });
  if (plan.currency !== currency) throw merchantErrors.pricing_plan_currency({ details: { currency } });
  return plan;
}

/** Writes down who did it, and tells of it: a merchant exists in every mode that is served here, so its events are told in each. */
export async function tellOfMerchant(
  tx: Transaction,
  from: Origin | SystemOrigin,
  type: "merchant.created" | "merchant.updated",
  merchant: Merchant,
  before?: Merchant,
): Promise<void> {
  const [{ id }, object] = [merchant, presentMerchant(merchant)];
  const events = servedModes().map((livemode) => ({ ownerId: id, livemode, type, objectId: id, object }));
  await emit(tx, events);
  await recordAct(tx, from, {
    action: type,
    object: { type: "merchant", id },
    owner: { id, livemode: null },
    before: before && presentMerchant(before),
    after: object,
  });
}
