import { busyMeter } from "#kit/busy.ts";
import { elapsed } from "#kit/clock.ts";
import { database, inTransaction, type Transaction } from "#kit/db.ts";
import { type Loop, repeat } from "#kit/loop.ts";
import { atMostEvery, gauge } from "#kit/metrics.ts";
import { readTotals } from "./accounts-sql.ts";
import type { Difference } from "./audit-sql.ts";
import {
  auditAccounts,
  auditBatches,
  beginRound,
  isBehind,
  moveWalk,
  readWalks,
  type Slice,
  takeStep,
  type Walk,
} from "./audit-walk-sql.ts";
import { imbalances } from "./auditor.ts";
import { projectorName } from "./history.ts";

type Hook = (tx: Transaction, differences: readonly Difference[]) => Promise<void>;
const hooks: Hook[] = [];

/** Runs when the auditor finds something, in the transaction that passes it: alerts are raised so. */
export function onDifference(hook: Hook): void {
  hooks.push(hook);
}

/** How much a slice is: accounts, or transfers of batches. */
const atOnce: Readonly<Record<Walk, number>> = { accounts: 500, batches: 1_000 };
const mostDifferences = 20;
/** With more batches than this without history a slice would have to read them all: the auditor waits. */
const mostBehind = 500;
const longestPauseMs = 20_000;
/** In a fully busy process the auditor rests ten times as long: requests go first. */
const restWhenBusy = 9;

export interface AuditPace {
  /** How many times as long as it worked the auditor rests. Preset: so that it works a tenth of the time. */
  rest?: number;
  /** Milliseconds between two slices at least. */
  shortestPauseMs?: number;
  /** Milliseconds between two rounds at least. */
  betweenRoundsMs?: number;
}

/**
 * The continuous auditor: walks through the books in small slices, round after round, as long as it runs. One walk compares every account's
 * row with its history, the other every batch's transfers with the history that was made of them; so what somebody changes past the
 * ledger (a balance, a transfer, history itself) is found. Each round ends with debits against credits of all accounts together.
 * Several workers may run; a walk is one's at a time.
 */
export function auditBooks(pace: AuditPace = {}): Loop {
  const loops = [walkThrough("accounts", pace), walkThrough("batches", pace)];
  return {
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

function walkThrough(walk: Walk, { rest = 10, shortestPauseMs = 250, betweenRoundsMs = 2_000 }: AuditPace): Loop {
  let pauseMs = shortestPauseMs;
  const busyShare = busyMeter();
  return repeat(
    `ledger.audit_${walk}`,
    () => pauseMs,
    async () => {
      const began = elapsed();
      const ended = await inTransaction((tx) => takeSlice(tx, walk));
      const restMs = Math.min((elapsed() - began) * rest * (1 + restWhenBusy * busyShare()), longestPauseMs);
      pauseMs = Math.max(restMs, ended ? betweenRoundsMs : shortestPauseMs);
      return false;
    },
  );
}

/** Looks at one slice. True at the end of a round, or when there is nothing to do now. */
async function takeSlice(tx: Transaction, walk: Walk): Promise<boolean> {
  const step = await takeStep(tx, walk);
  if (!step || (await isBehind(tx, projectorName, mostBehind))) return true;
  const { last, audited, ended, differences } = await lookAt(tx, walk, step.after);
  const found = ended && walk === "accounts" ? [...differences, ...imbalances(await readTotals(tx))] : differences;
  if (found.length > 0) for (const hook of hooks) await hook(tx, found);
  if (ended || last === null) await beginRound(tx, walk);
  else await moveWalk(tx, walk, last, audited);
  return ended;
}

function lookAt(tx: Transaction, walk: Walk, after: string): Promise<Slice> {
  switch (walk) {
    case "accounts":
      return auditAccounts(tx, after, atOnce.accounts, projectorName, mostDifferences);
    case "batches":
      return auditBatches(tx, after, atOnce.batches, projectorName, mostDifferences);
  }
}

const states = atMostEvery(5_000, () => readWalks(database()));
gauge("feiqian_audit_round", "Rounds that the continuous auditor has begun.", ["walk"], async () =>
  (await states()).map(({ walk, round }) => [[walk], round] as const),
);
gauge("feiqian_audit_audited", "What the present round has looked at.", ["walk"], async () =>
  (await states()).map(({ walk, audited }) => [[walk], audited] as const),
);
