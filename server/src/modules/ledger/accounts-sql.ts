import { plainArray, type Queryable, run, sql, type Transaction, textArray } from "#kit/db.ts";
import type { NewAccount } from "./accounts.ts";

/** Sums of an account, over all its lanes. Minor units. */
export interface Balance {
  readonly debitsPending: number;
  readonly debitsPosted: number;
  readonly creditsPending: number;
  readonly creditsPosted: number;
}

export interface Account extends Required<NewAccount>, Balance {
  readonly closed: boolean;
  readonly createdAt: Date;
}

const insertAccountsStatement = sql<{ id: string }>(
  "ledger.insert_accounts",
  `with opened as (
     insert into ledger_accounts (id, lane, code, currency, owner_id, livemode, debits_must_not_exceed_credits,
         credits_must_not_exceed_debits, lanes, history, created_at)
     select a.id, l.lane, a.code, a.currency, a.owner_id, a.livemode, a.debits_must_not_exceed_credits,
            a.credits_must_not_exceed_debits, a.lanes, a.history, (select clock_now())
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::boolean[], $7::boolean[],
                   $8::smallint[], $9::boolean[])
              with ordinality as a(id, code, currency, owner_id, livemode, debits_must_not_exceed_credits,
                                   credits_must_not_exceed_debits, lanes, history, place)
            cross join lateral generate_series(0, a.lanes - 1) as l(lane)
      order by a.place, l.lane
     on conflict do nothing
     returning id, lane
   )
   select id from opened where lane = 0`,
);

/** Opens accounts that are not there yet, in the order given; gives the ids of those. */
export async function insertAccounts(tx: Transaction, accounts: readonly Required<NewAccount>[]): Promise<string[]> {
  const rows = await run(tx, insertAccountsStatement, [
    plainArray(accounts.map((a) => a.id)),
    textArray(accounts.map((a) => a.code)),
    plainArray(accounts.map((a) => a.currency)),
    plainArray(accounts.map((a) => a.ownerId)),
    plainArray(accounts.map((a) => a.livemode)),
    plainArray(accounts.map((a) => a.debitsMustNotExceedCredits)),
    plainArray(accounts.map((a) => a.creditsMustNotExceedDebits)),
    plainArray(accounts.map((a) => a.lanes)),
    plainArray(accounts.map((a) => a.history)),
  ]);
  return rows.map(({ id }) => id);
}

const balance = `
  sum(debits_pending)::bigint as "debitsPending", sum(debits_posted)::bigint as "debitsPosted",
  sum(credits_pending)::bigint as "creditsPending", sum(credits_posted)::bigint as "creditsPosted"`;

const terms = `
  code, currency, owner_id as "ownerId", livemode, debits_must_not_exceed_credits as "debitsMustNotExceedCredits",
  credits_must_not_exceed_debits as "creditsMustNotExceedDebits", lanes, history, closed, created_at as "createdAt"`;

const readBalancesStatement = sql<Balance & { id: string }>(
  "ledger.read_balances",
  `select id, ${balance} from ledger_accounts where id = any($1::text[]) group by id`,
);

export const readBalances = (on: Queryable, ids: readonly string[]): Promise<(Balance & { id: string })[]> =>
  run(on, readBalancesStatement, [plainArray(ids)]);

const readAccountsStatement = sql<Account>(
  "ledger.read_accounts",
  `select a.id, ${terms}, s.*
     from ledger_accounts a
          cross join lateral (select ${balance} from ledger_accounts l where l.id = a.id) s
    where a.id = any($1::text[]) and a.lane = 0`,
);

/** Accounts by id, whatever text that is, in no order; the ones that don't exist are left out. */
export const readAccounts = (on: Queryable, ids: readonly string[]): Promise<Account[]> =>
  run(on, readAccountsStatement, [textArray(ids)]);

const listStatement = (order: "asc" | "desc") =>
  sql<Account>(
    `ledger.list_accounts_${order}`,
    `select a.id, ${terms}, s.*
       from ledger_accounts a
            cross join lateral (select ${balance} from ledger_accounts l where l.id = a.id) s
      where a.lane = 0 and a.id > $1 and a.id < $2
        and ($3::text is null or a.owner_id = $3) and ($4::boolean is null or a.livemode = $4)
        and ($5::text is null or a.code = $5) and ($6::text is null or a.currency = $6)
        and ($7::timestamptz is null or a.created_at >= $7) and ($8::timestamptz is null or a.created_at < $8)
      order by a.id ${order} limit $9`,
  );
const listDescending = listStatement("desc");
const listAscending = listStatement("asc");

export interface AccountWindow {
  /** Ids that all shown ones lie between. */
  above: string;
  below: string;
  ascending: boolean;
  limit: number;
}

export interface AccountFilter {
  ownerId?: string | undefined;
  livemode?: boolean | undefined;
  code?: string | undefined;
  currency?: string | undefined;
  createdGte?: string | undefined;
  createdLt?: string | undefined;
}

/** A window of accounts in the order of their ids. */
export const listAccounts = (on: Queryable, window: AccountWindow, filter: AccountFilter): Promise<Account[]> =>
  run(on, window.ascending ? listAscending : listDescending, [
    window.above,
    window.below,
    filter.ownerId ?? null,
    filter.livemode ?? null,
    filter.code ?? null,
    filter.currency ?? null,
    filter.createdGte ?? null,
    filter.createdLt ?? null,
    window.limit,
  ]);

const lockAccountStatement = sql<Balance>(
  "ledger.lock_account",
  `select debits_pending as "debitsPending", debits_posted as "debitsPosted", credits_pending as "creditsPending",
          credits_posted as "creditsPosted"
     from ledger_accounts where id = $1 order by lane for update`,
);

/** All lanes of one account, locked. */
export const lockAccount = (tx: Transaction, id: string): Promise<Balance[]> => run(tx, lockAccountStatement, [id]);

const closeLanesStatement = sql("ledger.close_lanes", "update ledger_accounts set closed = true where id = $1");

export const closeLanes = (tx: Transaction, id: string): Promise<unknown> => run(tx, closeLanesStatement, [id]);

/** Per currency and mode, what all accounts together were debited and credited. Not bound to what one account may hold. */
export interface Total {
  readonly currency: string;
  readonly livemode: boolean;
  readonly debitsPending: bigint;
  readonly debitsPosted: bigint;
  readonly creditsPending: bigint;
  readonly creditsPosted: bigint;
}

const totalsStatement = sql<Total>(
  "ledger.totals",
  `select currency, livemode,
          sum(debits_pending) as "debitsPending", sum(debits_posted) as "debitsPosted",
          sum(credits_pending) as "creditsPending", sum(credits_posted) as "creditsPosted"
     from ledger_accounts group by currency, livemode order by currency, livemode`,
);

export const readTotals = (on: Queryable): Promise<Total[]> => run(on, totalsStatement);
