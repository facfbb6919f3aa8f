import { idBelongingTo } from "#kit/ids.ts";
import type { NewTransfer } from "#modules/ledger";
import { merchantAccount, platformAccount } from "#modules/merchants";
import { allowanceSource } from "#modules/wallets";
import { type Payment, totalOf } from "./payment.ts";

/** What a hold consists of. The place is that of the transfer's id among the payment's; what ends it stands eight places on. */
const places = { payment: 0, payment_fee: 1, allowance: 2 } as const;
type Part = keyof typeof places;

const holdId = (paymentId: string, part: Part): string => idBelongingTo("txn", paymentId, places[part]);
const endingId = (paymentId: string, part: Part): string => idBelongingTo("txn", paymentId, 8 + places[part]);

/** The merchant's fee is not held: it comes out of what is captured. */
const holdsFee = ({ fee, feeBearer }: Payment): boolean => feeBearer === "payer" && fee > 0;

/**
 * The pending transfers of a payment that is captured later, one linked chain: the money, the fee if the payer bears it, the day's
 * allowance. They end by themselves after `timeoutS` seconds. Pure.
 */
export function holdTransfers(
  payment: Payment,
  accounts: { wallet: string; allowance: string },
  allowanceCode: string,
  timeoutS: number,
): NewTransfer[] {
  const { currency, livemode, merchantId, id: reference } = payment;
  const hold = (part: Part, code: string, debitAccountId: string, creditAccountId: string, amount: number) => ({
    id: holdId(reference, part),
    kind: "pending" as const,
    debitAccountId,
    creditAccountId,
    amount,
    currency,
    timeoutS,
    code,
    reference,
    linked: part !== "allowance",
  });
  const pending = merchantAccount(merchantId, "pending", currency, livemode);
  const chain = [hold("payment", "payment", accounts.wallet, pending, payment.amount)];
  if (holdsFee(payment)) {
    const fees = platformAccount("fees", currency, livemode);
    chain.push(hold("payment_fee", "payment_fee", accounts.wallet, fees, payment.fee));
  }
  chain.push(
    hold("allowance", allowanceCode, accounts.allowance, allowanceSource(currency, livemode), totalOf(payment)),
  );
  return chain;
}

/** Takes `amount` and `fee` of what an authorised payment holds; the rest goes back in the same commit. One linked chain. Pure. */
export function captureTransfers(payment: Payment, amount: number, fee: number): NewTransfer[] {
  const { id, currency, livemode, merchantId } = payment;
  const chain: NewTransfer[] = [post(id, "payment", amount)];
  if (holdsFee(payment)) {
    chain.push(fee > 0 ? post(id, "payment_fee", fee) : release(id, "payment_fee"));
  } else if (fee > 0) {
    chain.push({
      id: endingId(id, "payment_fee"),
      debitAccountId: merchantAccount(merchantId, "pending", currency, livemode),
      creditAccountId: platformAccount("fees", currency, livemode),
      amount: fee,
      currency,
      code: "payment_fee",
      reference: id,
    });
  }
  chain.push(post(id, "allowance", payment.feeBearer === "payer" ? amount + fee : amount));
  return chain.map((transfer, i) => ({ ...transfer, linked: i < chain.length - 1 }));
}

/** Gives back all that an authorised payment holds, one linked chain. Pure. */
export function releaseTransfers(payment: Payment): NewTransfer[] {
  const held = (Object.keys(places) as Part[]).filter((part) => part !== "payment_fee" || holdsFee(payment));
  return held.map((part, i) => ({ ...release(payment.id, part), linked: i < held.length - 1 }));
}

const post = (paymentId: string, part: Part, amount: number): NewTransfer => ({
  ...ending(paymentId, part),
  kind: "post",
  amount,
  code: "capture",
});

const release = (paymentId: string, part: Part): NewTransfer => ({
  ...ending(paymentId, part),
  kind: "void",
  code: "release",
});

const ending = (paymentId: string, part: Part) => ({
  id: endingId(paymentId, part),
  pendingId: holdId(paymentId, part),
  reference: paymentId,
});
