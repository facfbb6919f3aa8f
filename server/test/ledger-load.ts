import fc from "fast-check";
import { closeDatabase, inTransaction, openDatabase } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { carefully, type NewTransfer, post, type TransferResult } from "#modules/ledger";
import { drawTransfer, transferSketch } from "#test/ledger-arbitraries.ts";

/** Run as a process of its own: `ledger-load.ts DATABASE_URL LOAD`. Prints its journal. */

/** What one process did to a ledger that others work on at the same time: each batch with the answer it got. */
export interface JournalEntry {
  transfers: NewTransfer[];
  results: readonly TransferResult[];
  /** The try that counted had looked everything up under locks. */
  careful: boolean;
}

export interface Load {
  seed: number;
  batches: number;
  accounts: string[];
  /** Pending transfers and ids that everybody wants. */
  pendings: string[];
  contested: NewTransfer[];
}

/** Posts random batches, three at a time, and keeps a journal. */
async function workOn({ seed, batches, accounts, pendings, contested }: Load): Promise<JournalEntry[]> {
  const sketches = fc.sample(
    fc.array(transferSketch(accounts.length, accounts.length), { minLength: 1, maxLength: 15 }),
    {
      seed,
      numRuns: batches,
    },
  );
  const journal: JournalEntry[] = [];
  const mine: NewTransfer[] = [];
  let next = 0;
  const writer = async () => {
    for (let n = next++; n < batches; n = next++) {
      const transfers: NewTransfer[] = [];
      for (const sketch of sketches[n] ?? []) transfers.push(drawTransfer(sketch, accounts, [...mine, ...transfers]));
      const wanted = pendings[(seed + n * 7) % pendings.length] as string;
      transfers.push({ id: newId("txn"), kind: n % 2 === 0 ? "post" : "void", pendingId: wanted, code: "test" });
      transfers.push(contested[(seed + n * 5) % contested.length] as NewTransfer);
      const entry = await attempt(transfers, n % 3 === 0);
      journal.push(entry);
      mine.push(...transfers.filter((_, i) => entry.results[i] === "ok"));
    }
  };
  await Promise.all([writer(), writer(), writer()]);
  return journal;
}

async function attempt(transfers: NewTransfer[], careful: boolean): Promise<JournalEntry> {
  if (careful) {
    const results = await inTransaction((tx) => post(tx, transfers, { careful: true }));
    return { transfers, results, careful };
  }
  return carefully(async (tx, again) => ({
    transfers,
    results: await post(tx, transfers, { careful: again }),
    careful: again,
  }));
}

const [, , url = "", load = ""] = process.argv;
openDatabase({ url });
process.stdout.write(JSON.stringify(await workOn(JSON.parse(load))));
await closeDatabase();
