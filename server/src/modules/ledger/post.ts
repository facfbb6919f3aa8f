import { inTransaction, sqlState, type Transaction, withCommit } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { type Decision, decide } from "./decide.ts";
import { foretellLanes, noteChanges, noteLanes } from "./known-accounts.ts";
import type { TransferResult } from "./results.ts";
import { isResolution } from "./rules.ts";
import {
  applyChanges,
  insertBatch,
  insertPendings,
  insertTransfers,
  lockPendings,
  readLanes,
  releaseSavepoint,
  resolvePendings,
  rollBackToSavepoint,
  setSavepoint,
} from "./sql.ts";
import type { NewTransfer } from "./transfer.ts";
import { readTransfers } from "./transfer-sql.ts";

export interface PostOptions {
  /**
   * `false`: ids are taken to be new and balances to stay as they are read; when that proves wrong, the transaction is lost with an
   * error that {@link lostRace} knows. `true`: accounts are locked and ids looked up first, races are settled inside.
   */
  careful: boolean;
  /** Which lane of striped accounts to post on. Writers on different lanes don't wait for each other. Preset: by connection. */
  lane?: number;
}

/**
 * Posts transfers in the caller's transaction with a fixed handful of statements and gives a result for each. What is refused has no
 * effect and leaves the rest alone, but for its chain. Balances, transfers and what happened to pending ones change together.
 */
export async function post(
  tx: Transaction,
  transfers: readonly NewTransfer[],
  { careful, lane }: PostOptions,
): Promise<readonly TransferResult[]> {
  if (transfers.length === 0) return [];
  return careful ? postCarefully(tx, transfers, lane) : postHopefully(tx, transfers, lane);
}

/** What was read no longer holds. Ends as an error of {@link post} without `careful`. */
class LostRace extends Error {
  override name = "LostRace";
}

/** Whether an error says that something else was there first: a unique key or a guard. Once more, carefully, it may succeed. */
export const lostRace = (error: unknown): boolean =>
  error instanceof LostRace || ["23505", "23514"].includes(sqlState(error) ?? "");

const carefulAttempts = 5;

/**
 * Runs `work` in a transaction of its own, first in the hope that nothing interferes, then, when a unique key or a guard
 * objects, carefully. `work` hands `careful` on to {@link post}. `options.careful`: careful from the first try on.
 */
export async function carefully<T>(
  work: (tx: Transaction, careful: boolean) => Promise<T>,
  options: { careful?: boolean } = {},
): Promise<T> {
  let careful = options.careful ?? false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction((tx) => work(tx, careful));
    } catch (error) {
      if (attempt > carefulAttempts || !lostRace(error)) throw error;
      careful = true;
    }
  }
}

async function postHopefully(
  tx: Transaction,
  transfers: readonly NewTransfer[],
  lane: number | undefined,
): Promise<readonly TransferResult[]> {
  const decision = await judge(tx, transfers, { lane, careful: false });
  // A taken id among the accepted ones breaks the unique key; among the refused ones only a look tells it.
  const refused = transfers.filter((_, i) => decision.results[i] !== "ok");
  if (refused.length > 0 && (await readTransfers(tx, idsIn(refused))).length > 0) throw new LostRace("an id is taken");
  // What is written is needed by nobody before the commit, but for a pending transfer that this transaction may yet resolve.
  await write(tx, decision, decision.newPendings.length > 0 ? tx : withCommit(tx));
  return decision.results;
}

async function postCarefully(
  tx: Transaction,
  transfers: readonly NewTransfer[],
  lane: number | undefined,
): Promise<readonly TransferResult[]> {
  for (let attempt = 1; ; attempt++) {
    await setSavepoint(tx);
    try {
      const decision = await judge(tx, transfers, { lane, careful: true });
      await write(tx, decision, tx);
      await releaseSavepoint(tx);
      return decision.results;
    } catch (error) {
      if (attempt === carefulAttempts || !lostRace(error)) throw error;
      await rollBackToSavepoint(tx);
    }
  }
}

interface Circumstances {
  lane?: number | undefined;
  careful: boolean;
  /** The ledger itself voids what is expired. */
  sweeping?: boolean;
}

/** Reads what a batch needs and judges it. Pending transfers are locked before accounts, always. */
async function judge(
  tx: Transaction,
  transfers: readonly NewTransfer[],
  { lane, careful, sweeping }: Circumstances,
): Promise<Decision> {
  const accountIds = new Set<string>();
  const pendingIds = new Set<string>();
  for (const { debitAccountId, creditAccountId, pendingId } of transfers) {
    if (debitAccountId) accountIds.add(debitAccountId);
    if (creditAccountId) accountIds.add(creditAccountId);
    if (pendingId) pendingIds.add(pendingId);
  }
  const pendings = pendingIds.size > 0 ? await lockPendings(tx, [...pendingIds]) : [];
  const otherLanes = new Set<number>();
  for (const { debitAccountId, debitLane, creditAccountId, creditLane } of pendings) {
    accountIds.add(debitAccountId).add(creditAccountId);
    otherLanes.add(debitLane).add(creditLane);
  }
  const read = async (ids: readonly string[]) => {
    const lanes = await readLanes(tx, ids, { lane, otherLanes: [...otherLanes], lock: careful });
    noteLanes(lanes);
    return lanes;
  };
  if (!careful && lane !== undefined && pendings.length === 0) {
    const { foretold, unknown } = foretellLanes(accountIds, lane);
    const lanes = unknown.length === 0 ? foretold : [...foretold, ...(await read(unknown))];
    const decision = decide({ lanes, pendings, posted: [] }, transfers);
    // A refusal is not to be foretold: somebody may have brought the money meanwhile.
    if (foretold.length === 0 || decision.results.every((result) => result === "ok")) return decision;
  }
  const lanes = await read([...accountIds]);
  const posted = careful ? await readTransfers(tx, idsIn(transfers)) : [];
  return decide({ lanes, pendings, posted }, transfers, sweeping);
}

const idsIn = (transfers: readonly NewTransfer[]): string[] =>
  transfers.flatMap((t) => (t.pendingId && isResolution(t) ? [t.id, t.pendingId] : [t.id]));

/** `writing`: the same transaction, or its end. */
async function write(
  tx: Transaction,
  { accepted, changes, history, newPendings, resolved }: Decision,
  writing: Transaction,
): Promise<void> {
  if (accepted.length === 0) return;
  if (resolved.length > 0 && (await resolvePendings(tx, resolved)) < resolved.length) {
    throw new LostRace("a pending transfer was resolved meanwhile");
  }
  await applyChanges(writing, changes);
  noteChanges(changes);
  await faultPoint("ledger.after_balances");
  await insertTransfers(writing, accepted);
  if (newPendings.length > 0) await insertPendings(writing, newPendings);
  await insertBatch(writing, accepted, history);
  await faultPoint("ledger.after_transfers");
}

/** Voids pending transfers whose time is over. They are locked by the caller. */
export async function voidExpired(tx: Transaction, voids: readonly NewTransfer[]): Promise<void> {
  await write(tx, await judge(tx, voids, { careful: true, sweeping: true }), tx);
}
