import { config } from "#kit/config.ts";
import { first, type Transaction } from "#kit/db.ts";
import { balancesOf, closeAccount } from "#modules/ledger";
import { walletAccount } from "./accounts.ts";
import { hasPendingMovements } from "./movements-sql.ts";

interface Owner {
  id: string;
  livemode: boolean;
}

/** What of a user's money has to be settled before the user can be erased. To be run by `beforeErasure` of identity. */
export async function openMoneyOf(tx: Transaction, { id, livemode }: Owner): Promise<string[]> {
  const account = walletAccount(id, config().currency);
  const balance = (await balancesOf(tx, [account])).get(account);
  const moving = await first(tx, hasPendingMovements, [id, livemode]);
  return [
    ...(balance && balance.creditsPosted !== balance.debitsPosted ? ["wallet_not_empty"] : []),
    ...(balance && balance.creditsPending + balance.debitsPending > 0 ? ["payment_pending"] : []),
    ...(moving?.pending ? ["bank_movement_pending"] : []),
  ];
}

/** Closes the wallet of a user who is erased; money that came in meanwhile stops the erasure. To be run by `onErased`. */
export async function closeWallet(tx: Transaction, { id }: Owner): Promise<void> {
  await closeAccount(tx, walletAccount(id, config().currency));
}
