import { idBelongingTo } from "#kit/ids.ts";
import type { NewTransfer } from "#modules/ledger";
import { merchantAccount, platformAccount } from "#modules/merchants";
import { allowanceSource, dailyLimits } from "#modules/wallets";
import { holdTransfers } from "./hold-transfers.ts";
import { holdSeconds } from "./holds.ts";
import { limitOf, type Payment, totalOf } from "./payment.ts";

/** Where the money of a channel lies until the channel has paid it out. */
export const clearingOf = { bank: "bank_clearing" } as const;

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

/**
 * The balanced transfers of a payment that came through a channel, one linked chain: what the payer gave, out of which the fee goes.
 * Pure.
 */
export function channelPaymentTransfers(payment: Payment, channel: keyof typeof clearingOf): NewTransfer[] {
  const { currency, livemode, merchantId, id: reference, amount, fee } = payment;
  const pending = merchantAccount(merchantId, "pending", currency, livemode);
  const clearing = platformAccount(clearingOf[channel], currency, livemode);
  const fees = platformAccount("fees", currency, livemode);
  const shared = { currency, reference };
  const money = { debitAccountId: clearing, creditAccountId: pending, amount, code: "payment", ...shared };
  if (fee === 0) return [{ id: idBelongingTo("txn", reference, 0), ...money }];
  const bearer = payment.feeBearer === "payer" ? clearing : pending;
  const cost = { debitAccountId: bearer, creditAccountId: fees, amount: fee, code: "payment_fee", ...shared };
  return [
    { id: idBelongingTo("txn", reference, 0), ...money, linked: true },
    { id: idBelongingTo("txn", reference, 1), ...cost },
  ];
}
