import type { Transaction } from "#kit/db.ts";
import { type Balance, balancesOf } from "#modules/ledger";
import {
  allowanceAccount,
  allowanceDay,
  allowancesEnd,
  type DailyLimit,
  dailyLimits,
  walletAccount,
} from "./accounts.ts";

interface Attempt {
  payerId: string;
  currency: string;
  /** What it would have taken in all, in minor units. */
  total: number;
  limit: DailyLimit;
  at: Date;
}

/**
 * What helps the owner of the wallet after a refusal, and is nobody else's business: what is missing, or what the day still allows and when it
 * begins anew.
 */
export async function detailsOfRefusal(
  tx: Transaction,
  refusal: string,
  { payerId, currency, total, limit, at }: Attempt,
): Promise<Record<string, unknown>> {
  const leftOn = async (account: string): Promise<number> => leftOf((await balancesOf(tx, [account])).get(account));
  switch (refusal) {
    case "insufficient_funds":
      return { missing: total - (await leftOn(walletAccount(payerId, currency))) };
    case "limit_exceeded": {
      const left = await leftOn(allowanceAccount(limit, payerId, currency, allowanceDay(at)));
      return { limit: dailyLimits[limit].most(), left, resets_at: allowancesEnd(at).toISOString() };
    }
    default:
      return {};
  }
}

const leftOf = (balance: Balance | undefined): number =>
  balance ? balance.creditsPosted - balance.debitsPosted - balance.debitsPending : 0;
