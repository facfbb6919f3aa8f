import { database } from "#kit/db.ts";
import { caughtUpWith, follow } from "#kit/feed.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, type ListQuery, page } from "#kit/lists.ts";
import type { Loop } from "#kit/loop.ts";
import type { Account, Balance } from "./accounts-sql.ts";
import { ledgerErrors } from "./errors.ts";
import { balanceAtMoment, databaseNow, type Entry, findEntryPlace, listEntries } from "./history-sql.ts";
import { batches, type Lag, readLag, writeHistory } from "./project-sql.ts";

/*
 * What happened to accounts, and what they held at past moments: a read model that lags behind the ledger by the time a worker needs.
 * Present balances don't come from here.
 */

/** Whose cursor says how far history is written. */
export const projectorName = "ledger.history";

/** Batches of one step; each may hold thousands of transfers. */
const batchesAtOnce = 20;

/** Writes the history of everything that is posted, for as long as it runs. Several processes may run it; one works at a time. */
export const projectHistory = (): Loop =>
  follow(batches, {
    name: projectorName,
    batch: batchesAtOnce,
    handle: async (tx, posted) => void (await writeHistory(tx, posted)),
  });

/** How far history is behind the ledger. */
export const projectorLag = (): Promise<Lag> => readLag(database(), projectorName);

const freshWithinMs = 1_000;

/**
 * Waits a moment until history holds everything that was committed before the call. Gives the moment up to which it is complete: the
 * call's own, an earlier one when the worker does not keep up, `null` when there is nothing yet.
 */
export async function freshHistory(): Promise<Date | null> {
  const called = await databaseNow(database());
  if (await caughtUpWith(batches, projectorName, freshWithinMs)) return called;
  return (await projectorLag()).writtenUpTo;
}

const nothing: Balance = { debitsPending: 0, debitsPosted: 0, creditsPending: 0, creditsPosted: 0 };

/**
 * An account's balance at a moment (RFC 3339), everything stamped up to and including it. Call {@link freshHistory} before when the
 * moment is recent. Throws `ledger_history_not_kept`.
 */
export async function balanceAt(account: Account, at: string): Promise<Balance> {
  if (!account.history) throw ledgerErrors.ledger_history_not_kept();
  return (await balanceAtMoment(database(), account.id, at)) ?? nothing;
}

/** A page of an account's entries, newest first. Cursors are transfers' ids. Throws `ledger_history_not_kept`. */
export async function entriesOf<T>(account: Account, query: ListQuery, present: (entry: Entry) => T): Promise<List<T>> {
  if (!account.history) throw ledgerErrors.ledger_history_not_kept();
  const placeOf = async (param: "starting_after" | "ending_before") => {
    const transferId = query[param];
    if (transferId === undefined) return undefined;
    const place = await findEntryPlace(database(), account.id, transferId);
    if (!place) throw kitErrors.parameter_invalid({ param, details: { reason: "not a transfer of this account" } });
    return place;
  };
  return page(
    `/v1/ledger/accounts/${account.id}/entries`,
    query,
    async ({ limit, ascending }) =>
      listEntries(database(), account.id, {
        before: await placeOf("starting_after"),
        after: await placeOf("ending_before"),
        createdGte: query.created_gte,
        createdLt: query.created_lt,
        ascending,
        limit,
      }),
    present,
  );
}

const entriesAtOnce = 1_000;

/** An account's entries of a period (RFC 3339, the lower bound included), the oldest first, a page at a time. */
export async function* entriesBetween(accountId: string, from: string, to: string): AsyncGenerator<Entry> {
  let last: Entry | undefined;
  for (;;) {
    const after = last && (await findEntryPlace(database(), accountId, last.transferId));
    const period = { createdGte: from, createdLt: to, ascending: true, limit: entriesAtOnce };
    const entries = await listEntries(database(), accountId, { after, before: undefined, ...period });
    yield* entries;
    last = entries.at(-1);
    if (!last || entries.length < entriesAtOnce) return;
  }
}
