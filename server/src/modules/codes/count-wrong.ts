import { Cache, invalidate } from "#kit/cache.ts";
import { now } from "#kit/clock.ts";
import { afterCommit, database, plainArray, run, type Transaction } from "#kit/db.ts";
import { GroupCommit } from "#kit/group-commit.ts";
import { signal } from "#kit/security-signals.ts";
import { codeErrors } from "./errors.ts";
import { countWrongOfAliases, countWrongOfSubjects, selectScanningLocks } from "./sql.ts";

/** A wrong code: the alias it named, if it had the form of our codes, and who scanned it (a terminal, or an API key without one). */
export interface Guess {
  readonly alias: number | null;
  readonly subject: string;
}

/**
 * Counts wrong codes against their aliases and subjects. Five in ten minutes lock an alias for ten minutes, twenty lock a subject; while
 * something is locked nothing more is counted against it. Gives what this call locked.
 */
export async function countWrong(
  tx: Transaction,
  guesses: readonly Guess[],
): Promise<{ aliases: number[]; subjects: string[] }> {
  const ofAliases = tally(guesses.flatMap(({ alias }) => (alias === null ? [] : [alias])));
  const ofSubjects = tally(guesses.map(({ subject }) => subject));
  const aliases = ofAliases.length === 0 ? [] : await run(tx, countWrongOfAliases, columnsOf(ofAliases));
  const subjects = ofSubjects.length === 0 ? [] : await run(tx, countWrongOfSubjects, columnsOf(ofSubjects));
  const locked = subjects.filter((row) => row.locked).map(({ subject }) => subject);
  // One message for each lock; that is rarely more than one.
  for (const subject of locked) await invalidate(tx, locksName, subject);
  afterCommit(tx, () => {
    for (const { subject } of guesses) signal("payment_code_wrong", { subject });
    for (const subject of locked) signal("scanning_locked", { subject });
  });
  return { aliases: aliases.filter((row) => row.locked).map(({ alias }) => alias), subjects: locked };
}

/** How often each stands there; in order, so that two transactions lock rows in the same one. */
function tally<T extends string | number>(things: readonly T[]): [thing: T, times: number][] {
  const times = new Map<T, number>();
  for (const thing of things) times.set(thing, (times.get(thing) ?? 0) + 1);
  return [...times].sort(([a], [b]) => (a < b ? -1 : 1));
}

const columnsOf = (counts: readonly [string | number, number][]): string[] => [
  plainArray(counts.map(([thing]) => thing)),
  plainArray(counts.map(([, times]) => times)),
];

const lookUps = new GroupCommit<string, number>({ name: "codes.scanning_locks", maxBatch: 2_000, commit: lookUp });

const locksName = "code_scanning_locks";

/** Until when a subject may not scan, in milliseconds since 1970; 0 when it may. A lock is told to every process. */
const locks = new Cache<string, number>({
  name: locksName,
  max: 100_000,
  ttlMs: 60_000,
  load: (subject) => lookUps.submit(subject),
});

async function lookUp(subjects: readonly string[]): Promise<number[]> {
  const rows = await run(database(), selectScanningLocks, [plainArray(subjects)]);
  const until = new Map(rows.map(({ subject, untilMs }) => [subject, untilMs]));
  return subjects.map((subject) => until.get(subject) ?? 0);
}

/**
 * Refuses a terminal or API key that sent too many wrong codes: `code_scanning_locked` with the seconds to wait. Synchronous and without
 * a query when this process knows the subject.
 */
export function assertMayScan(subject: string): void | Promise<void> {
  const until = locks.get(subject);
  if (until instanceof Promise) return until.then(refuseUntil);
  refuseUntil(until);
}

function refuseUntil(until = 0): void {
  const leftMs = until - now();
  if (leftMs > 0) throw codeErrors.code_scanning_locked({ retryAfter: Math.ceil(leftMs / 1000) });
}
