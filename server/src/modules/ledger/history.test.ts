import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { database, inTransaction } from "#kit/db.ts";
import { useDatabase } from "#test/database.ts";
import {
  anAccount,
  aPost,
  aTransfer,
  aWallet,
  booksAreRight,
  historyIsWritten,
  mustPost,
  passTime,
} from "#test/ledger.ts";
import { findAccount } from "./accounts.ts";
import { balanceAt, entriesOf, freshHistory, projectHistory, projectorLag } from "./history.ts";
import type { Entry } from "./history-sql.ts";
import { post } from "./post.ts";

useDatabase();

/** Runs a projector until it has written everything. */
async function project(): Promise<void> {
  const projector = projectHistory();
  try {
    await historyIsWritten();
  } finally {
    await projector.stop();
  }
}

const line = (e: Entry) => [e.transferId, e.debitsPending, e.debitsPosted, e.creditsPending, e.creditsPosted];
const pageOf = async (id: string, query = {}) => entriesOf(await findAccount(database(), id), query, line);
const sumsAt = async (id: string, at: Date): Promise<number[]> => {
  const b = await balanceAt(await findAccount(database(), id), at.toISOString());
  return [b.debitsPending, b.debitsPosted, b.creditsPending, b.creditsPosted];
};
const now = async (): Promise<Date> => (await database().query("select clock_now() as now")).rows[0].now;

describe("balances at past moments", () => {
  test("are those after everything stamped up to then, to the millisecond", async () => {
    const [wallet, shop] = [await aWallet(), await anAccount({ lanes: 4 })];
    const before = await now();
    const top = aTransfer(shop, wallet, 100);
    const hold = aTransfer(wallet, shop, 40, { kind: "pending" });
    for (const transfer of [top, hold, aPost(hold.id, { amount: 30 })]) {
      await passTime(60);
      await mustPost(transfer);
    }
    await project();
    const { rows } = await database().query(
      "select created_at as at from ledger_history where account_id = $1 order by created_at",
      [wallet],
    );
    const [first, second, third] = rows.map(({ at }) => at as Date) as [Date, Date, Date];
    const justBefore = (at: Date) => new Date(at.getTime() - 1);
    assert.deepEqual(await sumsAt(wallet, before), [0, 0, 0, 0]);
    assert.deepEqual(await sumsAt(wallet, justBefore(first)), [0, 0, 0, 0]);
    assert.deepEqual(await sumsAt(wallet, first), [0, 0, 0, 100]);
    assert.deepEqual(await sumsAt(wallet, justBefore(second)), [0, 0, 0, 100]);
    assert.deepEqual(await sumsAt(wallet, second), [40, 0, 0, 100]);
    assert.deepEqual(await sumsAt(wallet, third), [0, 30, 0, 100]);
    assert.deepEqual(await sumsAt(shop, third), [0, 100, 0, 30]);
    assert.deepEqual(await sumsAt(wallet, new Date("2199-01-01T00:00:00Z")), [0, 30, 0, 100]);
  });

  test("of an account that keeps no history are refused by name", async () => {
    const account = await anAccount({ history: false });
    await mustPost(aTransfer(account, await anAccount(), 1));
    await project();
    await assert.rejects(sumsAt(account, await now()), { code: "ledger_history_not_kept" });
    await assert.rejects(pageOf(account), { code: "ledger_history_not_kept" });
    const { rows } = await database().query("select from ledger_history where account_id = $1", [account]);
    assert.equal(rows.length, 0);
  });
});

describe("entries", () => {
  test("pages newest first, forwards and back, are the whole history without gaps or repetitions", async () => {
    const [wallet, bank] = [await aWallet(), await anAccount()];
    const transfers = Array.from({ length: 25 }, (_, n) => aTransfer(bank, wallet, n + 1));
    await mustPost(...transfers.slice(0, 15));
    await mustPost(...transfers.slice(15));
    await project();
    const newestFirst = transfers.map(({ id }) => id).toReversed();
    const ids = ({ data }: { data: unknown[][] }) => data.map(([id]) => id as string);

    const first = await pageOf(wallet, { limit: 10 });
    const second = await pageOf(wallet, { limit: 10, starting_after: ids(first).at(-1) });
    const third = await pageOf(wallet, { limit: 10, starting_after: ids(second).at(-1) });
    assert.deepEqual([first, second, third].flatMap(ids), newestFirst);
    assert.deepEqual(
      [first, second, third].map(({ has_more }) => has_more),
      [true, true, false],
    );
    const back = await pageOf(wallet, { limit: 10, ending_before: ids(third)[0] });
    assert.deepEqual(ids(back), ids(second));
    assert.deepEqual(first.data[0], [transfers[24]?.id, 0, 0, 0, 325]);
    assert.deepEqual(third.data.at(-1), [transfers[0]?.id, 0, 0, 0, 1]);
    await assert.rejects(pageOf(wallet, { starting_after: "txn_00000000000000000000000000" }), {
      code: "parameter_invalid",
      param: "starting_after",
    });
  });

  test("can be asked for by time", async () => {
    const [wallet, bank] = [await aWallet(), await anAccount()];
    const [early, late] = [aTransfer(bank, wallet, 1), aTransfer(bank, wallet, 2)];
    await mustPost(early);
    await passTime(60);
    const between = (await now()).toISOString();
    await passTime(60);
    await mustPost(late);
    await project();
    const { data: after } = await pageOf(wallet, { created_gte: between });
    const { data: until } = await pageOf(wallet, { created_lt: between });
    assert.deepEqual(
      [after, until].map((list) => list.map(([id]) => id)),
      [[late.id], [early.id]],
    );
  });

  test("that come late, since lanes commit out of order, take their place and the sums after them follow", async () => {
    const [hot, other] = [await anAccount({ lanes: 2 }), await anAccount({ lanes: 2 })];
    const [slow, quick] = [aTransfer(other, hot, 10), aTransfer(other, hot, 3)];
    await inTransaction(async (tx) => {
      await post(tx, [slow], { careful: true, lane: 0 });
      await passTime(1);
      await inTransaction((second) => post(second, [quick], { careful: false, lane: 1 }));
    });
    // As if history had met the slow one's batch after the quick one's.
    const { rows } = await database().query("delete from ledger_batches where $1 = any(transfer_ids) returning *", [
      slow.id,
    ]);
    await project();
    assert.deepEqual((await pageOf(hot)).data, [[quick.id, 0, 0, 0, 3]]);
    const { position: _, ...batch } = rows[0];
    const names = Object.keys(batch).join(", ");
    const places = Object.keys(batch)
      .map((_, i) => `$${i + 1}`)
      .join(", ");
    await database().query(`insert into ledger_batches (${names}) values (${places})`, Object.values(batch));
    await project();
    const { data } = await pageOf(hot);
    assert.deepEqual(data, [
      [quick.id, 0, 0, 0, 13],
      [slow.id, 0, 0, 0, 10],
    ]);
    await booksAreRight();
  });

  test("of the same millisecond stand in the order of their batches, whenever they were written", async () => {
    const [wallet, bank] = [await aWallet(), await anAccount()];
    const [first, second] = [aTransfer(bank, wallet, 10), aTransfer(bank, wallet, 3)];
    await mustPost(first);
    await project();
    await mustPost(second);
    for (const table of ["ledger_transfers where id = $2", "ledger_batches where $2 = any(transfer_ids)"]) {
      const [name, where] = table.split(" where ");
      const stamp = "(select created_at from ledger_transfers where id = $1)";
      await database().query(`update ${name} set created_at = ${stamp} where ${where}`, [first.id, second.id]);
    }
    await project();
    assert.deepEqual((await pageOf(wallet)).data, [
      [second.id, 0, 0, 0, 13],
      [first.id, 0, 0, 0, 10],
    ]);
    await booksAreRight();
  });

  test("two projectors at once write each entry once", async () => {
    const projectors = [projectHistory(), projectHistory(), projectHistory()];
    const [wallet, bank] = [await aWallet(), await anAccount()];
    for (let n = 0; n < 30; n++) await mustPost(aTransfer(bank, wallet, 1));
    await historyIsWritten();
    await Promise.all(projectors.map((projector) => projector.stop()));
    assert.equal((await pageOf(wallet, { limit: 100 })).data.length, 30);
    await booksAreRight();
  });
});

test("without a worker readers are told how old history is, with one they get what was posted before they asked", async () => {
  await project();
  const upTo = (await projectorLag()).writtenUpTo;
  const [wallet, bank] = [await aWallet(), await anAccount()];
  await passTime(5);
  await mustPost(aTransfer(bank, wallet, 1));
  await passTime(10);
  const lag = await projectorLag();
  assert.equal(lag.batches, 1);
  assert.ok(lag.seconds >= 10 && lag.seconds < 60, `${lag.seconds}`);
  assert.deepEqual(await freshHistory(), upTo);
  assert.deepEqual((await pageOf(wallet)).data, []);

  const projector = projectHistory();
  const asked = await now();
  assert.ok(((await freshHistory()) as Date) >= asked);
  assert.equal((await pageOf(wallet)).data.length, 1);
  assert.deepEqual({ ...(await projectorLag()), writtenUpTo: null }, { batches: 0, seconds: 0, writtenUpTo: null });
  await projector.stop();
});
