import { type Language, presentFailure } from "#kit/errors.ts";
import type { AttemptStatus } from "./states.ts";

/** An attempt to pay an order through a channel. Amounts in minor units. */
export interface Attempt {
  readonly merchantId: string;
  readonly livemode: boolean;
  /** The reference under which the channel knows it. */
  readonly id: string;
  readonly paymentId: string;
  readonly method: "bank";
  readonly channel: string;
  /** `null`: whoever held the payment key. */
  readonly payerId: string | null;
  /** What the payer gives in all. */
  readonly amount: number;
  /** Token of where the money comes from, and where refunds go back to. */
  readonly account: string;
  readonly status: AttemptStatus;
  readonly failureCode: string | null;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

/** An attempt as the payer sees it. */
export const presentAttempt = (attempt: Attempt, language: Language = "en") => ({
  id: attempt.id,
  method: attempt.method,
  channel: attempt.channel,
  status: attempt.status,
  failure: attempt.failureCode === null ? null : presentFailure(attempt.failureCode, language),
  created_at: attempt.createdAt.toISOString(),
});
