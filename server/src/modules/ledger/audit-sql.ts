import { type Queryable, run, sql } from "#kit/db.ts";

/** Something that is not as the transfers make it. */
export interface Difference {
  /** `balance`: an account's row; `pending`: what became of a pending transfer; `transfer`: breaks a rule by itself. */
  readonly kind: "balance" | "pending" | "transfer" | "history" | "total";
  /** Account and lane, transfer, account and batch, or currency. */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
}

const sums = (of: string): string =>
  `concat_ws(' ', ${of}.debits_pending, ${of}.debits_posted, ${of}.credits_pending, ${of}.credits_posted)`;

const balanceDifferencesStatement = sql<Difference>(
  "ledger.audit_balances",
  `with expected as (
     select account_id, lane, sum(debits_pending)::bigint as debits_pending, sum(debits_posted)::bigint as debits_posted,
            sum(credits_pending)::bigint as credits_pending, sum(credits_posted)::bigint as credits_posted
       from (
         select debit_account_id, debit_lane, 0, amount, 0, 0 from ledger_transfers where kind in ('posted', 'post')
         union all
         select credit_account_id, credit_lane, 0, 0, 0, amount from ledger_transfers where kind in ('posted', 'post')
         union all
         select debit_account_id, debit_lane, amount, 0, 0, 0 from ledger_pending where state = 'pending'
         union all
         select credit_account_id, credit_lane, 0, 0, amount, 0 from ledger_pending where state = 'pending'
         union all
         select id, lane, 0, 0, 0, 0 from ledger_accounts
       ) as t(account_id, lane, debits_pending, debits_posted, credits_pending, credits_posted)
      group by account_id, lane
   )
   select 'balance' as kind, concat(x.account_id, ' lane ', x.lane) as subject, ${sums("x")} as expected,
          case when a.id is null then 'no account' else ${sums("a")} end as found
     from expected x left join ledger_accounts a on a.id = x.account_id and a.lane = x.lane
    where (x.debits_pending, x.debits_posted, x.credits_pending, x.credits_posted)
          is distinct from (a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted)
    limit $1`,
);

/** Rows of accounts whose sums (debits pending and posted, credits pending and posted) are not those of their transfers. */
export const balanceDifferences = (on: Queryable, limit: number): Promise<Difference[]> =>
  run(on, balanceDifferencesStatement, [limit]);

const pendingDifferencesStatement = sql<Difference>(
  "ledger.audit_pendings",
  `with expected as (
     select t.id,
            case when count(r.id) > 1 then 'resolved more than once'
                 when min(r.kind) = 'post' then 'posted'
                 when min(r.kind) = 'void' then 'voided'
                 else 'pending' end as state,
            min(r.id) as resolved_by, t.amount, t.debit_account_id, t.debit_lane, t.credit_account_id, t.credit_lane
       from ledger_transfers t left join ledger_transfers r on r.pending_id = t.id
      where t.kind = 'pending' group by t.id
   )
   select 'pending' as kind, coalesce(x.id, p.transfer_id) as subject,
          coalesce(x.state, 'no transfer') as expected, coalesce(p.state, 'no state') as found
     from expected x full join ledger_pending p on p.transfer_id = x.id
    where (x.state, x.resolved_by, x.amount, x.debit_account_id, x.debit_lane, x.credit_account_id, x.credit_lane)
          is distinct from
          (case p.state when 'expired' then 'voided' else p.state end, p.resolved_by, p.amount, p.debit_account_id, p.debit_lane, p.credit_account_id, p.credit_lane)
    limit $1`,
);

/** Pending transfers whose state is not what was done to them. */
export const pendingDifferences = (on: Queryable, limit: number): Promise<Difference[]> =>
  run(on, pendingDifferencesStatement, [limit]);

const strayTransfersStatement = sql<Difference>(
  "ledger.audit_transfers",
  `select 'transfer' as kind, t.id as subject, 'accounts of one currency and mode' as expected,
          concat_ws(' ', t.currency, d.currency, d.livemode, c.currency, c.livemode) as found
     from ledger_transfers t
          left join ledger_accounts d on d.id = t.debit_account_id and d.lane = t.debit_lane
          left join ledger_accounts c on c.id = t.credit_account_id and c.lane = t.credit_lane
    where (t.currency, t.currency, c.livemode) is distinct from (d.currency, c.currency, d.livemode)
   union all
   select 'transfer', coalesce(t.id, b.id), '1 batch', concat(coalesce(b.times, 0), ' batches')
     from ledger_transfers t
          full join (select unnest(transfer_ids) as id, count(*) as times from ledger_batches group by 1) b on b.id = t.id
    where t.id is null or b.times is distinct from 1
    limit $1`,
);

/** Transfers between accounts that don't fit, or that history will not learn of. */
export const strayTransfers = (on: Queryable, limit: number): Promise<Difference[]> =>
  run(on, strayTransfersStatement, [limit]);

const patienceStatement = sql("ledger.audit_patience", "set local statement_timeout = 0");

/** An audit reads everything; it may take as long as that takes. */
export const takeTime = (on: Queryable): Promise<unknown> => run(on, patienceStatement);
