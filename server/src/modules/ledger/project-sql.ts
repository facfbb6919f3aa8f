import { first, plainArray, type Queryable, run, sql, type Transaction } from "#kit/db.ts";
import { feed } from "#kit/feed.ts";
import type { Difference } from "./audit-sql.ts";

export interface PostedBatch {
  readonly position: number;
}

/** The batches in the order in which they were posted. */
export const batches = feed<PostedBatch>("ledger_batches", "position");

const sumColumns = ["debits_pending", "debits_posted", "credits_pending", "credits_posted"] as const;
export const each = (make: (column: (typeof sumColumns)[number]) => string, between = ", "): string =>
  sumColumns.map(make).join(between);

/** What the batches say of what they did to each account that keeps a history. */
const toldChanges = `
  select c.account_id, b.created_at, b.position as batch, c.positions::integer[] as positions,
         ${each((c) => `coalesce(c.${c}, 0) as ${c}`)}
    from ledger_batches b
         cross join lateral unnest(b.account_ids, b.positions, ${each((c) => `b.${c}`)}) as c(account_id, positions, ${each((c) => c)})
   where b.position = any($1::bigint[])`;

/** The same, counted again from the transfers themselves: for the auditor. */
export const changesOf = (whichBatches: string): string => `
  select c.*
    from (
      select s.account_id, b.created_at, b.position as batch, array_agg(t.position) as positions,
             coalesce(sum(m.pending) filter (where s.side = 'debit'), 0) as debits_pending,
             coalesce(sum(m.posted) filter (where s.side = 'debit'), 0) as debits_posted,
             coalesce(sum(m.pending) filter (where s.side = 'credit'), 0) as credits_pending,
             coalesce(sum(m.posted) filter (where s.side = 'credit'), 0) as credits_posted
        from ledger_batches b
             cross join lateral unnest(b.transfer_ids) as i(id)
             -- One look-up a transfer, however the planner estimates: the table only grows.
             cross join lateral (select * from ledger_transfers t where t.id = i.id limit 1) t
             left join ledger_pending p on p.transfer_id = t.pending_id
             cross join lateral (
               select case t.kind when 'pending' then t.amount when 'posted' then 0 else -p.amount end as pending,
                      case when t.kind in ('posted', 'post') then t.amount else 0 end as posted
             ) m
             cross join lateral (values (t.debit_account_id, 'debit'), (t.credit_account_id, 'credit')) as s(account_id, side)
       where ${whichBatches}
       group by s.account_id, b.created_at, b.position
    ) c
    join ledger_accounts a on a.id = c.account_id and a.lane = 0 and a.history`;

const writeHistoryStatement = sql(
  "ledger.write_history",
  `with change as materialized (${toldChanges}),
   account as materialized (
     select f.account_id, f.created_at, l.created_at > f.created_at as late, ${each((c) => `l.${c}`)}
       from (select account_id, min(created_at) as created_at from change group by account_id) f
            left join lateral (
              select * from ledger_history h where h.account_id = f.account_id
               order by h.created_at desc, h.batch desc limit 1
            ) l on true
   ),
   -- Lanes commit out of order: what is written already, but comes after some change, has its sums moved by it.
   moved as (
     update ledger_history h set ${each((c) => `${c} = h.${c} + d.${c}`)}
       from (
         select h.account_id, h.created_at, h.batch, ${each((c) => `sum(c.${c}) as ${c}`)}
           from account a
                join ledger_history h on h.account_id = a.account_id and h.created_at >= a.created_at
                join change c on c.account_id = h.account_id and (c.created_at, c.batch) < (h.created_at, h.batch)
          where a.late group by h.account_id, h.created_at, h.batch
       ) d
      where h.account_id = d.account_id and h.created_at = d.created_at and h.batch = d.batch
   )
   insert into ledger_history (account_id, created_at, batch, positions, ${each((c) => c)})
   select c.account_id, c.created_at, c.batch, c.positions,
          ${each((x) => `coalesce(case when a.late then e.${x} else a.${x} end, 0) + sum(c.${x}) over so_far`)}
     from change c
          join account a on a.account_id = c.account_id
          left join lateral (
            select * from ledger_history h
             where a.late and h.account_id = c.account_id and (h.created_at, h.batch) < (c.created_at, c.batch)
             order by h.created_at desc, h.batch desc limit 1
          ) e on true
   window so_far as (partition by c.account_id order by c.created_at, c.batch)`,
);

/** Writes the history of batches that have none yet. */
export const writeHistory = (tx: Transaction, posted: readonly PostedBatch[]): Promise<unknown> =>
  run(tx, writeHistoryStatement, [plainArray(posted.map(({ position }) => position))]);

export interface Lag {
  /** Batches whose history is not written yet. */
  batches: number;
  /** Seconds since the oldest of them was posted; 0 when there is none. */
  seconds: number;
  /** Stamp of the last batch whose history is written; `null` before the first. */
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

const sorted = (positions: string): string => `(select array_agg(p order by p) from unnest(${positions}) p)`;

const auditHistoryStatement = sql<Difference>(
  "ledger.audit_history",
  `with change as (
     ${changesOf("b.position <= coalesce((select position from event_cursors where consumer = $1), 0)")}
   ),
   expected as (
     select account_id, created_at, batch, ${sorted("positions")} as positions, ${each((c) => `(sum(${c}) over so_far)::bigint as ${c}`)}
       from change window so_far as (partition by account_id order by created_at, batch)
   )
   select 'history' as kind, concat(coalesce(x.account_id, h.account_id), ' batch ', coalesce(x.batch, h.batch)) as subject,
          concat_ws(' ', x.positions, ${each((c) => `x.${c}`)}) as expected,
          concat_ws(' ', ${sorted("h.positions")}, ${each((c) => `h.${c}`)}) as found
     from expected x full join ledger_history h
          on h.account_id = x.account_id and h.created_at = x.created_at and h.batch = x.batch
    where (x.positions, ${each((c) => `x.${c}`)}) is distinct from (${sorted("h.positions")}, ${each((c) => `h.${c}`)})
    limit $2`,
);

/** History that is missing, too much or wrong, judged by the batches that the projector has passed. */
export const historyDifferences = (on: Queryable, consumer: string, limit: number): Promise<Difference[]> =>
  run(on, auditHistoryStatement, [consumer, limit]);
