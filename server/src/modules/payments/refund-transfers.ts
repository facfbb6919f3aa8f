import { idBelongingTo } from "#kit/ids.ts";
import type { NewTransfer } from "#modules/ledger";
import { merchantAccount, type Purse, platformAccount } from "#modules/merchants";
import { allowanceSource, walletAccount } from "#modules/wallets";
import type { Payment } from "./payment.ts";
import type { Refund, Sources } from "./refund.ts";

/** Where the money of a method goes back to, and whether it is there at once: our own wallets need nobody's answer. */
export const destinationOf = ({
  method,
  payerId,
  currency,
  livemode,
}: Pick<Payment, "method" | "payerId" | "currency" | "livemode">) =>
  method === "wallet"
    ? { account: walletAccount(payerId as string, currency), atOnce: true }
    : { account: platformAccount("bank_clearing", currency, livemode), atOnce: false };

/**
 * Takes the amount from what is pending, then from what is available; the rest is debt. Fees that come back to the merchant count as
 * pending: this refund's comes in the same commit, and that of a refund in flight when its hold goes out; should it fail, more is back.
 */
export function sourcesOf(amount: number, purse: Purse, feesToMerchant: number): Sources {
  const fromPending = Math.min(amount, Math.max(0, purse.pending + feesToMerchant));
  const fromAvailable = Math.min(amount - fromPending, purse.available);
  return { fromPending, fromAvailable, fromDebt: amount - fromPending - fromAvailable };
}

const parts = ["fee", "pending", "available", "debt"] as const;
type Part = (typeof parts)[number];

const partsOf = (refund: Pick<Refund, "feeReturned" | keyof Sources>): { part: Part; amount: number }[] => {
  const amounts = {
    fee: refund.feeReturned,
    pending: refund.fromPending,
    available: refund.fromAvailable,
    debt: refund.fromDebt,
  };
  return parts.map((part) => ({ part, amount: amounts[part] })).filter(({ amount }) => amount > 0);
};

/** The transfer that a part of a refund is made with, or ended with; nothing has to be kept to find it again. */
const transferId = (refundId: string, part: Part | "allowance"): string =>
  idBelongingTo("txn", refundId, [...parts, "allowance"].indexOf(part));
const endingId = (refundId: string, part: Part): string => idBelongingTo("txn", refundId, 8 + parts.indexOf(part));

type Draft = Pick<
  Refund,
  "id" | "merchantId" | "livemode" | "amount" | "feeReturned" | "feeBearer" | "currency" | keyof Sources
>;

/**
 * The balanced transfers of a refund, one linked chain: the fee back to who bore it, then the money from its sources. `allowance`: the
 * account of today's limit that the payment was counted on and that gets it back. Pure.
 */
export function refundTransfers(
  refund: Draft,
  { account, atOnce }: ReturnType<typeof destinationOf>,
  allowance: string | null,
): NewTransfer[] {
  const { currency, livemode, merchantId, id: reference } = refund;
  const source = (part: Exclude<Part, "fee">) => merchantAccount(merchantId, part, currency, livemode);
  const feeTo = refund.feeBearer === "payer" ? account : source("pending");
  const between = (part: Part) =>
    part === "fee"
      ? { debitAccountId: platformAccount("fees", currency, livemode), creditAccountId: feeTo, code: "refund_fee" }
      : { debitAccountId: source(part), creditAccountId: account, code: "refund" };
  const chain: NewTransfer[] = partsOf(refund).map(({ part, amount }) => ({
    id: transferId(reference, part),
    kind: atOnce ? "posted" : "pending",
    ...between(part),
    amount,
    currency,
    reference,
  }));
  if (allowance !== null) {
    chain.push({
      id: transferId(reference, "allowance"),
      debitAccountId: allowanceSource(currency, livemode),
      creditAccountId: allowance,
      amount: refund.amount + (refund.feeBearer === "payer" ? refund.feeReturned : 0),
      currency,
      code: "allowance_returned",
      reference,
    });
  }
  return linked(chain);
}

/** Posts or voids what a pending refund holds, one linked chain. */
export const settlingTransfers = (refund: Refund, kind: "post" | "void"): NewTransfer[] =>
  linked(
    partsOf(refund).map(({ part }) => ({
      id: endingId(refund.id, part),
      kind,
      pendingId: transferId(refund.id, part),
      code: part === "fee" ? "refund_fee" : "refund",
      reference: refund.id,
    })),
  );

const linked = (chain: readonly NewTransfer[]): NewTransfer[] =>
  chain.map((transfer, i) => ({ ...transfer, linked: i < chain.length - 1 }));
