import { first, plainArray, type Queryable, run, sql, textArray } from "#kit/db.ts";
import type { PendingState } from "./states.ts";
import type { Transfer } from "./transfer.ts";

/** A transfer with what the ledger added. */
export interface StoredTransfer extends Transfer {
  readonly position: number;
  readonly createdAt: Date;
}

const columns = `t.id, t.kind, t.debit_account_id as "debitAccountId", t.credit_account_id as "creditAccountId", t.amount,
  t.currency, t.pending_id as "pendingId", t.timeout_s as "timeoutS", t.linked, t.code, t.reference,
  t.event_at as "eventAt", t.position, t.created_at as "createdAt"`;

const readTransfersStatement = sql<StoredTransfer>(
  "ledger.read_transfers",
  `select ${columns} from ledger_transfers t where t.id = any($1::text[])`,
);

/** Transfers by id, in no order; the ones that don't exist are left out. */
export const readTransfers = (on: Queryable, ids: readonly string[]): Promise<StoredTransfer[]> =>
  run(on, readTransfersStatement, [plainArray(ids)]);

/** A transfer with what became of it, and whose accounts it is between. */
export interface TransferWithParties extends StoredTransfer {
  /** Of a pending transfer. */
  readonly state: PendingState | null;
  readonly expiresAt: Date | null;
  readonly resolvedBy: string | null;
  readonly livemode: boolean;
  readonly debitOwnerId: string | null;
  readonly creditOwnerId: string | null;
}

const withParties = `
   select ${columns}, p.expires_at as "expiresAt", p.resolved_by as "resolvedBy",
          case when p.state = 'pending' and p.expires_at <= clock_now() then 'expired' else p.state end as state,
          d.livemode, d.owner_id as "debitOwnerId", c.owner_id as "creditOwnerId"
     from ledger_transfers t
          join ledger_accounts d on d.id = t.debit_account_id and d.lane = 0
          join ledger_accounts c on c.id = t.credit_account_id and c.lane = 0
          left join ledger_pending p on p.transfer_id = t.id`;

const findTransferStatement = sql<TransferWithParties>("ledger.find_transfer", `${withParties} where t.id = $1`);

export const findTransfer = (on: Queryable, id: string): Promise<TransferWithParties | undefined> =>
  first(on, findTransferStatement, [id]);

const betweenStatement = sql<TransferWithParties>(
  "ledger.transfers_between",
  `with own as materialized (
     select t.id from unnest($1::text[], $2::text[]) as b(low, high)
            cross join lateral (select id from ledger_transfers where id >= b.low and id < b.high) t
   )
   ${withParties}
    where t.id in (select id from own union
                   select r.resolved_by from own join ledger_pending r on r.transfer_id = own.id where r.resolved_by is not null)
    order by t.created_at, t.position`,
);

/**
 * Transfers whose ids lie between such bounds (lower included, upper not), and those that resolved a pending one of them; in the order
 * in which they were posted.
 */
export const transfersBetween = (
  on: Queryable,
  bounds: readonly { from: string; to: string }[],
): Promise<TransferWithParties[]> =>
  run(on, betweenStatement, [textArray(bounds.map(({ from }) => from)), textArray(bounds.map(({ to }) => to))]);
