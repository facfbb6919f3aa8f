import type { ApiError, ErrorFacts } from "#kit/errors.ts";
import { codeErrors } from "#modules/codes";
import type { TransferResult } from "#modules/ledger";
import { paymentErrors } from "./errors.ts";

/** Why a scanned payment can fail: the code that is stored with it, and the error its caller gets. */
const refusals = {
  insufficient_funds: paymentErrors.insufficient_funds,
  limit_exceeded: paymentErrors.limit_exceeded,
  account_frozen: paymentErrors.account_frozen,
  channel_unavailable: paymentErrors.channel_unavailable,
  confirmation_expired: paymentErrors.confirmation_expired,
  payment_code_invalid: codeErrors.payment_code_invalid,
  payment_code_expired: codeErrors.payment_code_expired,
  payment_code_used: codeErrors.payment_code_used,
} as const satisfies Record<string, (facts?: ErrorFacts) => ApiError>;

export type Refusal = keyof typeof refusals;

/** The error of a refusal. */
export const refusalError = (refusal: Refusal, facts: ErrorFacts = {}): ApiError => refusals[refusal](facts);

/** Names why the ledger refused a payment's chain; nothing when it took it. The allowance is the chain's last transfer. */
export function refusalOfChain(results: readonly TransferResult[]): Refusal | null {
  const at = results.findIndex((result) => result !== "ok" && result !== "linked_event_failed");
  if (at === -1) return null;
  switch (results[at]) {
    case "exceeds_credits":
      return at === results.length - 1 ? "limit_exceeded" : "insufficient_funds";
    case "debit_account_closed":
      return "account_frozen";
    default:
      throw new Error(`the ledger refused a payment's transfer: ${results[at]}`);
  }
}
