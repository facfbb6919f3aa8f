import type { UserActor } from "#kit/actor.ts";
import { now } from "#kit/clock.ts";
import { config } from "#kit/config.ts";
import { database } from "#kit/db.ts";
import { balancesOf } from "#modules/ledger";
import {
  allowanceAccount,
  allowanceDay,
  allowancesEnd,
  type DailyLimit,
  dailyLimits,
  walletAccount,
} from "./accounts.ts";

/** What a user has and what today still allows. Amounts in minor units. */
export async function readWallet(actor: UserActor) {
  const { currency } = config();
  const at = new Date(now());
  const day = allowanceDay(at);
  const wallet = walletAccount(actor.userId, currency);
  const allowances = (Object.keys(dailyLimits) as DailyLimit[]).map((type) => ({
    type,
    account: allowanceAccount(type, actor.userId, currency, day),
  }));
  const balances = await balancesOf(database(), [wallet, ...allowances.map(({ account }) => account)]);
  const held = balances.get(wallet);
  return {
    object: "wallet" as const,
    balances: [
      {
        currency,
        available: held ? held.creditsPosted - held.debitsPosted - held.debitsPending : 0,
        pending: held ? held.creditsPending : 0,
        held: held ? held.debitsPending : 0,
      },
    ],
    limits: allowances.map(({ type, account }) => {
      const spent = balances.get(account);
      // What refunds of the same day gave back was credited too: that makes more left, not a higher limit.
      const limit = dailyLimits[type].most();
      const left = spent ? spent.creditsPosted - spent.debitsPosted - spent.debitsPending : limit;
      return { type, currency, limit, left, resets_at: allowancesEnd(at).toISOString() };
    }),
  };
}
