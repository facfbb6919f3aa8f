import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { database } from "#kit/db.ts";
import { useDatabase } from "#test/database.ts";
import {
  anAccount,
  aTransfer,
  aWallet,
  booksAreRight,
  historyIsWritten,
  mustPost,
  passTime,
  sumsOf,
} from "#test/ledger.ts";
import type { JournalEntry, Load } from "#test/ledger-load.ts";
import { LedgerModel } from "#test/ledger-model.ts";
import { expirePending } from "./expire.ts";
import { projectHistory } from "./history.ts";
import type { NewTransfer } from "./transfer.ts";

const { url } = useDatabase();
const run = promisify(execFile);

const seed = Number(process.env.LEDGER_SEED ?? randomInt(2 ** 30));
const batches = Number(process.env.LEDGER_BATCHES ?? 120);

/** Batches in the order in which the ledger took them: the one order that must explain every answer. */
async function batchesInOrder(): Promise<{ ids: string[]; expired: string[] }[]> {
  const { rows } = await database().query(
    `select b.transfer_ids as ids, array_remove(array_agg(t.pending_id order by t.position) filter (where t.code = 'expired'), null) as expired
       from ledger_batches b cross join unnest(b.transfer_ids) i(id) join ledger_transfers t on t.id = i.id
      group by b.position order by b.position`,
  );
  return rows.map(({ ids, expired }) => ({ ids, expired: expired ?? [] }));
}

test("two processes at once, each writing three batches at a time: one order of batches explains every answer of both", async (t) => {
  t.diagnostic(`LEDGER_SEED=${seed}`);
  const model = new LedgerModel();
  const [bank, fees, claim] = [
    await anAccount({ lanes: 4 }),
    await anAccount({ lanes: 2 }),
    await anAccount({ creditsMustNotExceedDebits: true }),
  ];
  const wallets = [await aWallet(), await aWallet(), await aWallet()] as const;
  for (const id of [bank, fees]) model.open(id);
  model.open(claim, { limited: "credits" });
  for (const id of wallets) model.open(id, { limited: "debits" });

  const funding = [...wallets.map((wallet) => aTransfer(bank, wallet, 150)), aTransfer(claim, fees, 150)];
  const pendings = Array.from({ length: 60 }, (_, i) =>
    aTransfer(wallets[i % 3] as string, fees, 1, { kind: "pending", timeoutS: i % 4 === 0 ? 1 : null }),
  );
  await mustPost(...funding);
  await mustPost(...pendings);
  await passTime(3_600);
  const contested: NewTransfer[] = Array.from({ length: 40 }, (_, i) => aTransfer(bank, wallets[i % 3] as string, 3));

  const projector = projectHistory();
  const load: Omit<Load, "seed"> = {
    batches,
    accounts: [bank, fees, ...wallets, claim],
    pendings: pendings.map(({ id }) => id),
    contested,
  };
  const works = [1, 2].map((n) => elsewhere({ ...load, seed: seed + n }));
  let working = true;
  const sweeping = (async () => {
    while (working) await expirePending(1);
  })();
  let journals: JournalEntry[][];
  try {
    journals = await Promise.all(works);
    await historyIsWritten();
  } finally {
    working = false;
    await sweeping;
    await projector.stop();
  }

  const entryOf = new Map<string, JournalEntry>();
  for (const entry of journals.flat()) {
    entry.transfers.forEach(({ id }, i) => entry.results[i] === "ok" && entryOf.set(id, entry));
  }
  const order = await batchesInOrder();
  for (const { ids, expired } of order) {
    for (const pendingId of expired) model.expire(pendingId);
    if (expired.length > 0) continue;
    const entry = entryOf.get(ids[0] as string);
    if (!entry) {
      const given = [...funding, ...pendings].filter(({ id }) => ids.includes(id));
      assert.ok(model.post(given).every((result) => result === "ok"));
      if (given.some(({ id }) => id === pendings.at(-1)?.id)) model.now += 3_600;
    } else if (entry.careful) {
      assert.deepEqual(entry.results, model.post(entry.transfers));
    } else {
      // What was refused without locks was refused by what was read, a moment before.
      const taken = entry.transfers.filter((_, i) => entry.results[i] === "ok");
      assert.deepEqual(
        model.post(taken),
        taken.map(() => "ok"),
      );
    }
  }
  for (const [id, sums] of model.sums) assert.deepEqual(await sumsOf(id), sums);
  assert.equal(new Set(order.flatMap(({ ids }) => ids)).size, order.flatMap(({ ids }) => ids).length);
  for (const { id } of pendings) assert.notEqual(model.stateOf(id), "pending");
  await booksAreRight();
});

/** Has another process work on the ledger. Gives its journal. */
async function elsewhere(load: Load): Promise<JournalEntry[]> {
  const script = fileURLToPath(new URL("../../../test/ledger-load.ts", import.meta.url));
  const { stdout } = await run(process.execPath, [script, url(), JSON.stringify(load)], { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout, (name, value) => (name === "eventAt" && value ? new Date(value) : value));
}
