import type { TransferResult } from "./results.ts";
import type { Lane, Pending } from "./sql.ts";
import type { PendingState } from "./states.ts";
import type { NewTransfer, Transfer } from "./transfer.ts";

/**
 * The rules a transfer is judged by, each group in the order of `results.ts`. Pure: each gives the first reason to refuse, or nothing.
 */
type Refusal = Exclude<TransferResult, "ok">;

/** An account's row while a batch is being judged: the sums as they would be by now. */
export interface RunningLane {
  readonly facts: Lane;
  debitsPending: number;
  debitsPosted: number;
  creditsPending: number;
  creditsPosted: number;
  /** See `LaneChange`. */
  peak: number;
}

/** A pending transfer while a batch is being judged. */
export interface RunningPending {
  readonly facts: Omit<Pending, "state">;
  readonly debit: RunningLane;
  readonly credit: RunningLane;
  /** Seconds, of one that this batch makes; `undefined` of an older one. */
  readonly timeoutS?: number | null;
  state: PendingState;
  resolvedBy: string | null;
}

export const isResolution = (t: NewTransfer): boolean => t.kind === "post" || t.kind === "void";

const isAmount = (amount: number | undefined): amount is number => Number.isSafeInteger(amount) && Number(amount) > 0;

/** Compares with what was posted under the id before. What a post or void left out was taken from its pending transfer. */
export function compareWithPosted(t: NewTransfer, posted: Transfer, pendingAmount: number | undefined): Refusal {
  const inherits = isResolution(t);
  const differs = (given: string | undefined, stored: string): boolean =>
    given === undefined ? !inherits : given !== stored;
  if ((t.kind ?? "posted") !== posted.kind || (t.linked ?? false) !== posted.linked) {
    return "exists_with_different_flags";
  }
  if ((t.pendingId ?? null) !== posted.pendingId) return "exists_with_different_pending_id";
  if ((t.timeoutS || null) !== posted.timeoutS) return "exists_with_different_timeout";
  if (differs(t.debitAccountId, posted.debitAccountId)) return "exists_with_different_debit_account_id";
  if (differs(t.creditAccountId, posted.creditAccountId)) return "exists_with_different_credit_account_id";
  if ((t.amount ?? (inherits ? pendingAmount : undefined)) !== posted.amount) return "exists_with_different_amount";
  if (differs(t.currency, posted.currency)) return "exists_with_different_currency";
  if (t.code !== posted.code) return "exists_with_different_code";
  if ((t.reference ?? null) !== posted.reference) return "exists_with_different_reference";
  if (t.eventAt?.getTime() !== posted.eventAt?.getTime()) return "exists_with_different_event_at";
  return "exists";
}

/** What is wrong with a transfer by itself. */
export function shapeProblem(t: NewTransfer): Refusal | undefined {
  const resolution = isResolution(t);
  if (!resolution && t.debitAccountId !== undefined && t.debitAccountId === t.creditAccountId) {
    return "accounts_must_be_different";
  }
  if (!resolution && t.pendingId) return "pending_id_must_be_empty";
  if (resolution && !t.pendingId) return "pending_id_must_not_be_empty";
  if (resolution && t.pendingId === t.id) return "pending_id_must_be_different";
  if (t.kind !== "pending" && t.timeoutS) return "timeout_reserved_for_pending_transfer";
  if (!isAmount(t.amount) && !(resolution && t.amount === undefined)) return "amount_must_be_positive";
  return undefined;
}

/** Whether a post or void fits what it resolves. The ledger's own sweep voids what is expired; nobody else does. */
export function resolutionProblem(t: NewTransfer, pending: RunningPending, sweeping: boolean): Refusal | undefined {
  const { facts } = pending;
  const differs = (given: string | undefined, own: string): boolean => given !== undefined && given !== own;
  if (differs(t.debitAccountId, facts.debitAccountId)) return "pending_transfer_has_different_debit_account_id";
  if (differs(t.creditAccountId, facts.creditAccountId)) return "pending_transfer_has_different_credit_account_id";
  if (differs(t.currency, facts.currency)) return "pending_transfer_has_different_currency";
  const amount = t.amount ?? facts.amount;
  if (amount > facts.amount) return "exceeds_pending_transfer_amount";
  if (t.kind === "void" && amount < facts.amount) return "pending_transfer_has_different_amount";
  switch (pending.state) {
    case "posted":
      return "pending_transfer_already_posted";
    case "voided":
      return "pending_transfer_already_voided";
    case "expired":
      return "pending_transfer_expired";
    case "pending":
      return facts.expired && !sweeping ? "pending_transfer_expired" : undefined;
  }
}

/** Whether the two accounts may have this transfer between them, before any amount is looked at. */
export function accountProblem(
  currency: string | undefined,
  debit: Lane | undefined,
  credit: Lane | undefined,
): Refusal | undefined {
  if (!debit) return "debit_account_not_found";
  if (!credit) return "credit_account_not_found";
  if (debit.livemode !== credit.livemode) return "accounts_must_have_the_same_mode";
  if (debit.currency !== credit.currency) return "accounts_must_have_the_same_currency";
  if (currency !== debit.currency) return "transfer_must_have_the_same_currency_as_accounts";
  if (debit.closed) return "debit_account_closed";
  if (credit.closed) return "credit_account_closed";
  return undefined;
}

/** Most that one lane's debits, or its credits, may sum up to: its share of what JavaScript and JSON keep exact. */
const room = (lane: RunningLane): number => Math.floor(Number.MAX_SAFE_INTEGER / lane.facts.lanes);

/** Whether the sums have room for the amount. */
export function sumProblem(
  pending: boolean,
  amount: number,
  debit: RunningLane,
  credit: RunningLane,
): Refusal | undefined {
  if (pending) {
    if (debit.debitsPending + amount > room(debit)) return "overflows_debits_pending";
    if (credit.creditsPending + amount > room(credit)) return "overflows_credits_pending";
  } else {
    if (debit.debitsPosted + amount > room(debit)) return "overflows_debits_posted";
    if (credit.creditsPosted + amount > room(credit)) return "overflows_credits_posted";
  }
  const debits = debit.debitsPending + debit.debitsPosted + amount;
  const credits = credit.creditsPending + credit.creditsPosted + amount;
  if (debits > room(debit)) return "overflows_debits";
  if (credits > room(credit)) return "overflows_credits";
  if (debit.facts.debitsMustNotExceedCredits && debits > debit.creditsPosted) return "exceeds_credits";
  if (credit.facts.creditsMustNotExceedDebits && credits > credit.debitsPosted) return "exceeds_debits";
  return undefined;
}
