import { afterCommit, type Transaction } from "#kit/db.ts";
import { post } from "#modules/ledger";
import { allowanceDay, spendingAccounts } from "#modules/wallets";
import { limitOf, type Payment } from "./payment.ts";
import { type Refusal, refusalOfChain } from "./refusals.ts";
import { walletPaymentTransfers } from "./transfers.ts";

/**
 * Takes a payment's money from its payer's wallet and day's allowance as of `at`, or holds it if it is captured later. Gives why not when
 * the ledger refuses; then nothing has moved.
 */
export async function takeFromWallet(tx: Transaction, payment: Payment, at: Date): Promise<Refusal | null> {
  const spender = { ...payment, payerId: payment.payerId as string };
  const accounts = await spendingAccounts(tx, allowanceDay(at), [spender], limitOf(payment));
  const chain = walletPaymentTransfers(payment, accounts.of(spender), at);
  const results = await post(tx, [...accounts.funding, ...chain], { careful: true });
  afterCommit(tx, accounts.remember);
  return refusalOfChain(results.slice(accounts.funding.length));
}
