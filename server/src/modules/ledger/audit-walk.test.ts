import assert from "node:assert/strict";
import { test } from "node:test";
import { database, inTransaction } from "#kit/db.ts";
import { useDatabase } from "#test/database.ts";
import { eventually } from "#test/elsewhere.ts";
import { times } from "#test/factories.ts";
import { anAccount, aPost, aTransfer, aWallet, historyIsWritten, mustPost } from "#test/ledger.ts";
import type { Difference } from "./audit-sql.ts";
import { auditBooks, onDifference } from "./audit-walk.ts";
import { auditBatches } from "./audit-walk-sql.ts";
import { projectHistory, projectorName } from "./history.ts";

useDatabase({ connections: 20 });

let found: Difference[] = [];
onDifference(async (_tx, differences) => void found.push(...differences));

/** Runs what the promise needs beside a walking auditor. */
async function walking(t: { after: (end: () => Promise<void>) => void }) {
  const loops = [projectHistory(), auditBooks({ rest: 0, shortestPauseMs: 5, betweenRoundsMs: 5 })];
  t.after(async () => void (await Promise.all(loops.map((loop) => loop.stop()))));
}

/** Two rounds of both walks, begun from now on, are over. */
async function twoRounds(): Promise<void> {
  const rounds = async () => {
    const { rows } = await database().query("select walk, round from ledger_audit_walks");
    return new Map<string, number>(rows.map(({ walk, round }) => [walk, round]));
  };
  const before = await rounds();
  await database().query("update ledger_audit_walks set after = ''");
  await eventually(async () => {
    const now = await rounds();
    return ["accounts", "batches"].every((walk) => (now.get(walk) ?? 0) >= (before.get(walk) ?? 0) + 2);
  }, 30_000);
}

test("amid traffic with holds nothing is found wrong, with several auditors and lanes", async (t) => {
  found = [];
  await walking(t);
  await walking(t);
  const [wallet, shop] = [await aWallet(1_000_000), await anAccount({ lanes: 4 })];
  const flow = async () => {
    for (let n = 0; n < 25; n++) {
      const hold = aTransfer(wallet, shop, 6, { kind: "pending" });
      await mustPost(aTransfer(wallet, shop, 3), hold);
      await mustPost(aPost(hold.id, { amount: 2 }));
    }
  };
  await Promise.all([...times(4, flow), twoRounds()]);
  await twoRounds();
  assert.deepEqual(found, []);
});

test("a slice of batches ends behind so many transfers, and the last one says that nothing is left", async (t) => {
  await walking(t);
  const [wallet, shop] = [await aWallet(1_000_000), await anAccount()];
  const last = async (): Promise<string> =>
    (await database().query("select coalesce(max(position), 0)::text as last from ledger_batches")).rows[0].last;
  const before = await last();
  for (const size of [6, 6, 1]) await mustPost(...times(size, () => aTransfer(wallet, shop, 1)));
  await historyIsWritten();
  const slice = (after: string) => inTransaction((tx) => auditBatches(tx, after, 10, projectorName, 20));
  const first = await slice(before);
  assert.deepEqual([first.audited, first.ended], [2, false]);
  const second = await slice(first.last as string);
  assert.deepEqual(second, { last: await last(), audited: 1, ended: true, differences: [] });
});

const tamperings: [what: string, kind: Difference["kind"], by: string][] = [
  ["a balance", "balance", "update ledger_accounts set debits_posted = debits_posted - 1 where id = $1"],
  [
    "a balance on both sides",
    "balance",
    "update ledger_accounts set debits_posted = debits_posted - 1, credits_posted = credits_posted - 1 where id = $1",
  ],
  ["an amount", "history", "update ledger_transfers set amount = amount + 1 where debit_account_id = $1"],
  ["a transfer that is gone", "transfer", "delete from ledger_transfers where debit_account_id = $1"],
  ["history", "balance", "update ledger_history set debits_posted = debits_posted + 1 where account_id = $1"],
];
for (const [what, kind, by] of tamperings) {
  test(`somebody who changes past the ledger ${what} is found`, async (t) => {
    await walking(t);
    const [wallet, shop] = [await aWallet(1_000), await anAccount()];
    await mustPost(aTransfer(wallet, shop, 100));
    await historyIsWritten();
    await twoRounds();
    found = [];
    await database().query(by, [wallet]);
    await twoRounds();
    const kinds = found.filter((one) => one.kind === kind);
    assert.ok(kinds.length > 0, JSON.stringify(found));
    if (kind !== "transfer") assert.ok(kinds.some(({ subject }) => subject.startsWith(wallet)));
  });
}
