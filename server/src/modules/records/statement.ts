import { type MerchantActor, ownerOf, type UserActor } from "#kit/actor.ts";
import { businessDay, startOfBusinessDay } from "#kit/business-day.ts";
import { now } from "#kit/clock.ts";
import { config } from "#kit/config.ts";
import { inTransaction, type Queryable } from "#kit/db.ts";
import { derivedIdAt, timeOfDerived } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import {
  accountsWithHistory,
  balancesBefore,
  type Change,
  changesBetween,
  freshHistory,
  type KeptAccount,
} from "#modules/ledger";

/** What happened to an owner's accounts on one business day. Nothing of it is stored: the ledger's history is the truth. */
export interface Statement {
  readonly id: string;
  /** As `2026-11-21`. */
  readonly day: string;
  readonly from: Date;
  readonly to: Date;
  readonly accounts: readonly AccountOfDay[];
}

export interface AccountOfDay extends Pick<KeptAccount, "id" | "code" | "currency"> {
  /** What was posted to it, less what was taken, in minor units; below zero when more was taken. */
  readonly opening: number;
  readonly closing: number;
  /** Set aside to go out, and on its way in, at the end. */
  readonly held: number;
  readonly incoming: number;
}

export type Owner = ReturnType<typeof ownerOf>;
export type Holder = MerchantActor | UserActor;

const dayMs = 86_400_000;

/** The business day so many days after another. */
export const dayAfter = (day: string, days = 1): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);

export const dayOf = (at: number): string => businessDay(at, config().timeZone);
const startOf = (day: string): number => startOfBusinessDay(day, config().timeZone);

/** The id of an owner's statement of a day: always the same, so none need be kept. */
export const statementId = ({ ownerId, livemode }: Owner, day: string): string =>
  derivedIdAt("stm", startOf(day), ownerId, livemode ? "live" : "test");

/** The day that an id or a date names; nothing when it is none of this owner's. */
export function namedDay(owner: Owner, name: string): string | undefined {
  if (/^\d{4}-\d\d-\d\d$/.test(name)) return dayAfterOrNothing(name);
  if (!/^stm_[0-9a-hjkmnp-tv-z]{26}$/.test(name)) return undefined;
  const at = timeOfDerived(name);
  const day = at < Date.UTC(9999, 0) ? dayOf(at) : undefined;
  return day !== undefined && statementId(owner, day) === name ? day : undefined;
}

/** The 30th of February is no day. */
const dayAfterOrNothing = (day: string): string | undefined => {
  const at = Date.parse(`${day}T00:00:00Z`);
  return at > 0 && new Date(at).toISOString().startsWith(day) ? day : undefined;
};

/**
 * An owner's accounts, and the days that there are statements of: from the first account's to that of `at` (milliseconds). Throws `not_found` when
 * there is no account.
 */
export async function readBooks(on: Queryable, owner: Owner, at: number): Promise<Books> {
  const accounts = await accountsWithHistory(on, owner.ownerId, owner.livemode);
  if (accounts.length === 0) throw kitErrors.not_found();
  const opened = Math.min(...accounts.map(({ createdAt }) => createdAt.getTime()));
  return { accounts, firstDay: dayOf(opened), lastDay: dayOf(at) };
}

export interface Books {
  readonly accounts: readonly KeptAccount[];
  readonly firstDay: string;
  readonly lastDay: string;
}

/** The statements of days that follow each other, in the order of `days`, in one look at the history. */
export async function statementsOf(
  on: Queryable,
  owner: Owner,
  { accounts }: Books,
  days: readonly string[],
): Promise<Statement[]> {
  const moments = new Map(days.flatMap((day) => [day, dayAfter(day)]).map((day) => [day, new Date(startOf(day))]));
  const ids = accounts.map(({ id }) => id);
  const balances = await balancesBefore(on, ids, [...moments.values()]);
  const known = new Map(balances.map((balance) => [`${balance.accountId} ${balance.before.getTime()}`, balance]));
  const at = (id: string, moment: Date) => {
    const balance = known.get(`${id} ${moment.getTime()}`);
    if (!balance) throw new Error(`no balance of ${id} was read`);
    return balance;
  };
  return days.map((day) => {
    const [from, to] = [day, dayAfter(day)].map((edge) => moments.get(edge)) as [Date, Date];
    const ofDay = accounts
      .filter(({ createdAt }) => createdAt < to)
      .map(({ id, code, currency }): AccountOfDay => {
        const [first, last] = [at(id, from), at(id, to)];
        return {
          id,
          code,
          currency,
          opening: first.creditsPosted - first.debitsPosted,
          closing: last.creditsPosted - last.debitsPosted,
          held: last.debitsPending,
          incoming: last.creditsPending,
        };
      });
    return { id: statementId(owner, day), day, from, to, accounts: ofDay };
  });
}

/** How long after its end a day may still gain a transfer that was stamped within it: no transaction lives longer. */
const settlesWithinMs = 60_000;

/** Whether nothing of the day can change any more, history being complete up to `asOf`. */
export const isFinal = ({ to }: Pick<Statement, "to">, asOf: Date | null): boolean =>
  asOf !== null && asOf.getTime() >= to.getTime() + settlesWithinMs;

export interface ReadStatement extends Statement {
  /** By what the balances changed, if it was asked for. */
  readonly changes?: readonly Change[];
  readonly asOf: Date | null;
}

/** One statement; with its changes, all is of one moment and adds up. Throws `not_found`. */
export async function readStatement(
  holder: Holder,
  name: string,
  { changes }: { changes: boolean },
): Promise<ReadStatement> {
  const owner = ownerOf(holder);
  const day = namedDay(owner, name);
  if (day === undefined) throw kitErrors.not_found();
  const asOf = await freshHistory();
  return inTransaction(
    async (tx) => {
      const books = await readBooks(tx, owner, now());
      if (day < books.firstDay || day > books.lastDay) throw kitErrors.not_found();
      const [statement] = (await statementsOf(tx, owner, books, [day])) as [Statement];
      if (!changes) return { ...statement, asOf };
      const ids = statement.accounts.map(({ id }) => id);
      return { ...statement, asOf, changes: await changesBetween(tx, ids, statement.from, statement.to) };
    },
    { isolation: "repeatable read" },
  );
}
