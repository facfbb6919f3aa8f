import type { Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { balancesOf, post, type TransferResult } from "#modules/ledger";
import { lookIntoPurse, mayOwe, openDebt, planTerms, takeTurn } from "#modules/merchants";
import { allowanceAccount, allowanceDay } from "#modules/wallets";
import { refundByBank } from "./bank-refunds.ts";
import { paymentErrors } from "./errors.ts";
import { limitOf, type Payment } from "./payment.ts";
import { type Refund, refundEvent, type Sources } from "./refund.ts";
import { feeToReturn } from "./refund-fee.ts";
import type { RefundInput } from "./refund-schemas.ts";
import { destinationOf, refundTransfers, sourcesOf } from "./refund-transfers.ts";
import { feesComingBack, findRefundNumber, insertRefund, reserveRefund } from "./refunds-sql.ts";
import { databaseTime, lockPayment } from "./sql.ts";
import { isInStore, keepRefundLimit, merchantOf, type Seller } from "./till.ts";

/**
 * Gives back what a payment took, whole or in part. Refunds of one merchant take turns, so that none counts on money or on a number that
 * another one is taking. To a wallet the money is there with the commit; elsewhere it is held until {@link settleRefund}.
 * Throws `not_found`, `state_conflict`, `refund_not_refundable`, `payment_refunded`, `amount_too_large`, `out_refund_no_conflict`,
 * `merchant_balance_insufficient`, `refund_destination_closed`; for a till `terminal_refund_limit`.
 */
export async function createRefund(tx: Transaction, seller: Seller, input: RefundInput): Promise<Refund> {
  const actor = merchantOf(seller);
  if (input.payment.startsWith("ref_")) throw paymentErrors.refund_not_refundable();
  await takeTurn(tx, actor);
  const before = await findRefundNumber(tx, actor, input.out_refund_no);
  if (before && isInStore(seller, before)) return sameRefund(before, input);
  if (before) throw paymentErrors.out_refund_no_conflict();
  const payment = await lockPayment(tx, actor, input.payment);
  if (!payment || !isInStore(seller, payment)) throw kitErrors.not_found({ param: "/payment" });
  const amount = amountToRefund(payment, input.amount);
  if (seller.kind === "terminal") await keepRefundLimit(tx, seller, amount, await databaseTime(tx));
  const { refundFee } = await planTerms(tx, payment.planId);
  const feeReturned = refundFee === "returned" ? feeToReturn(payment, amount) : 0;
  const sources = await takeFrom(tx, payment, amount, feeReturned);
  const destination = destinationOf(payment);
  const draft = {
    ...payment,
    ...sources,
    id: newId("ref"),
    paymentId: payment.id,
    status: destination.atOnce ? ("succeeded" as const) : ("pending" as const),
    amount,
    wholeRest: input.amount === undefined,
    feeReturned,
    outRefundNo: input.out_refund_no,
    reason: input.reason ?? null,
    metadata: input.metadata ?? {},
    createdAt: await databaseTime(tx),
  };
  const allowance = await allowanceToReturn(tx, payment, draft.createdAt);
  const results = await post(tx, refundTransfers(draft, destination, allowance), { careful: true });
  assertPosted(results);
  await faultPoint("payments.refund_after_ledger");
  if (!(await reserveRefund(tx, draft)))
    throw new Error(`refund of ${payment.id} no longer fits although it is locked`);
  const refund = await insertRefund(tx, draft, seller.kind === "terminal" ? seller.terminalId : null);
  await emit(tx, [refundEvent(refund, { first: true })]);
  if (payment.channel === "bank") await refundByBank(tx, payment, refund);
  await faultPoint("payments.refund_before_commit");
  return refund;
}

/** The refund that has this number already, when the request means the same one. A number names one refund for good, failed or not. */
function sameRefund(before: Refund, { payment, amount }: RefundInput): Refund {
  const sameAmount = amount === undefined ? before.wholeRest : before.amount === amount;
  if (before.paymentId === payment && sameAmount) return before;
  throw paymentErrors.out_refund_no_conflict({ details: { refund: before.id } });
}

function amountToRefund(payment: Payment, wanted: number | undefined): number {
  if (payment.status !== "succeeded") {
    throw kitErrors.state_conflict({ param: "/payment", details: { status: payment.status } });
  }
  const left = payment.amountCaptured - payment.amountRefunded;
  const amount = wanted ?? left;
  if (amount === 0) throw paymentErrors.payment_refunded();
  if (amount > left) throw paymentErrors.amount_too_large({ details: { most: left } });
  return amount;
}

async function takeFrom(tx: Transaction, payment: Payment, amount: number, feeReturned: number): Promise<Sources> {
  const purse = await lookIntoPurse(tx, payment, payment.currency);
  const feesToMerchant = (await feesComingBack(tx, payment)) + (payment.feeBearer === "merchant" ? feeReturned : 0);
  const sources = sourcesOf(amount, purse, feesToMerchant);
  if (sources.fromDebt === 0) return sources;
  if (!(await mayOwe(tx, payment.merchantId))) {
    throw paymentErrors.merchant_balance_insufficient({ details: { missing: sources.fromDebt } });
  }
  await openDebt(tx, payment, payment.currency);
  return sources;
}

/** A limit counts what was spent on a business day; what comes back on the same day may be spent again. */
async function allowanceToReturn(tx: Transaction, payment: Payment, at: Date): Promise<string | null> {
  const { method, payerId, createdAt, succeededAt, capture, currency } = payment;
  if (method !== "wallet" || payerId === null || succeededAt === null) return null;
  const day = allowanceDay(at);
  // A hold was counted on the day it was made, somewhere between the payment's making and its capture.
  const counted = capture === "manual" ? [createdAt, succeededAt] : [succeededAt];
  if (counted.some((moment) => allowanceDay(moment) !== day)) return null;
  const allowance = allowanceAccount(limitOf(payment), payerId, currency, day);
  return (await balancesOf(tx, [allowance])).has(allowance) ? allowance : null;
}

function assertPosted(results: readonly TransferResult[]): void {
  const problem = results.find((result) => result !== "ok" && result !== "linked_event_failed");
  if (problem === undefined) return;
  if (problem === "credit_account_closed") throw paymentErrors.refund_destination_closed();
  // Somebody took from `available` out of turn: what is left is for the caller to see, not to guess.
  if (problem === "exceeds_credits") throw paymentErrors.merchant_balance_insufficient();
  throw new Error(`the ledger refused a refund's transfer: ${problem}`);
}
