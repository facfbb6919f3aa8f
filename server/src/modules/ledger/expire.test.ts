import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { useDatabase } from "#test/database.ts";
import { elsewhere, eventually } from "#test/elsewhere.ts";
import {
  anAccount,
  aPost,
  aTransfer,
  aVoid,
  aWallet,
  booksAreRight,
  mustPost,
  passTime,
  postAll,
  sumsOf,
} from "#test/ledger.ts";
import { expirePending } from "./expire.ts";
import { startLedgerLoops } from "./loops.ts";
import type { NewTransfer } from "./transfer.ts";
import { readTransfers } from "./transfer-sql.ts";

const { url } = useDatabase({ connections: 20 });

/** A wallet of 100 with 60 of it held for a minute. */
async function aHold(): Promise<{ wallet: string; shop: string; hold: NewTransfer }> {
  const [wallet, shop] = [await aWallet(100), await anAccount({ lanes: 4 })];
  const hold = aTransfer(wallet, shop, 60, { kind: "pending", timeoutS: 60 });
  await mustPost(hold);
  return { wallet, shop, hold };
}

test("a hold is given back when its time is over, not before, by a transfer that says why", async () => {
  const { wallet, shop, hold } = await aHold();
  await passTime(59);
  await expirePending();
  assert.deepEqual(await sumsOf(wallet), [60, 0, 0, 100]);
  await passTime(1);
  assert.equal(await expirePending(), 1);
  assert.deepEqual(
    [await sumsOf(wallet), await sumsOf(shop)],
    [
      [0, 0, 0, 100],
      [0, 0, 0, 0],
    ],
  );
  const { rows } = await database().query("select id from ledger_transfers where pending_id = $1", [hold.id]);
  const [given] = await readTransfers(database(), [rows[0].id]);
  assert.deepEqual(
    [rows.length, given?.kind, given?.code, given?.amount, given?.debitAccountId, given?.creditAccountId],
    [1, "void", "expired", 60, wallet, shop],
  );
  assert.equal(await expirePending(), 0);
  await booksAreRight();
});

test("from the moment its time is over a hold can't be taken, swept or not; before, it can", async () => {
  const { wallet, hold } = await aHold();
  const other = await aHold();
  await passTime(59);
  await mustPost(aPost(other.hold.id));
  await passTime(2);
  assert.deepEqual(await postAll([aPost(hold.id), aVoid(hold.id)]), [
    "pending_transfer_expired",
    "pending_transfer_expired",
  ]);
  assert.deepEqual(await sumsOf(wallet), [60, 0, 0, 100]);
  await expirePending();
  assert.deepEqual(await postAll([aPost(hold.id), aVoid(hold.id)]), [
    "pending_transfer_expired",
    "pending_transfer_expired",
  ]);
  assert.deepEqual(
    [await sumsOf(wallet), await sumsOf(other.wallet)],
    [
      [0, 0, 0, 100],
      [0, 60, 0, 100],
    ],
  );
});

test("a hold without a time-out never expires", async () => {
  const [wallet, shop] = [await aWallet(100), await anAccount()];
  const hold = aTransfer(wallet, shop, 60, { kind: "pending" });
  await mustPost(hold);
  await passTime(10 * 365 * 86_400);
  assert.equal(await expirePending(), 0);
  await mustPost(aPost(hold.id));
});

test("a sweep takes no more than it is told, the longest overdue first", async () => {
  const holds = [];
  for (let i = 0; i < 5; i++) {
    holds.push(await aHold());
    await passTime(1);
  }
  await passTime(60);
  assert.equal(await expirePending(2), 2);
  const held = await Promise.all(holds.map(async ({ wallet }) => (await sumsOf(wallet))[0]));
  assert.deepEqual(held, [0, 0, 60, 60, 60]);
  assert.equal(await expirePending(100), 3);
});

test("sweeps of several processes, and posts and voids amid them, resolve every hold exactly once", async () => {
  const [wallet, shop] = [await aWallet(1_000), await anAccount({ lanes: 4 })];
  const holds = Array.from({ length: 200 }, (_, n) =>
    aTransfer(wallet, shop, 5, { kind: "pending", timeoutS: n % 2 === 0 ? 60 : 3_600 }),
  );
  await mustPost(...holds);
  await passTime(60);
  const others = [1, 2].map(() =>
    elsewhere(
      url(),
      `const { expirePending } = await import("./src/modules/ledger/expire.ts");
       let swept = 0;
       for (let i = 0; i < 40; i++) swept += await expirePending(7);
       console.log(swept);`,
    ),
  );
  const answers = await Promise.all(
    holds.map((hold, n) => postAll([n % 4 < 2 ? aPost(hold.id, { amount: 2 }) : aVoid(hold.id)])),
  );
  const swept = (await Promise.all(others.map(({ output }) => output))).map(Number);
  assert.equal((swept[0] ?? 0) + (swept[1] ?? 0), 100);
  assert.deepEqual(
    answers.map(([result]) => result),
    holds.map((_, n) => (n % 2 === 0 ? "pending_transfer_expired" : "ok")),
  );
  assert.deepEqual(await sumsOf(wallet), [0, 100, 0, 1_000]);
  await booksAreRight();
});

test("a worker gives back what expires, by itself", async () => {
  const { wallet } = await aHold();
  const loops = startLedgerLoops();
  try {
    await passTime(61);
    await eventually(async () => (await sumsOf(wallet))[0] === 0);
  } finally {
    await loops.stop();
  }
  await booksAreRight();
});
