import { hash } from "node:crypto";
import type { MerchantActor } from "#kit/actor.ts";
import { config } from "#kit/config.ts";
import type { Language } from "#kit/errors.ts";
import { GroupCommit } from "#kit/group-commit.ts";
import type { IdempotencyClaim, StoredAnswer } from "#kit/idempotency.ts";
import { newId } from "#kit/ids.ts";
import { assertMayScan, type CodeResolution, resolveCode } from "#modules/codes";
import { feeFor, type MerchantProfile, merchantProfile, placeOf } from "#modules/merchants";
import { commitBatch } from "./commit-batch.ts";
import { paymentErrors } from "./errors.ts";
import type { FeeBearer, Payment } from "./payment.ts";
import type { Refusal } from "./refusals.ts";
import type { Scan } from "./scan.ts";

export interface ScanInput {
  amount: number;
  currency: string;
  out_trade_no: string;
  code: string;
  subject?: string;
  fee_bearer?: FeeBearer;
  store?: string;
  terminal?: string;
  metadata?: Record<string, string>;
}

export interface ScanRequest {
  claim: IdempotencyClaim;
  requestId: string;
  language: Language;
}

let batches: GroupCommit<Scan, StoredAnswer> | undefined;

function openBatches(): GroupCommit<Scan, StoredAnswer> {
  const lanes = config().groupCommitLanes;
  return new GroupCommit<Scan, StoredAnswer>({
    name: "payments",
    lanes,
    // One payer's scans go through one lane, so that two batches never wait for the same wallet.
    laneOf: (scan) => (scan.code.kind === "own" ? scan.code.alias % lanes : 0),
    maxBatch: 512,
    maxQueue: 8192,
    commit: commitBatch,
  });
}

/** Finishes the payments that were taken and takes no more. */
export const drainPayments = async (): Promise<void> => batches?.drain();

/**
 * Scan to pay, in one call. Everything up to the batch is computed in memory; the money moves in the batch's transaction.
 * Throws what is wrong with the request itself; a refused payment is an answer (402) and a stored fact.
 */
export async function payByCode(actor: MerchantActor, input: ScanInput, request: ScanRequest): Promise<StoredAnswer> {
  const merchant = await merchantProfile(actor.merchantId);
  if (input.currency !== merchant.currency) {
    throw paymentErrors.currency_unsupported({ details: { currency: merchant.currency } });
  }
  const place = await placeOf(actor, input.store, input.terminal);
  if (place === "no_terminal") throw paymentErrors.terminal_unusable();
  if (place === "no_store") throw paymentErrors.store_unusable();
  const scanner = input.terminal ?? actor.keyId;
  await assertMayScan(scanner);
  const code = await resolveCode(input.code);
  const payment = draft(actor, merchant, input, place.storeId, code);
  batches ??= openBatches();
  return batches.submit({ payment, code, scanner, refusal: refusalOf(code, actor), ...request });
}

/** What is certain before any query: a code that is not ours, or is none at all. */
function refusalOf(code: CodeResolution, actor: MerchantActor): Refusal | null {
  switch (code.kind) {
    case "refused":
      return code.reason;
    case "foreign":
      return "channel_unavailable";
    case "own":
      // A test key sees only test data: a live customer's code means nothing to it, and the reverse.
      return code.livemode === actor.livemode ? null : "payment_code_invalid";
  }
}

/** The payment as it will be if everything goes well; its times are the database's, set in the batch. */
function draft(
  actor: MerchantActor,
  merchant: MerchantProfile,
  input: ScanInput,
  storeId: string | null,
  code: CodeResolution,
): Payment {
  const feeBearer = input.fee_bearer ?? merchant.feeBearer;
  const fee = feeFor(merchant.plan, input.amount);
  return {
    id: newId("pay"),
    merchantId: actor.merchantId,
    livemode: actor.livemode,
    status: "succeeded",
    amount: input.amount,
    amountCaptured: input.amount,
    amountRefunded: 0,
    fee: feeBearer === "merchant" ? Math.min(fee, input.amount) : fee,
    feeBearer,
    planId: merchant.plan.id,
    feeReturned: 0,
    currency: input.currency,
    outTradeNo: input.out_trade_no,
    subject: input.subject ?? null,
    method: code.kind === "foreign" ? code.channel : "wallet",
    channel: null,
    payerId: code.kind === "own" && code.livemode === actor.livemode ? code.userId : null,
    storeId,
    terminalId: input.terminal ?? null,
    codeHash: hash("sha256", input.code, "buffer").readBigInt64BE().toString(),
    failureCode: null,
    metadata: input.metadata ?? {},
    createdAt: new Date(0),
    succeededAt: null,
    expiresAt: null,
  };
}
