import { now } from "#kit/clock.ts";
import { config } from "#kit/config.ts";
import type { TransferResult } from "#modules/ledger";
import type { Payment } from "./payment.ts";

const hourMs = 60 * 60_000;

/** Until when a payment that is authorised `at` holds its money: as the merchant asked, or as long as the operator lets it. */
export const holdEnd = ({ holdUntil }: Payment, at: Date): Date =>
  holdUntil ?? new Date(at.getTime() + config().holdHours * hourMs);

/** Why a hold can't end when the merchant wants it to, or nothing. */
export function holdEndProblem(wanted: string): string | null {
  const { holdHours } = config();
  const ms = Date.parse(wanted) - now();
  return ms > 0 && ms <= holdHours * hourMs ? null : `must be later than now and at most ${holdHours} hours ahead`;
}

/**
 * Seconds that the ledger holds the money at most. It judges by its own clock, a little later than `at`, and in whole seconds: so it
 * never lets go before the payment does, and lets go by itself if nobody comes to close the payment.
 */
export const holdSeconds = (payment: Payment, at: Date): number =>
  Math.max(1, Math.ceil((holdEnd(payment, at).getTime() - at.getTime()) / 1_000));

/** Whether an authorised payment's time is over, even before the worker has come by. */
export const isHoldOver = ({ expiresAt }: Payment, at: Date): boolean => expiresAt !== null && expiresAt <= at;

/** What the ledger had against a chain, or nothing. */
export const problemOf = (results: readonly TransferResult[]): TransferResult | undefined =>
  results.find((result) => result !== "ok" && result !== "linked_event_failed");
