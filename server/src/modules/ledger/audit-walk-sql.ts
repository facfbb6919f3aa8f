import { first, type Queryable, run, sql, type Transaction } from "#kit/db.ts";
import type { Difference } from "./audit-sql.ts";
import { changesOf, each } from "./project-sql.ts";

/** A walk through the books in slices, round after round. `accounts`: each account's row; `batches`: what was posted. */
export type Walk = "accounts" | "batches";

export interface WalkState {
  readonly walk: Walk;
  /** The last one that was looked at: an account's id, a batch's position; '' at the beginning of a round. */
  readonly after: string;
  readonly round: number;
  /** What this round has looked at. */
  readonly audited: number;
}

const insertWalk = sql(
  "ledger.insert_audit_walk",
  "insert into ledger_audit_walks (walk) values ($1) on conflict do nothing",
);
const lockWalk = sql<WalkState>(
  "ledger.lock_audit_walk",
  "select walk, after, round, audited from ledger_audit_walks where walk = $1 for update skip locked",
);

/** Takes the walk's next step for this transaction; nothing when another process is at it. */
export async function takeStep(tx: Transaction, walk: Walk): Promise<WalkState | undefined> {
  await run(tx, insertWalk, [walk]);
  return first(tx, lockWalk, [walk]);
}

const moveWalkStatement = sql(
  "ledger.move_audit_walk",
  "update ledger_audit_walks set after = $2, audited = audited + $3 where walk = $1",
);
export const moveWalk = (tx: Transaction, walk: Walk, after: string, audited: number): Promise<unknown> =>
  run(tx, moveWalkStatement, [walk, after, audited]);

const beginRoundStatement = sql(
  "ledger.begin_audit_round",
  "update ledger_audit_walks set after = '', round = round + 1, round_began_at = clock_now(), audited = 0 where walk = $1",
);
export const beginRound = (tx: Transaction, walk: Walk): Promise<unknown> => run(tx, beginRoundStatement, [walk]);

const statesStatement = sql<WalkState>(
  "ledger.audit_walks",
  "select walk, after, round, audited from ledger_audit_walks",
);
export const readWalks = (on: Queryable): Promise<WalkState[]> => run(on, statesStatement);

/** How far history is, and how far behind. */
const horizon = (consumer: string) =>
  `(select coalesce((select position from event_cursors where consumer = ${consumer}), 0))`;

const behindStatement = sql<{ behind: boolean }>(
  "ledger.audit_behind",
  `select count(*) = $2 as behind from (select from ledger_batches where position > ${horizon("$1")} limit $2) b`,
);

/** Whether history lacks so many batches or more: then a slice is no small thing. */
export const isBehind = async (on: Queryable, consumer: string, batches: number): Promise<boolean> =>
  (await first(on, behindStatement, [consumer, batches]))?.behind ?? true;

/** Of a slice: where it ended, how much it was, and what was wrong in it. */
export interface Slice {
  readonly last: string | null;
  readonly audited: number;
  /** Nothing is left behind it. */
  readonly ended: boolean;
  readonly differences: Difference[];
}

const sums = (of: string): string => each((c) => `${of}.${c}`);
const differing = (json: string) =>
  `coalesce((select json_agg(json_build_object('kind', d.kind, 'subject', d.subject, 'expected', d.expected, 'found', d.found)) from (${json}) d), '[]')`;

/** One statement, so one moment: history up to its cursor and the batches behind it make up every account's sums. */
const accountsStatement = sql<Slice>(
  "ledger.audit_accounts",
  `with slice as materialized (
     select id from ledger_accounts where lane = 0 and history and id > $1 order by id limit $2
   ),
   fresh as materialized (
     select c.account_id, ${each((c) => `sum(coalesce(c.${c}, 0)) as ${c}`)}
       from ledger_batches b
            cross join lateral unnest(b.account_ids, ${each((c) => `b.${c}`)}) as c(account_id, ${each((c) => c)})
      where b.position > ${horizon("$3")}
      group by c.account_id
   ),
   judged as (
     select s.id, ${each((c) => `coalesce(h.${c}, 0) + coalesce(f.${c}, 0) as ${c}`)}, ${each((c) => `a.${c} as own_${c}`)}
       from slice s
            cross join lateral (
              select ${each((c) => `sum(l.${c}) as ${c}`)} from ledger_accounts l where l.id = s.id
            ) a
            left join lateral (
              select * from ledger_history h where h.account_id = s.id order by h.created_at desc, h.batch desc limit 1
            ) h on true
            left join fresh f on f.account_id = s.id
   )
   select (select max(id) from slice) as last, (select count(*) from slice) as audited, (select count(*) from slice) < $2 as ended,
          ${differing(`
            select 'balance' as kind, j.id as subject, concat_ws(' ', ${sums("j")}) as expected,
                   concat_ws(' ', ${each((c) => `j.own_${c}`)}) as found
              from judged j where (${sums("j")}) is distinct from (${each((c) => `j.own_${c}`)}) limit $4`)} as differences`,
);

/** Accounts behind an id whose sums are not what their history makes them. */
export const auditAccounts = async (
  tx: Transaction,
  after: string,
  slice: number,
  consumer: string,
  limit: number,
): Promise<Slice> => (await first(tx, accountsStatement, [after, slice, consumer, limit])) as Slice;

const batchesStatement = sql<Slice>(
  "ledger.audit_batches",
  `with slice as materialized (
     select position, transfer_ids
       from (
         select position, transfer_ids, sum(cardinality(transfer_ids)) over so_far - cardinality(transfer_ids) as before
           from (
             -- Small batches bound a slice too: each is a row to read.
             select position, transfer_ids from ledger_batches
              where position > $1 and position <= ${horizon("$3")} order by position limit 50
           ) b
         window so_far as (order by position)
       ) b
      where before < $2
   ),
   expected as (${changesOf("b.position in (select position from slice)")}),
   judged as (
     select x.account_id, x.batch, ${each((c) => `x.${c}`)}, ${each((c) => `h.${c} - coalesce(p.${c}, 0) as own_${c}`)}
       from expected x
            left join ledger_history h on h.account_id = x.account_id and h.created_at = x.created_at and h.batch = x.batch
            left join lateral (
              select * from ledger_history p
               where p.account_id = h.account_id and (p.created_at, p.batch) < (h.created_at, h.batch)
               order by p.created_at desc, p.batch desc limit 1
            ) p on true
   )
   select (select max(position) from slice)::text as last, (select count(*) from slice) as audited,
          not exists (
            select from ledger_batches b
             where b.position > (select max(position) from slice) and b.position <= ${horizon("$3")}
          ) as ended,
          ${differing(`
            (select 'history' as kind, concat(j.account_id, ' batch ', j.batch) as subject, concat_ws(' ', ${sums("j")}) as expected,
                    concat_ws(' ', ${each((c) => `j.own_${c}`)}) as found
               from judged j where (${sums("j")}) is distinct from (${each((c) => `j.own_${c}`)}) limit $4)
            union all
            (select 'transfer', i.id, 'a transfer', 'none'
               from slice s cross join lateral unnest(s.transfer_ids) as i(id)
                    left join ledger_transfers t on t.id = i.id
              where t.id is null limit $4)`)} as differences`,
);

/** Batches behind a position, as many as hold `slice` transfers, whose transfers are gone, or do not make the history that was written of them. */
export const auditBatches = async (
  tx: Transaction,
  after: string,
  slice: number,
  consumer: string,
  limit: number,
): Promise<Slice> =>
  (await first(tx, batchesStatement, [after === "" ? 0 : Number(after), slice, consumer, limit])) as Slice;
