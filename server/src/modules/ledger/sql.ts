import { plainArray, rowArray, run, sql, type Transaction, textArray } from "#kit/db.ts";
import type { PendingState } from "./states.ts";
import type { Transfer } from "./transfer.ts";

/** The statements that post. Those of accounts, history and audit stand in their own `…-sql.ts`. */

/** One row of an account: its facts, and the sums of one lane. Minor units. */
export interface Lane {
  readonly id: string;
  readonly lane: number;
  readonly lanes: number;
  readonly livemode: boolean;
  readonly currency: string;
  readonly debitsMustNotExceedCredits: boolean;
  readonly creditsMustNotExceedDebits: boolean;
  readonly closed: boolean;
  /** Whether a history is kept for it. */
  readonly history: boolean;
  readonly debitsPending: number;
  readonly debitsPosted: number;
  readonly creditsPending: number;
  readonly creditsPosted: number;
}

/** A lane as one writer sees it. */
export interface ReadLane extends Lane {
  /** The lane this writer posts new transfers on. */
  readonly own: boolean;
}

const selectLanes = `
  select id, lane, lanes, livemode, currency, closed, history, lane = coalesce($2::integer, pg_backend_pid()) % lanes as own,
         debits_must_not_exceed_credits as "debitsMustNotExceedCredits",
         credits_must_not_exceed_debits as "creditsMustNotExceedDebits",
         debits_pending as "debitsPending", debits_posted as "debitsPosted",
         credits_pending as "creditsPending", credits_posted as "creditsPosted"
    from ledger_accounts
   where id = any($1::text[])
     and (lane = coalesce($2::integer, pg_backend_pid()) % lanes or lane = any($3::smallint[]))`;
const readLanesStatement = sql<ReadLane>("ledger.read_lanes", selectLanes);
const lockLanesStatement = sql<ReadLane>("ledger.lock_lanes", `${selectLanes} order by id, lane for update`);

/**
 * The rows of accounts that a batch may touch: the writer's own lane of each, and `otherLanes`, in which pending transfers stand.
 * Without a lane the connection's own number chooses one. Locked in the order of their key, or just read.
 */
export const readLanes = (
  tx: Transaction,
  ids: readonly string[],
  { lane, otherLanes, lock }: { lane: number | undefined; otherLanes: readonly number[]; lock: boolean },
): Promise<ReadLane[]> =>
  run(tx, lock ? lockLanesStatement : readLanesStatement, [plainArray(ids), lane ?? null, plainArray(otherLanes)]);

export interface Pending {
  readonly transferId: string;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly debitLane: number;
  readonly creditLane: number;
  readonly amount: number;
  readonly currency: string;
  readonly state: PendingState;
  /** Its time is over, whether or not the sweep has seen it. */
  readonly expired: boolean;
}

const selectPendings = `
  select transfer_id as "transferId", debit_account_id as "debitAccountId", credit_account_id as "creditAccountId",
         debit_lane as "debitLane", credit_lane as "creditLane", amount, currency, state,
         state = 'expired' or (state = 'pending' and coalesce(expires_at <= clock_now(), false)) as expired
    from ledger_pending`;
const lockPendingsStatement = sql<Pending>(
  "ledger.lock_pendings",
  `${selectPendings} where transfer_id = any($1::text[]) order by transfer_id for update`,
);
const lockDueStatement = sql<Pending>(
  "ledger.lock_due",
  `${selectPendings} where state = 'pending' and expires_at <= clock_now()
    order by expires_at limit $1 for update skip locked`,
);

/**
 * Pending transfers by id, locked in the order of their ids; the ones that don't exist are left out. Nobody is made to wait who could
 * still resolve one: that happens once.
 */
export const lockPendings = (tx: Transaction, ids: readonly string[]): Promise<Pending[]> =>
  run(tx, lockPendingsStatement, [plainArray(ids)]);

/** Pending transfers whose time is over, locked; what another process is resolving is left out. */
export const lockDuePendings = (tx: Transaction, limit: number): Promise<Pending[]> =>
  run(tx, lockDueStatement, [limit]);

/** What a batch adds to one row of an account. */
export interface LaneChange {
  readonly id: string;
  readonly lane: number;
  readonly debitsPending: number;
  readonly debitsPosted: number;
  readonly creditsPending: number;
  readonly creditsPosted: number;
  /** Of a constrained account: the most that is taken at any moment in the course of the batch, net of what came in before. */
  readonly peak: number;
}

const applyStatement = sql("ledger.apply", "select set_config('ledger.stamp', ledger_apply($1)::text, true)");

/** What {@link applyChanges} stamped last in this transaction: it stays in the database, so that nobody has to wait for it. */
const stamp = "(select current_setting('ledger.stamp')::timestamptz)";

/** Changes the sums and stamps the batch. Raises 23514 when a row has changed so that the batch no longer fits. */
export const applyChanges = (tx: Transaction, changes: readonly LaneChange[]): Promise<unknown> =>
  run(tx, applyStatement, [
    rowArray(changes, (c) => [
      c.id,
      c.lane,
      c.debitsPending,
      c.debitsPosted,
      c.creditsPending,
      c.creditsPosted,
      c.peak,
    ]),
  ]);

/** A transfer that was judged fit, and the lanes it goes over. */
export interface AcceptedTransfer extends Transfer {
  readonly debitLane: number;
  readonly creditLane: number;
}

const insertTransfersStatement = sql(
  "ledger.insert_transfers",
  `insert into ledger_transfers (id, kind, debit_account_id, debit_lane, credit_account_id, credit_lane, amount, currency,
       pending_id, timeout_s, linked, code, reference, event_at, position, created_at)
   select t.*, ${stamp} from unnest($1::new_transfer[]) with ordinality t`,
);

/** Inserts the transfers of a batch in their order; an id that is taken raises 23505. */
export const insertTransfers = (tx: Transaction, transfers: readonly AcceptedTransfer[]): Promise<unknown> =>
  run(tx, insertTransfersStatement, [
    rowArray(transfers, (t) => [
      t.id,
      t.kind,
      t.debitAccountId,
      t.debitLane,
      t.creditAccountId,
      t.creditLane,
      t.amount,
      t.currency,
      t.pendingId,
      t.timeoutS,
      t.linked,
      t.code,
      t.reference,
      t.eventAt,
    ]),
  ]);

/** What a batch did to one account that keeps a history, over all its lanes. */
export interface AccountChange {
  readonly id: string;
  /** Of its transfers in the batch, from 1. */
  readonly positions: readonly number[];
  readonly debitsPending: number;
  readonly debitsPosted: number;
  readonly creditsPending: number;
  readonly creditsPosted: number;
}

/** Most batches change nothing that is pending: what the array lacks is zero. */
const sums = (values: readonly number[]): string => (values.every((value) => value === 0) ? "{}" : plainArray(values));

const insertBatchStatement = sql(
  "ledger.insert_batch",
  `insert into ledger_batches (created_at, transfer_ids, account_ids, positions, debits_pending, debits_posted,
       credits_pending, credits_posted) values (${stamp}, $1, $2, $3, $4, $5, $6, $7)`,
);

/** Tells the projector what was posted. */
export const insertBatch = (
  tx: Transaction,
  transfers: readonly AcceptedTransfer[],
  changes: readonly AccountChange[],
): Promise<unknown> =>
  run(tx, insertBatchStatement, [
    plainArray(transfers.map((t) => t.id)),
    plainArray(changes.map((c) => c.id)),
    textArray(changes.map((c) => `{${c.positions.join(",")}}`)),
    sums(changes.map((c) => c.debitsPending)),
    sums(changes.map((c) => c.debitsPosted)),
    sums(changes.map((c) => c.creditsPending)),
    sums(changes.map((c) => c.creditsPosted)),
  ]);

/** A pending transfer of this batch; it may be resolved within the same batch. */
export interface NewPending extends Omit<Pending, "expired"> {
  readonly timeoutS: number | null;
  readonly resolvedBy: string | null;
}

const insertPendingsStatement = sql(
  "ledger.insert_pendings",
  `insert into ledger_pending (transfer_id, debit_account_id, debit_lane, credit_account_id, credit_lane, amount, currency,
       state, resolved_by, expires_at)
   select p.transfer_id, p.debit_account_id, p.debit_lane, p.credit_account_id, p.credit_lane, p.amount, p.currency,
          p.state, p.resolved_by, ${stamp} + p.timeout_s * interval '1 second'
     from unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::smallint[], $6::bigint[], $7::text[], $8::text[],
                 $9::text[], $10::integer[])
       as p(transfer_id, debit_account_id, debit_lane, credit_account_id, credit_lane, amount, currency, state, resolved_by,
            timeout_s)`,
);

export const insertPendings = (tx: Transaction, pendings: readonly NewPending[]): Promise<unknown> =>
  run(tx, insertPendingsStatement, [
    plainArray(pendings.map((p) => p.transferId)),
    plainArray(pendings.map((p) => p.debitAccountId)),
    plainArray(pendings.map((p) => p.debitLane)),
    plainArray(pendings.map((p) => p.creditAccountId)),
    plainArray(pendings.map((p) => p.creditLane)),
    plainArray(pendings.map((p) => p.amount)),
    plainArray(pendings.map((p) => p.currency)),
    plainArray(pendings.map((p) => p.state)),
    plainArray(pendings.map((p) => p.resolvedBy)),
    plainArray(pendings.map((p) => p.timeoutS)),
  ]);

/** How a pending transfer of an earlier batch ended. */
export interface ResolvedPending {
  readonly transferId: string;
  readonly state: PendingState;
  readonly resolvedBy: string;
}

const resolvePendingsStatement = sql<{ id: string }>(
  "ledger.resolve_pendings",
  `update ledger_pending p set state = r.state, resolved_by = r.resolved_by
     from unnest($1::text[], $2::text[], $3::text[]) as r(transfer_id, state, resolved_by)
    where p.transfer_id = r.transfer_id and p.state = 'pending'
    returning p.transfer_id as id`,
);

/** Compare-and-set from `pending`. Gives how many were still pending. */
export async function resolvePendings(tx: Transaction, resolved: readonly ResolvedPending[]): Promise<number> {
  const rows = await run(tx, resolvePendingsStatement, [
    plainArray(resolved.map((r) => r.transferId)),
    plainArray(resolved.map((r) => r.state)),
    plainArray(resolved.map((r) => r.resolvedBy)),
  ]);
  return rows.length;
}

const savepointStatement = sql("ledger.savepoint", "savepoint ledger_post");
const releaseStatement = sql("ledger.release", "release savepoint ledger_post");
const rollBackStatement = sql("ledger.roll_back", "rollback to savepoint ledger_post");

/** Marks where a lost race can be taken back to without losing the caller's transaction. */
export const setSavepoint = (tx: Transaction): Promise<unknown> => run(tx, savepointStatement);
export const releaseSavepoint = (tx: Transaction): Promise<unknown> => run(tx, releaseStatement);
export const rollBackToSavepoint = (tx: Transaction): Promise<unknown> => run(tx, rollBackStatement);
