import { hash } from "node:crypto";
import type { MerchantActor } from "#kit/actor.ts";
import { config } from "#kit/config.ts";
import { database } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { GroupCommit } from "#kit/group-commit.ts";
import { type IdempotencyClaim, type StoredAnswer, storedAnswer } from "#kit/idempotency.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { assertMayScan, type CodeResolution, resolveCode } from "#modules/codes";
import { commitBatch } from "./commit-batch.ts";
import { holdEndProblem } from "./holds.ts";
import { type NewPayment, newPayment } from "./new-payment.ts";
import type { Payment } from "./payment.ts";
import type { Refusal } from "./refusals.ts";
import type { Scan } from "./scan.ts";

export interface ScanInput extends NewPayment {
  code: string;
  /** Of a payment that is captured later: when its hold is to end. */
  expires_at?: string;
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
  const priced = await newPayment(actor, input);
  const problem = input.expires_at === undefined ? null : holdEndProblem(input.expires_at);
  if (problem) {
    // It may have been in time when this request came first.
    const before = await storedAnswer(database(), request.claim);
    if (before) return before;
    throw kitErrors.parameter_invalid({ param: "/expires_at", details: { reason: problem } });
  }
  const scanner = input.terminal ?? actor.keyId;
  await assertMayScan(scanner);
  const code = await resolveCode(input.code);
  const holdUntil = input.expires_at === undefined ? null : new Date(input.expires_at);
  const payment = { ...scanned(priced, input.code, code), holdUntil };
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
const scanned = (priced: Payment, text: string, code: CodeResolution): Payment => ({
  ...priced,
  status: "succeeded",
  amountCaptured: priced.amount,
  method: code.kind === "foreign" ? code.channel : "wallet",
  payerId: code.kind === "own" && code.livemode === priced.livemode ? code.userId : null,
  codeHash: BigInt.asIntN(64, BigInt(`0x${hash("sha256", text, "hex").slice(0, 16)}`)).toString(),
});
