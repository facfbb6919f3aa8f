import type { ApiError, ErrorFacts } from "#kit/errors.ts";
import { codeErrors } from "#modules/codes";
import type { TransferResult } from "#modules/ledger";
import { refusalOfSpending, walletErrors } from "#modules/wallets";
import { paymentErrors } from "./errors.ts";

/** Why a scanned payment can fail: the code that is stored with it, and the error its caller gets. */
const refusals = {
  insufficient_funds: walletErrors.insufficient_funds,
  limit_exceeded: walletErrors.limit_exceeded,
  account_frozen: walletErrors.account_frozen,
  recipient_unavailable: walletErrors.recipient_unavailable,
  channel_unavailable: walletErrors.channel_unavailable,
  confirmation_expired: paymentErrors.confirmation_expired,
  payment_code_invalid: codeErrors.payment_code_invalid,
  payment_code_expired: codeErrors.payment_code_expired,
  payment_code_used: codeErrors.payment_code_used,
} as const satisfies Record<string, (facts?: ErrorFacts) => ApiError>;

export type Refusal = keyof typeof refusals;

/** The error of a refusal. */
export const refusalError = (refusal: Refusal, facts: ErrorFacts = {}): ApiError => refusals[refusal](facts);

/** Names why the ledger refused a payment's chain; nothing when it took it. The allowance is the chain's last transfer. */
export const refusalOfChain = (results: readonly TransferResult[]): Refusal | null => refusalOfSpending(results);
