import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { aPayer, aShop } from "@feiqian/server/test/factories.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";
import pg from "pg";
import { Journal, outcomeOf, type Scan } from "./journal.ts";
import { runLoad } from "./load.ts";
import { compareWithBooks } from "./oracle.ts";

const platform = usePlatform();

/** Scans that were sent to the platform and answered, and what the oracle says to them. */
async function scanned(amounts: readonly number[], money = 100_000) {
  const shop = await aShop(platform);
  const payer = await aPayer(platform, { money });
  const journal = new Journal();
  const [url, till] = [new URL(platform.url), { merchantId: shop.id, apiKey: shop.key }];
  for (const amount of amounts) {
    const code = await payer.code();
    journal.scan({ url, till, outTradeNo: `order-${randomUUID()}`, amount, currency: "CNY", code });
  }
  let next = 0;
  await runLoad({
    url: platform.url,
    connections: 2,
    count: amounts.length,
    makeRequest: () => journal.scans[next++],
    onAnswer: (scan, answer) => journal.record(scan, answer),
  });
  return { journal, differences: (scans = journal.scans) => askOracle(scans) };
}

async function askOracle(scans: readonly Scan[]): Promise<string[]> {
  const books = new pg.Client({ connectionString: platform.databaseUrl });
  await books.connect();
  const differences = await compareWithBooks(books, scans);
  await books.end();
  return differences;
}

const onlyOf = (differences: readonly string[]): string => {
  assert.equal(differences.length, 1, differences.join("\n"));
  return (differences[0] as string).replace(/^\S+: /, "").replaceAll(/pay_\w+/g, "pay_…");
};

test("what the platform answered is what is booked: paid, refused and waiting", async () => {
  const { journal, differences } = await scanned([100, 250, 90_000, 95_000, 150_000]);
  const outcomes = journal.scans.map((scan) => outcomeOf(scan)?.status);
  const count = (status: string) => outcomes.filter((outcome) => outcome === status).length;
  assert.deepEqual([count("succeeded"), count("failed"), count("processing")], [3, 1, 1]);
  assert.deepEqual(await differences(), []);
});

test("an answer without its booking, or with another amount, is told", async () => {
  const { journal, differences } = await scanned([100]);
  const [scan] = journal.scans as [Scan];
  assert.equal(onlyOf(await differences([{ ...scan, amount: 101 }])), "100 instead of 101");
  assert.equal(
    onlyOf(await differences([{ ...scan, outTradeNo: "other" }])),
    "answered with pay_…, which is not in the books",
  );
  const refused = {
    status: 402,
    body: JSON.stringify({ error: { details: { payment: outcomeOf(scan)?.paymentId } } }),
  };
  assert.equal(onlyOf(await differences([{ ...scan, answers: [refused] }])), "answered as failed, booked as succeeded");
});

test("a payment that moved no money, or moved it twice, is told, answered or not", async () => {
  const { journal, differences } = await scanned([100, 100]);
  const [once, never] = journal.scans as [Scan, Scan];
  const idOf = (scan: Scan) => outcomeOf(scan)?.paymentId as string;
  // What servers may not do, as the owner of the database.
  const owner = new pg.Client({ connectionString: platform.databaseUrl });
  await owner.connect();
  await owner.query("update ledger_transfers set reference = $1 where reference = $2", [idOf(once), idOf(never)]);
  await owner.end();
  assert.equal(onlyOf(await differences([once])), "pay_… succeeded, but 2 moves of 200");
  assert.equal(onlyOf(await differences([{ ...never, answers: [undefined] }])), "pay_… succeeded, but 0 moves of 0");
});

test("a scan that nobody answered may be booked once or not at all", async () => {
  const { journal, differences } = await scanned([100]);
  const [scan] = journal.scans as [Scan];
  const unanswered: Scan = { ...scan, answers: [undefined] };
  assert.deepEqual(await differences([unanswered, { ...unanswered, outTradeNo: "never-arrived" }]), []);
  const again = new Journal();
  again.scans.push(unanswered, scan);
  assert.deepEqual(again.unknown(), [unanswered]);
});
