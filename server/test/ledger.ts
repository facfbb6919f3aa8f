import assert from "node:assert/strict";
import { database, inTransaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import {
  audit,
  balancesOf,
  carefully,
  type NewAccount,
  type NewTransfer,
  openAccounts,
  post,
  projectorLag,
  type TransferResult,
} from "#modules/ledger";
import { eventually } from "#test/elsewhere.ts";

/** Opens an account nobody limits; `terms` say otherwise. */
export async function anAccount(terms: Partial<NewAccount> = {}): Promise<string> {
  const account = { id: newId("acc"), code: "test", currency: "CNY", ownerId: null, livemode: false, ...terms };
  await inTransaction((tx) => openAccounts(tx, [account]));
  return account.id;
}

/** A wallet: nobody takes more out of it than came in. Holds `money`. */
export async function aWallet(money = 0): Promise<string> {
  const wallet = await anAccount({ code: "wallet", debitsMustNotExceedCredits: true });
  if (money > 0) await mustPost(aTransfer(await anAccount(), wallet, money));
  return wallet;
}

export const aTransfer = (
  debitAccountId: string,
  creditAccountId: string,
  amount: number,
  more: Partial<NewTransfer> = {},
): NewTransfer => ({
  id: newId("txn"),
  debitAccountId,
  creditAccountId,
  amount,
  currency: "CNY",
  code: "test",
  ...more,
});

export const aPost = (pendingId: string, more: Partial<NewTransfer> = {}): NewTransfer => ({
  id: newId("txn"),
  kind: "post",
  pendingId,
  code: "test",
  ...more,
});

export const aVoid = (pendingId: string, more: Partial<NewTransfer> = {}): NewTransfer => ({
  ...aPost(pendingId, more),
  kind: "void",
});

/** Posts as a caller should: hopefully, then carefully. */
export const postAll = (transfers: readonly NewTransfer[]): Promise<readonly TransferResult[]> =>
  carefully((tx, careful) => post(tx, transfers, { careful }));

export const postCarefully = (transfers: readonly NewTransfer[]): Promise<readonly TransferResult[]> =>
  inTransaction((tx) => post(tx, transfers, { careful: true }));

export async function mustPost(...transfers: NewTransfer[]): Promise<void> {
  assert.deepEqual(
    await postAll(transfers),
    transfers.map(() => "ok"),
  );
}

/** An account's sums in the order debits pending, debits posted, credits pending, credits posted. */
export async function sumsOf(id: string): Promise<[number, number, number, number]> {
  const balance = (await balancesOf(database(), [id])).get(id);
  assert.ok(balance, `no account ${id}`);
  return [balance.debitsPending, balance.debitsPosted, balance.creditsPending, balance.creditsPosted];
}

/** Moves the database's clock forward, and with it `clock_now()`. */
export async function passTime(seconds: number): Promise<void> {
  await database().query("update test_clock set offset_ms = offset_ms + $1", [seconds * 1_000]);
}

/** Waits until a running projector has written everything. */
export const historyIsWritten = (): Promise<void> =>
  eventually(async () => (await projectorLag()).batches === 0, 10_000);

export async function booksAreRight(): Promise<void> {
  assert.deepEqual((await audit()).differences, []);
}

/** How many sessions of this database wait for a lock now. */
export async function locksWaitedFor(): Promise<number> {
  const { rows } = await database().query(
    "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows[0].n;
}
