import { idBelongingTo } from "#kit/ids.ts";
import type { NewTransfer } from "#modules/ledger";
import { merchantAccount, platformAccount } from "#modules/merchants";
import { allowanceSource, dailyLimits } from "#modules/wallets";
import { holdTransfers } from "./hold-transfers.ts";
import { holdSeconds } from "./holds.ts";
import { limitOf, type Payment, totalOf } from "./payment.ts";

/**
 * The balanced transfers of a payment by wallet, one linked chain: the money, the fee, the day's allowance. Of
 * one that is captured later, they hold it, as of `at`. Pure: a payment in, transfers out.
 */
export function walletPaymentTransfers(
  payment: Payment,
  accounts: { wallet: string; allowance: string },
  at: Date,
): NewTransfer[] {
  const allowanceCode = `${dailyLimits[limitOf(payment)].code}_spent`;
  if (payment.capture === "manual") {
    return holdTransfers(payment, accounts, allowanceCode, holdSeconds(payment, at));
  }
  const { currency, livemode, merchantId, id: reference } = payment;
  const pending = merchantAccount(merchantId, "pending", currency, livemode);
  let n = 0;
  const transfer = (
    code: string,
    debitAccountId: string,
    creditAccountId: string,
    amount: number,
    linked: boolean,
  ) => ({
    id: idBelongingTo("txn", reference, n++),
    debitAccountId,
    creditAccountId,
    amount,
    currency,
    code,
    reference,
    linked,
  });
  const chain = [transfer("payment", accounts.wallet, pending, payment.amount, true)];
  if (payment.fee > 0) {
    const from = payment.feeBearer === "payer" ? accounts.wallet : pending;
    chain.push(transfer("payment_fee", from, platformAccount("fees", currency, livemode), payment.fee, true));
  }
  chain.push(transfer(allowanceCode, accounts.allowance, allowanceSource(currency, livemode), totalOf(payment), false));
  return chain;
}
