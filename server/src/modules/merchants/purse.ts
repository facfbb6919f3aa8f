import { first, type Queryable, run, type Transaction } from "#kit/db.ts";
import { balancesOf, openAccounts } from "#modules/ledger";
import { merchantAccount } from "./accounts.ts";
import { lockPurse, selectRefundDebt } from "./sql.ts";

interface PurseOwner {
  readonly merchantId: string;
  readonly livemode: boolean;
}

/** What a merchant has earned and could give away now, minor units; what refunds in flight hold is taken off. */
export interface Purse {
  /** May be below zero by fees that refunds in flight bring back. */
  readonly pending: number;
  readonly available: number;
}

/**
 * Waits for this merchant's turn and keeps it until the transaction's end. `pending` has lanes and no floor, so the ledger can't refuse
 * what is not there: whoever takes from it what was earned before (refunds, settlement, profit sharing) takes this turn first and then
 * looks. A payment needs none: the fee leaves in the commit that brings more than the fee.
 */
export const takeTurn = (tx: Transaction, { merchantId, livemode }: PurseOwner): Promise<unknown> =>
  run(tx, lockPurse, [merchantId, livemode]);

/** What is in the purse. Between {@link takeTurn} and the transaction's end it can only become more. */
export async function lookIntoPurse(tx: Transaction, { merchantId, livemode }: PurseOwner, currency: string) {
  const pending = merchantAccount(merchantId, "pending", currency, livemode);
  const available = merchantAccount(merchantId, "available", currency, livemode);
  const balances = await balancesOf(tx, [pending, available]);
  const left = (id: string): number => {
    const balance = balances.get(id);
    return balance ? balance.creditsPosted - balance.debitsPosted - balance.debitsPending : 0;
  };
  return { pending: left(pending), available: left(available) } satisfies Purse;
}

/** Whether refunds may make this merchant a debtor, by its plan of today: the operator lends today, whatever was agreed when it was paid. */
export const mayOwe = async (on: Queryable, merchantId: string): Promise<boolean> =>
  (await first(on, selectRefundDebt, [merchantId]))?.refundDebt === "allowed";

/** What a merchant owes the platform; opened by the first debt, since most merchants never have one. Settlement pays it back first. */
export async function openDebt(
  tx: Transaction,
  { merchantId, livemode }: PurseOwner,
  currency: string,
): Promise<string> {
  const id = merchantAccount(merchantId, "debt", currency, livemode);
  const terms = { code: "merchant_debt", currency, ownerId: merchantId, livemode, creditsMustNotExceedDebits: true };
  await openAccounts(tx, [{ id, ...terms }]);
  return id;
}
