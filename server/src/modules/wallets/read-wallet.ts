import type { UserActor } from "#kit/actor.ts";
import { now } from "#kit/clock.ts";
import { config } from "#kit/config.ts";
import { database } from "#kit/db.ts";
import { balancesOf } from "#modules/ledger";
import { allowanceDay, codeAllowance, walletAccount } from "./accounts.ts";

/** What a user has and what today still allows. Amounts in minor units. */
export async function readWallet(actor: UserActor) {
  const { currency, dailyCodeLimit } = config();
  const { day, resetsAt } = allowanceDay(new Date(now()));
  const wallet = walletAccount(actor.userId, currency);
  const allowance = codeAllowance(actor.userId, currency, day);
  const balances = await balancesOf(database(), [wallet, allowance]);
  const held = balances.get(wallet);
  const spent = balances.get(allowance);
  const left = spent ? spent.creditsPosted - spent.debitsPosted - spent.debitsPending : dailyCodeLimit;
  return {
    object: "wallet" as const,
    balances: [
      {
        currency,
        available: held ? held.creditsPosted - held.debitsPosted - held.debitsPending : 0,
        pending: held ? held.creditsPending : 0,
      },
    ],
    limits: [
      {
        type: "code_payment_daily" as const,
        currency,
        limit: spent ? spent.creditsPosted : dailyCodeLimit,
        left,
        resets_at: resetsAt.toISOString(),
      },
    ],
  };
}
