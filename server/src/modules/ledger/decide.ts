import type { TransferResult } from "./results.ts";
import {
  accountProblem,
  compareWithPosted,
  isResolution,
  type RunningLane,
  type RunningPending,
  resolutionProblem,
  shapeProblem,
  sumProblem,
} from "./rules.ts";
import type {
  AcceptedTransfer,
  AccountChange,
  Lane,
  LaneChange,
  NewPending,
  Pending,
  ReadLane,
  ResolvedPending,
} from "./sql.ts";
import type { NewTransfer, Transfer } from "./transfer.ts";

/** What the database said before a batch is judged. What is missing from it does not exist. */
export interface Snapshot {
  readonly lanes: readonly ReadLane[];
  readonly pendings: readonly Pending[];
  /** Transfers that were posted under ids of this batch, or are named by it as pending. */
  readonly posted: readonly Transfer[];
}

/** A result for each transfer of the batch, and what has to be written. */
export interface Decision {
  readonly results: readonly TransferResult[];
  readonly accepted: readonly AcceptedTransfer[];
  /** One a row, in the order of the rows' key. */
  readonly changes: readonly LaneChange[];
  readonly history: readonly AccountChange[];
  readonly newPendings: readonly NewPending[];
  readonly resolved: readonly ResolvedPending[];
}

/** A transfer that was accepted, and what it did, so that it can be undone when its chain breaks. */
interface Step {
  readonly transfer: AcceptedTransfer;
  readonly debit: RunningLane;
  readonly credit: RunningLane;
  readonly pendingChange: number;
  readonly postedChange: number;
  readonly resolves: RunningPending | undefined;
}

/**
 * Judges a batch, one transfer after the other, each seeing what the ones before it did. Pure: what comes out depends on what goes in
 * alone. `sweeping`: the ledger itself voids what is expired.
 */
export function decide(snapshot: Snapshot, transfers: readonly NewTransfer[], sweeping = false): Decision {
  const batch = new Batch(snapshot, sweeping);
  const results: TransferResult[] = new Array(transfers.length);
  let chainStart = -1;
  let stepsBefore = 0;
  let broken = false;
  for (let i = 0; i < transfers.length; i++) {
    const transfer = transfers[i] as NewTransfer;
    const open = transfer.linked === true && i === transfers.length - 1;
    if (transfer.linked && chainStart === -1) {
      chainStart = i;
      stepsBefore = batch.steps.length;
      broken = false;
    }
    const result = open ? "linked_event_chain_open" : broken ? "linked_event_failed" : batch.judge(transfer);
    results[i] = result;
    if (chainStart === -1) continue;
    if (result !== "ok" && !broken) {
      broken = true;
      batch.undo(stepsBefore);
      results.fill("linked_event_failed", chainStart, i);
    }
    if (!transfer.linked) {
      chainStart = -1;
      broken = false;
    }
  }
  return { results, ...batch.outcome() };
}

class Batch {
  readonly steps: Step[] = [];
  readonly #sweeping: boolean;
  /** The row of each account that new transfers go over. */
  readonly #lanes = new Map<string, RunningLane>();
  readonly #pendings = new Map<string, RunningPending>();
  readonly #posted = new Map<string, Transfer>();

  constructor({ lanes, pendings, posted }: Snapshot, sweeping: boolean) {
    this.#sweeping = sweeping;
    const running = lanes.map(startLane);
    for (const lane of running) if (lane.facts.own) this.#lanes.set(lane.facts.id, lane);
    if (pendings.length > 0) {
      const byKey = new Map(running.map((lane) => [laneKey(lane.facts.id, lane.facts.lane), lane]));
      const at = (id: string, lane: number) => byKey.get(laneKey(id, lane)) as RunningLane;
      for (const facts of pendings) {
        const debit = at(facts.debitAccountId, facts.debitLane);
        const credit = at(facts.creditAccountId, facts.creditLane);
        this.#pendings.set(facts.transferId, { facts, debit, credit, state: facts.state, resolvedBy: null });
      }
    }
    for (const transfer of posted) this.#posted.set(transfer.id, transfer);
  }

  /** Gives the result of a transfer; when that is `ok`, it counts for the ones after it. */
  judge(transfer: NewTransfer): TransferResult {
    const posted = this.#posted.get(transfer.id);
    if (posted) {
      const pending = posted.pendingId === null ? undefined : this.#pendings.get(posted.pendingId);
      return compareWithPosted(transfer, posted, pending?.facts.amount);
    }
    const problem = shapeProblem(transfer);
    if (problem) return problem;
    return isResolution(transfer) ? this.#resolve(transfer) : this.#place(transfer);
  }

  /** A new transfer, posted at once or pending. */
  #place(transfer: NewTransfer): TransferResult {
    const debit = this.#lanes.get(transfer.debitAccountId ?? "");
    const credit = this.#lanes.get(transfer.creditAccountId ?? "");
    const problem = accountProblem(transfer.currency, debit?.facts, credit?.facts);
    if (problem || !debit || !credit) return problem as TransferResult;
    const pending = transfer.kind === "pending";
    const amount = transfer.amount as number;
    const overdraft = sumProblem(pending, amount, debit, credit);
    if (overdraft) return overdraft;
    const accepted = accept(transfer, amount, debit.facts, credit.facts);
    this.#take({
      transfer: accepted,
      debit,
      credit,
      pendingChange: pending ? amount : 0,
      postedChange: pending ? 0 : amount,
      resolves: undefined,
    });
    if (pending) {
      const facts = { ...accepted, transferId: accepted.id, expired: false };
      const { timeoutS } = accepted;
      this.#pendings.set(accepted.id, { facts, debit, credit, timeoutS, state: "pending", resolvedBy: null });
    }
    return "ok";
  }

  /** A post or a void of a pending transfer, on the lanes where that stands. */
  #resolve(transfer: NewTransfer): TransferResult {
    const pendingId = transfer.pendingId as string;
    const pending = this.#pendings.get(pendingId);
    if (!pending) return this.#posted.has(pendingId) ? "pending_transfer_not_pending" : "pending_transfer_not_found";
    const problem = resolutionProblem(transfer, pending, this.#sweeping);
    if (problem) return problem;
    const { facts, debit, credit } = pending;
    const amount = transfer.amount ?? facts.amount;
    const posts = transfer.kind === "post";
    this.#take({
      transfer: accept(transfer, amount, debit.facts, credit.facts),
      debit,
      credit,
      pendingChange: -facts.amount,
      postedChange: posts ? amount : 0,
      resolves: pending,
    });
    pending.state = posts ? "posted" : this.#sweeping ? "expired" : "voided";
    pending.resolvedBy = transfer.id;
    return "ok";
  }

  #take(step: Step): void {
    const { transfer, debit, credit } = step;
    move(step, 1);
    debit.peak = Math.max(debit.peak, taken(debit));
    credit.peak = Math.max(credit.peak, taken(credit));
    this.steps.push(step);
    this.#posted.set(transfer.id, transfer);
  }

  /** Takes back what was accepted after the first `keep` steps, the last first. */
  undo(keep: number): void {
    while (this.steps.length > keep) {
      const step = this.steps.pop() as Step;
      move(step, -1);
      this.#posted.delete(step.transfer.id);
      if (step.transfer.kind === "pending") this.#pendings.delete(step.transfer.id);
      if (step.resolves) {
        step.resolves.state = "pending";
        step.resolves.resolvedBy = null;
      }
    }
  }

  outcome(): Omit<Decision, "results"> {
    const newPendings: NewPending[] = [];
    const resolved: ResolvedPending[] = [];
    for (const { facts, timeoutS, state, resolvedBy } of this.#pendings.values()) {
      if (timeoutS !== undefined) newPendings.push({ ...facts, timeoutS, state, resolvedBy });
      else if (resolvedBy !== null) resolved.push({ transferId: facts.transferId, state, resolvedBy });
    }
    const accepted = this.steps.map(({ transfer }) => transfer);
    return { accepted, changes: this.#changes(), history: this.#history(), newPendings, resolved };
  }

  #changes(): LaneChange[] {
    const changes: LaneChange[] = [];
    for (const lane of new Set(this.steps.flatMap(({ debit, credit }) => [debit, credit]))) {
      const { facts, peak } = lane;
      changes.push({
        id: facts.id,
        lane: facts.lane,
        debitsPending: lane.debitsPending - facts.debitsPending,
        debitsPosted: lane.debitsPosted - facts.debitsPosted,
        creditsPending: lane.creditsPending - facts.creditsPending,
        creditsPosted: lane.creditsPosted - facts.creditsPosted,
        peak,
      });
    }
    return changes.sort((a, b) => (a.id === b.id ? a.lane - b.lane : a.id < b.id ? -1 : 1));
  }

  #history(): AccountChange[] {
    const changes = new Map<string, Writable<AccountChange>>();
    const changeOf = ({ id }: Lane, position: number) => {
      let change = changes.get(id);
      if (!change) changes.set(id, (change = { id, positions: [], ...unchanged }));
      change.positions.push(position);
      return change;
    };
    this.steps.forEach(({ debit, credit, pendingChange, postedChange }, i) => {
      if (debit.facts.history) {
        const change = changeOf(debit.facts, i + 1);
        change.debitsPending += pendingChange;
        change.debitsPosted += postedChange;
      }
      if (credit.facts.history) {
        const change = changeOf(credit.facts, i + 1);
        change.creditsPending += pendingChange;
        change.creditsPosted += postedChange;
      }
    });
    return [...changes.values()];
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

const unchanged = { debitsPending: 0, debitsPosted: 0, creditsPending: 0, creditsPosted: 0 };

const laneKey = (id: string, lane: number): string => `${id} ${lane}`;

const startLane = (facts: ReadLane) => ({
  facts,
  debitsPending: facts.debitsPending,
  debitsPosted: facts.debitsPosted,
  creditsPending: facts.creditsPending,
  creditsPosted: facts.creditsPosted,
  peak: 0,
});

const accept = (given: NewTransfer, amount: number, debit: Lane, credit: Lane): AcceptedTransfer => ({
  id: given.id,
  kind: given.kind ?? "posted",
  debitAccountId: debit.id,
  debitLane: debit.lane,
  creditAccountId: credit.id,
  creditLane: credit.lane,
  amount,
  currency: debit.currency,
  pendingId: given.pendingId ?? null,
  timeoutS: given.timeoutS || null,
  linked: given.linked ?? false,
  code: given.code,
  reference: given.reference ?? null,
  eventAt: given.eventAt ?? null,
});

function move({ debit, credit, pendingChange, postedChange }: Step, sign: 1 | -1): void {
  debit.debitsPending += sign * pendingChange;
  debit.debitsPosted += sign * postedChange;
  credit.creditsPending += sign * pendingChange;
  credit.creditsPosted += sign * postedChange;
}

/** What the batch has taken so far from a constrained account, net of what it brought; nothing from others. */
function taken({ facts, debitsPending, debitsPosted, creditsPending, creditsPosted }: RunningLane): number {
  if (facts.debitsMustNotExceedCredits) {
    const before = facts.debitsPending + facts.debitsPosted - facts.creditsPosted;
    return debitsPending + debitsPosted - creditsPosted - before;
  }
  if (facts.creditsMustNotExceedDebits) {
    const before = facts.creditsPending + facts.creditsPosted - facts.debitsPosted;
    return creditsPending + creditsPosted - debitsPosted - before;
  }
  return 0;
}
