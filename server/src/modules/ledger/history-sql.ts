import { first, type Queryable, run, sql } from "#kit/db.ts";
import type { Balance } from "./accounts-sql.ts";
import type { TransferKind } from "./transfer.ts";

/** One side of a transfer in an account's history: what it changed, and the account's sums after it. */
export interface Entry extends Balance {
  readonly accountId: string;
  readonly transferId: string;
  readonly side: "debit" | "credit";
  /** Of this side's pending sum; negative when a post or void takes back what was pending. */
  readonly pendingChange: number;
  /** Of this side's posted sum. */
  readonly postedChange: number;
  readonly createdAt: Date;
  readonly kind: TransferKind;
  readonly code: string;
  readonly reference: string | null;
  readonly eventAt: Date | null;
  readonly counterpartyId: string;
}

/** Where an entry stands in its account's history. */
export interface EntryPlace {
  readonly createdAt: Date;
  readonly batch: number;
  readonly position: number;
}

const findPlaceStatement = sql<EntryPlace>(
  "ledger.find_entry_place",
  `select h.created_at as "createdAt", h.batch, t.position
     from ledger_transfers t
          join ledger_history h on h.account_id = $1 and h.created_at = t.created_at and t.position = any(h.positions)
          join ledger_batches b on b.position = h.batch and t.id = any(b.transfer_ids)
    where t.id = $2`,
);

export const findEntryPlace = (on: Queryable, accountId: string, transferId: string): Promise<EntryPlace | undefined> =>
  first(on, findPlaceStatement, [accountId, transferId]);

/**
 * A page is made from as few batches as hold enough entries, found by both bounds in the index. Within a batch the sums are counted
 * back from those after it. `$1` account, `$2`–`$4` and `$5`–`$7` the places between which entries are shown, `$8`, `$9` times.
 */
const listStatement = (order: "asc" | "desc") =>
  sql<Entry>(
    `ledger.list_entries_${order}`,
    `with batch as materialized (
       select *
         from (
           select h.*, sum(n.entries) over (order by h.created_at ${order}, h.batch ${order}) - n.entries as before
             from (
               select * from ledger_history
                where account_id = $1
                  and (created_at, batch) >= (coalesce($2::timestamptz, '-infinity'), $3::bigint)
                  and (created_at, batch) <= (coalesce($5::timestamptz, 'infinity'), $6::bigint)
                  and ($8::timestamptz is null or created_at >= $8) and ($9::timestamptz is null or created_at < $9)
                order by created_at ${order}, batch ${order} limit $10 + 1
             ) h
             cross join lateral (
               select count(*) as entries from unnest(h.positions) as p(position)
                where (h.created_at, h.batch, p.position) > (coalesce($2::timestamptz, '-infinity'), $3::bigint, $4::integer)
                  and (h.created_at, h.batch, p.position) < (coalesce($5::timestamptz, 'infinity'), $6::bigint, $7::integer)
             ) n
         ) h
        where before < $10
     ),
     entry as (
       select h.account_id, h.created_at, h.batch, t.position, t.id, t.kind, t.code, t.reference, t.event_at,
              t.debit_account_id, t.credit_account_id, s.side, m.pending, m.posted,
              h.debits_pending - coalesce(sum(m.pending) filter (where s.side = 'debit') over after, 0) as debits_pending,
              h.debits_posted - coalesce(sum(m.posted) filter (where s.side = 'debit') over after, 0) as debits_posted,
              h.credits_pending - coalesce(sum(m.pending) filter (where s.side = 'credit') over after, 0) as credits_pending,
              h.credits_posted - coalesce(sum(m.posted) filter (where s.side = 'credit') over after, 0) as credits_posted
         from batch h
              join ledger_batches b on b.position = h.batch
              cross join lateral (
                select i.id from unnest(b.transfer_ids) with ordinality as i(id, position)
                  join unnest(h.positions) as p(position) on p.position = i.position
              ) i
              join ledger_transfers t on t.id = i.id
              left join ledger_pending p on p.transfer_id = t.pending_id
              cross join lateral (select case h.account_id when t.debit_account_id then 'debit' else 'credit' end as side) s
              cross join lateral (
                select case t.kind when 'pending' then t.amount when 'posted' then 0 else -p.amount end as pending,
                       case when t.kind in ('posted', 'post') then t.amount else 0 end as posted
              ) m
       window after as (
         partition by h.created_at, h.batch order by t.position desc rows between unbounded preceding and 1 preceding
       )
     )
     select e.account_id as "accountId", e.id as "transferId", e.side, e.pending as "pendingChange",
            e.posted as "postedChange", e.created_at as "createdAt", e.kind, e.code, e.reference, e.event_at as "eventAt",
            case e.side when 'debit' then e.credit_account_id else e.debit_account_id end as "counterpartyId",
            e.debits_pending::bigint as "debitsPending", e.debits_posted::bigint as "debitsPosted",
            e.credits_pending::bigint as "creditsPending", e.credits_posted::bigint as "creditsPosted"
       from entry e
      where (e.created_at, e.batch, e.position) > (coalesce($2::timestamptz, '-infinity'), $3::bigint, $4::integer)
        and (e.created_at, e.batch, e.position) < (coalesce($5::timestamptz, 'infinity'), $6::bigint, $7::integer)
      order by e.created_at ${order}, e.batch ${order}, e.position ${order} limit $10`,
  );
const listNewest = listStatement("desc");
const listOldest = listStatement("asc");

export interface EntryWindow {
  /** Places that all shown ones lie between. */
  after: EntryPlace | undefined;
  before: EntryPlace | undefined;
  createdGte: string | undefined;
  createdLt: string | undefined;
  ascending: boolean;
  limit: number;
}

export const listEntries = (on: Queryable, accountId: string, window: EntryWindow): Promise<Entry[]> =>
  run(on, window.ascending ? listOldest : listNewest, [
    accountId,
    ...placeValues(window.after),
    ...placeValues(window.before),
    window.createdGte ?? null,
    window.createdLt ?? null,
    window.limit,
  ]);

const placeValues = (place: EntryPlace | undefined) => [
  place?.createdAt ?? null,
  place?.batch ?? 0,
  place?.position ?? 0,
];

const balanceAtStatement = sql<Balance>(
  "ledger.balance_at",
  `select debits_pending as "debitsPending", debits_posted as "debitsPosted",
          credits_pending as "creditsPending", credits_posted as "creditsPosted"
     from ledger_history where account_id = $1 and created_at <= $2
    order by created_at desc, batch desc limit 1`,
);

/** The sums after the last batch up to that moment (RFC 3339) that touched the account, or nothing when none did. */
export const balanceAtMoment = (on: Queryable, accountId: string, at: string): Promise<Balance | undefined> =>
  first(on, balanceAtStatement, [accountId, at]);

const nowStatement = sql<{ now: Date }>("ledger.now", "select clock_now() as now");

/** The database's clock. */
export const databaseNow = async (on: Queryable): Promise<Date> =>
  ((await first(on, nowStatement)) as { now: Date }).now;
