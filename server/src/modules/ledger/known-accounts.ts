import type { LaneChange, ReadLane } from "./sql.ts";

/**
 * What this process last knew of accounts (docs/adr/0019): enough to foretell what most batches come to without reading a row. A
 * foretelling may be wrong, since other processes move the same money; the database's guards are the last word on it.
 */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
const known = new Map<string, Mutable<ReadLane>>();
const mostKnown = 100_000;

/** The rows of a writer on this lane as they were last known, and the accounts that are not. */
export function foretellLanes(ids: ReadonlySet<string>, lane: number): { foretold: ReadLane[]; unknown: string[] } {
  const foretold: ReadLane[] = [];
  const unknown: string[] = [];
  for (const id of ids) {
    const account = known.get(id);
    if (!account) unknown.push(id);
    else foretold.push(account.lanes === 1 ? account : { ...account, lane: lane % account.lanes });
  }
  return { foretold, unknown };
}

/** Notes what was read. A closed account is forgotten: it is read again until it opens. */
export function noteLanes(lanes: readonly ReadLane[]): void {
  for (const lane of lanes) {
    if (!lane.own) continue;
    if (lane.closed) known.delete(lane.id);
    else {
      if (known.size >= mostKnown) known.clear();
      known.set(lane.id, { ...lane });
    }
  }
}

/** Notes what a batch changes. Of accounts with several lanes nobody asks for the sums. */
export function noteChanges(changes: readonly LaneChange[]): void {
  for (const { id, debitsPending, debitsPosted, creditsPending, creditsPosted } of changes) {
    const account = known.get(id);
    if (account?.lanes !== 1) continue;
    account.debitsPending += debitsPending;
    account.debitsPosted += debitsPosted;
    account.creditsPending += creditsPending;
    account.creditsPosted += creditsPosted;
  }
}
