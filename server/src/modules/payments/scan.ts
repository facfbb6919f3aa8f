import type { ApiError, Language } from "#kit/errors.ts";
import type { IdempotencyClaim, StoredAnswer } from "#kit/idempotency.ts";
import type { CodeResolution } from "#modules/codes";
import type { Payment } from "./payment.ts";
import type { Refusal } from "./refusals.ts";

/** One scan on its way: what was asked, what the code means, and what it has become so far. */
export interface Scan {
  readonly payment: Payment;
  readonly code: CodeResolution;
  /** Whom wrong codes count against: the terminal, or the API key. */
  readonly scanner: string;
  /** Error code that is certain already, or nothing yet. */
  readonly refusal: Refusal | null;
  readonly claim: IdempotencyClaim;
  readonly requestId: string;
  readonly language: Language;
}

export type Answers = Map<Scan, StoredAnswer | ApiError>;

/** A scan that has not happened before, and why it is refused if that is certain. */
export interface OpenScan {
  readonly scan: Scan;
  readonly refusal: Refusal | null;
}
