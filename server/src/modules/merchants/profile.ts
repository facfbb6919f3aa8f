import { Cache } from "#kit/cache.ts";
import { database, first, type Queryable, run, textArray } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { merchantAccount } from "./accounts.ts";
import type { Merchant } from "./merchant.ts";
import type { PlanTerms } from "./pricing-plan.ts";
import { selectMerchant, selectMerchantNames, selectMerchantStandings, selectPlan } from "./sql.ts";

interface MerchantAccounts {
  readonly pending: string;
  readonly available: string;
}

/** What a payment needs to know of its merchant. */
export interface MerchantProfile
  extends Pick<Merchant, "id" | "name" | "status" | "mcc" | "country" | "city" | "currency" | "feeBearer"> {
  readonly plan: PlanTerms;
  /** Ids of its ledger accounts. */
  readonly accounts: { readonly live: MerchantAccounts; readonly test: MerchantAccounts };
}

export const profileCache = "merchants.profiles";

const profiles = new Cache<string, MerchantProfile>({
  name: profileCache,
  max: 20_000,
  ttlMs: 5_000,
  load: loadProfile,
});

async function loadProfile(id: string): Promise<MerchantProfile | undefined> {
  const merchant = await first(database(), selectMerchant, [id]);
  const plan = merchant && (await first(database(), selectPlan, [merchant.planId]));
  if (!merchant || !plan) return undefined;
  const accounts = (livemode: boolean): MerchantAccounts => ({
    pending: merchantAccount(id, "pending", merchant.currency, livemode),
    available: merchantAccount(id, "available", merchant.currency, livemode),
  });
  return { ...merchant, plan, accounts: { live: accounts(true), test: accounts(false) } };
}

/** A merchant, from the cache: at once when it is there. Throws `not_found` for one that does not exist. */
export function merchantProfile(id: string): MerchantProfile | Promise<MerchantProfile> {
  const found = profiles.get(id);
  return found instanceof Promise ? found.then(existing) : existing(found);
}

function existing(profile: MerchantProfile | undefined): MerchantProfile {
  if (!profile) throw kitErrors.not_found();
  return profile;
}

/** What decides whether money may go to these merchants, as it is now, by id; ids of nobody are left out. */
export async function merchantStandings(
  on: Queryable,
  ids: readonly string[],
): Promise<Map<string, Pick<Merchant, "currency" | "status">>> {
  const rows = ids.length === 0 ? [] : await run(on, selectMerchantStandings, [textArray(ids)]);
  return new Map(rows.map(({ id, currency, status }) => [id, { currency, status }]));
}

/** Names of many merchants at once, by id; ids of nobody are left out. */
export async function merchantNames(on: Queryable, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = ids.length === 0 ? [] : await run(on, selectMerchantNames, [textArray(ids)]);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
