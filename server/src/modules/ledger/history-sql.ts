import { first, plainArray, type Queryable, run, sql, type Transaction } from "#kit/db.ts";
import { feed } from "#kit/feed.ts";
import type { Balance } from "./accounts-sql.ts";
import type { Difference } from "./audit-sql.ts";
import type { TransferKind } from "./transfer.ts";

export interface PostedBatch {
  readonly position: number;
}

/** The batches in the order in which they were posted. */
export const batches = feed<PostedBatch>("ledger_batches", "position");

/**
 * What transfers did to each of their two accounts, as rows `(account_id, created_at, batch, position, transfer_id, side,
 * pending_change, posted_change)`. A post or void takes back the whole of what was pending.
 */
const changesOf = (batchesWhere: string): string => `
  select s.account_id, t.created_at, b.position as batch, t.position, t.id as transfer_id, s.side,
         case t.kind when 'pending' then t.amount when 'posted' then 0 else -p.amount end as pending_change,
         case when t.kind in ('posted', 'post') then t.amount else 0 end as posted_change
    from ledger_batches b
         cross join lateral unnest(b.transfer_ids) as i(id)
         join ledger_transfers t on t.id = i.id
         left join ledger_pending p on p.transfer_id = t.pending_id
         cross join lateral (values (t.debit_account_id, 'debit'), (t.credit_account_id, 'credit')) as s(account_id, side)
         join ledger_accounts a on a.id = s.account_id and a.lane = 0 and a.history
   where ${batchesWhere}`;

const runningSums = (start: string): string =>
  [
    ["debits_pending", "pending_change", "debit"],
    ["debits_posted", "posted_change", "debit"],
    ["credits_pending", "pending_change", "credit"],
    ["credits_posted", "posted_change", "credit"],
  ]
    .map(
      ([column, change, side]) =>
        `${start.replace("?", column as string)} + sum(case side when '${side}' then ${change} else 0 end) over so_far as ${column}`,
    )
    .join(",\n         ");

const insertEntriesStatement = sql(
  "ledger.insert_entries",
  `with change as materialized (${changesOf("b.position = any($1::bigint[])")}),
   start as materialized (
     select c.account_id, c.created_at, e.debits_pending, e.debits_posted, e.credits_pending, e.credits_posted
       from (select account_id, min(created_at) as created_at from change group by account_id) c
            left join lateral (
              select * from ledger_entries e
               where e.account_id = c.account_id and e.created_at < c.created_at
               order by e.created_at desc, e.batch desc, e.position desc limit 1
            ) e on true
   ),
   -- Lanes commit out of order: entries that are there already, but come after new ones, get their sums anew.
   later as (
     select e.account_id, e.created_at, e.batch, e.position, e.transfer_id, e.side, e.pending_change, e.posted_change
       from start s join ledger_entries e on e.account_id = s.account_id and e.created_at >= s.created_at
   )
   insert into ledger_entries (account_id, created_at, batch, position, transfer_id, side, pending_change, posted_change,
       debits_pending, debits_posted, credits_pending, credits_posted)
   select c.account_id, c.created_at, c.batch, c.position, c.transfer_id, c.side, c.pending_change, c.posted_change,
         ${runningSums("coalesce(s.?, 0)")}
     from (select * from change union all select * from later) c join start s on s.account_id = c.account_id
   window so_far as (partition by c.account_id order by c.created_at, c.batch, c.position)
   on conflict (account_id, created_at, batch, position) do update
      set debits_pending = excluded.debits_pending, debits_posted = excluded.debits_posted,
          credits_pending = excluded.credits_pending, credits_posted = excluded.credits_posted`,
);

/** Writes the entries of batches that have none yet, with each account's sums after them. */
export const insertEntries = (tx: Transaction, posted: readonly PostedBatch[]): Promise<unknown> =>
  run(tx, insertEntriesStatement, [plainArray(posted.map(({ position }) => position))]);

/** One side of a transfer in an account's history: what it changed, and the account's sums after it. */
export interface Entry extends Balance {
  readonly accountId: string;
  readonly transferId: string;
  readonly side: "debit" | "credit";
  readonly pendingChange: number;
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
  `select e.created_at as "createdAt", e.batch, e.position
     from ledger_transfers t join ledger_entries e on e.account_id = $1 and e.created_at = t.created_at and e.transfer_id = t.id
    where t.id = $2`,
);

export const findEntryPlace = (on: Queryable, accountId: string, transferId: string): Promise<EntryPlace | undefined> =>
  first(on, findPlaceStatement, [accountId, transferId]);

const sums = `
  e.debits_pending as "debitsPending", e.debits_posted as "debitsPosted", e.credits_pending as "creditsPending",
  e.credits_posted as "creditsPosted"`;

/** Both bounds are always there, so that the index serves every page however deep it lies. */
const listStatement = (order: "asc" | "desc") =>
  sql<Entry>(
    `ledger.list_entries_${order}`,
    `select e.account_id as "accountId", e.transfer_id as "transferId", e.side, e.pending_change as "pendingChange",
            e.posted_change as "postedChange", e.created_at as "createdAt", ${sums}, t.kind, t.code, t.reference,
            t.event_at as "eventAt",
            case e.side when 'debit' then t.credit_account_id else t.debit_account_id end as "counterpartyId"
       from ledger_entries e join ledger_transfers t on t.id = e.transfer_id
      where e.account_id = $1
        and (e.created_at, e.batch, e.position) > (coalesce($2::timestamptz, '-infinity'), $3::bigint, $4::integer)
        and (e.created_at, e.batch, e.position) < (coalesce($5::timestamptz, 'infinity'), $6::bigint, $7::integer)
        and ($8::timestamptz is null or e.created_at >= $8) and ($9::timestamptz is null or e.created_at < $9)
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
  `select ${sums} from ledger_entries e where e.account_id = $1 and e.created_at <= $2
    order by e.created_at desc, e.batch desc, e.position desc limit 1`,
);

/** The sums after an account's last entry up to that moment (RFC 3339), or nothing when it had none. */
export const balanceAtMoment = (on: Queryable, accountId: string, at: string): Promise<Balance | undefined> =>
  first(on, balanceAtStatement, [accountId, at]);

const nowStatement = sql<{ now: Date }>("ledger.now", "select clock_now() as now");

/** The database's clock. */
export const databaseNow = async (on: Queryable): Promise<Date> =>
  ((await first(on, nowStatement)) as { now: Date }).now;

export interface Lag {
  /** Batches whose entries are not written yet. */
  batches: number;
  /** Seconds since the oldest of them was posted; 0 when there is none. */
  seconds: number;
  /** Stamp of the last batch whose entries are written; `null` before the first. */
  writtenUpTo: Date | null;
}

const lagStatement = sql<Lag>(
  "ledger.lag",
  `with cursor as (select coalesce((select position from event_cursors where consumer = $1), 0) as position)
   select count(*) as batches,
          coalesce(extract(epoch from clock_now() - min(b.created_at)), 0)::float8 as seconds,
          (select w.created_at from ledger_batches w, cursor c where w.position <= c.position
            order by w.position desc limit 1) as "writtenUpTo"
     from ledger_batches b where b.position > (select position from cursor)`,
);

export const readLag = async (on: Queryable, consumer: string): Promise<Lag> =>
  (await first(on, lagStatement, [consumer])) as Lag;

const auditHistoryStatement = sql<Difference>(
  "ledger.audit_history",
  `with change as materialized (
     ${changesOf("b.position <= coalesce((select position from event_cursors where consumer = $1), 0)")}
   ),
   expected as (
     select *, ${runningSums("0")} from change
     window so_far as (partition by account_id order by created_at, batch, position)
   )
   select 'entry' as kind, concat_ws(' ', coalesce(x.account_id, e.account_id), coalesce(x.transfer_id, e.transfer_id)) as subject,
          concat_ws(' ', x.debits_pending, x.debits_posted, x.credits_pending, x.credits_posted) as expected,
          concat_ws(' ', e.debits_pending, e.debits_posted, e.credits_pending, e.credits_posted) as found
     from expected x full join ledger_entries e
          on e.account_id = x.account_id and e.created_at = x.created_at and e.batch = x.batch and e.position = x.position
    where (x.transfer_id, x.side, x.pending_change, x.posted_change,
           x.debits_pending, x.debits_posted, x.credits_pending, x.credits_posted)
          is distinct from
          (e.transfer_id, e.side, e.pending_change, e.posted_change,
           e.debits_pending, e.debits_posted, e.credits_pending, e.credits_posted)
    limit $2`,
);

/** Entries that are missing, too many or wrong, judged by the transfers that the projector has passed. */
export const historyDifferences = (on: Queryable, consumer: string, limit: number): Promise<Difference[]> =>
  run(on, auditHistoryStatement, [consumer, limit]);
