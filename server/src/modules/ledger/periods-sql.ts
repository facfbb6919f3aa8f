import { plainArray, type Queryable, run, sql, textArray } from "#kit/db.ts";
import type { Balance } from "./accounts-sql.ts";

/** What history says of periods; bounds are moments, the lower one included. */

const accountsStatement = sql<{ id: string; code: string; currency: string; createdAt: Date }>(
  "ledger.accounts_with_history",
  `select id, code, currency, created_at as "createdAt" from ledger_accounts
    where owner_id = $1 and livemode = $2 and lane = 0 and history order by currency, code, id`,
);

export interface KeptAccount {
  readonly id: string;
  readonly code: string;
  readonly currency: string;
  readonly createdAt: Date;
}

/** An owner's accounts that keep a history. */
export const accountsWithHistory = (on: Queryable, ownerId: string, livemode: boolean): Promise<KeptAccount[]> =>
  run(on, accountsStatement, [ownerId, livemode]);

export interface PastBalance extends Balance {
  readonly accountId: string;
  readonly before: Date;
}

const balancesStatement = sql<PastBalance>(
  "ledger.balances_before",
  `select a.id as "accountId", m.before, coalesce(h.debits_pending, 0) as "debitsPending",
          coalesce(h.debits_posted, 0) as "debitsPosted", coalesce(h.credits_pending, 0) as "creditsPending",
          coalesce(h.credits_posted, 0) as "creditsPosted"
     from unnest($1::text[]) a(id) cross join unnest($2::timestamptz[]) m(before)
          left join lateral (
            select * from ledger_history h where h.account_id = a.id and h.created_at < m.before
             order by h.created_at desc, h.batch desc limit 1
          ) h on true`,
);

/** The sums of each account before each moment. */
export const balancesBefore = (
  on: Queryable,
  accountIds: readonly string[],
  moments: readonly Date[],
): Promise<PastBalance[]> =>
  run(on, balancesStatement, [plainArray(accountIds), textArray(moments.map((moment) => moment.toISOString()))]);

export interface Change {
  readonly accountId: string;
  readonly code: string;
  readonly side: "debit" | "credit";
  /** Transfers, and what they posted in all (minor units). */
  readonly count: number;
  readonly posted: number;
}

const changesStatement = sql<Change>(
  "ledger.changes_between",
  `select h.account_id as "accountId", t.code, s.side, count(*) as count, sum(t.amount)::bigint as posted
     from ledger_history h
          join ledger_batches b on b.position = h.batch
          cross join lateral unnest(h.positions) p(position)
          cross join lateral (select * from ledger_transfers t where t.id = b.transfer_ids[p.position] limit 1) t
          cross join lateral (select case h.account_id when t.debit_account_id then 'debit' else 'credit' end as side) s
    where h.account_id = any($1::text[]) and h.created_at >= $2 and h.created_at < $3 and t.kind in ('posted', 'post')
    group by 1, 2, 3 order by 1, 2, 3`,
);

/** What was posted on accounts in a period, by code and side. */
export const changesBetween = (on: Queryable, accountIds: readonly string[], from: Date, to: Date): Promise<Change[]> =>
  run(on, changesStatement, [plainArray(accountIds), from, to]);
