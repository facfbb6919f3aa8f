import type { ReadLane } from "./sql.ts";

/**
 * Accounts that anybody may overdraw against (a merchant's pending, fees) refuse nothing but when they are closed or overflow, and
 * nothing else about them ever changes. A writer who hopes that neither is so need not read their rows: the database's guards
 * object when they change, and then everything is read.
 */
const known = new Map<string, ReadLane>();
const mostKnown = 50_000;

const nothing = { debitsPending: 0, debitsPosted: 0, creditsPending: 0, creditsPosted: 0 };

/** The lanes of a writer that need not be read, their sums counted from nothing, and the accounts that must be. */
export function laneOfKnown(ids: ReadonlySet<string>, lane: number): { lanes: ReadLane[]; toRead: string[] } {
  const lanes: ReadLane[] = [];
  const toRead: string[] = [];
  for (const id of ids) {
    const facts = known.get(id);
    if (facts) lanes.push({ ...facts, lane: lane % facts.lanes });
    else toRead.push(id);
  }
  return { lanes, toRead };
}

/** Notes what was read; an account that was closed meanwhile is read again from now on. */
export function noteAccounts(lanes: readonly ReadLane[]): void {
  for (const lane of lanes) {
    if (lane.debitsMustNotExceedCredits || lane.creditsMustNotExceedDebits) continue;
    if (lane.closed) known.delete(lane.id);
    else if (lane.own && !known.has(lane.id)) {
      if (known.size >= mostKnown) known.clear();
      known.set(lane.id, { ...lane, ...nothing });
    }
  }
}
