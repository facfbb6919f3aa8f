import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Journal, outcomeOf, type Scan } from "@feiqian/bench/journal.ts";
import { type LoadOptions, runLoad } from "@feiqian/bench/load.ts";
import { compareWithBooks } from "@feiqian/bench/oracle.ts";
import { elapsed } from "@feiqian/server/kit/clock.ts";
import { database } from "@feiqian/server/kit/db.ts";
import { audit, balancesOf } from "@feiqian/server/modules/ledger";
import { walletAccount } from "@feiqian/server/modules/wallets";
import type { World } from "./world.ts";

const currency = "CNY";
/** Longer than anything in the tests takes to come back. */
const settleWithinMs = 30_000;

/**
 * Puts scans on the world while `trouble` happens to it. Clients behave as they should: what they have no answer to they send again
 * with the same key until they know. Gives the journal when everybody knows; fails when somebody never learns.
 */
export async function badDay(world: World, trouble: () => Promise<void>, { connections = 32 } = {}): Promise<Journal> {
  const journal = new Journal();
  const again: Scan[] = [];
  const load = (options: Partial<LoadOptions<Scan>>) =>
    runLoad<Scan>({
      url: world.url,
      connections,
      timeoutMs: 5_000,
      makeRequest: () => again.shift(),
      onAnswer: (scan, answer) => {
        journal.record(scan, answer);
        if (outcomeOf(scan) === undefined) again.push(scan);
      },
      ...options,
    });

  const over = new AbortController();
  const traffic = (async () => {
    // A load ends when every phone has shown its codes; the next half minute brings new ones.
    while (!over.signal.aborted) {
      await load({ makeRequest: () => again.shift() ?? sell(world, journal), signal: over.signal });
      if (!over.signal.aborted) await sleep(100);
    }
  })();
  await trouble().finally(() => over.abort());
  await traffic;
  for (const deadline = elapsed() + settleWithinMs; again.length > 0 && elapsed() < deadline; ) {
    await load({});
    await sleep(50);
  }
  const unknown = journal.scans.filter((scan) => outcomeOf(scan) === undefined);
  assert.deepEqual(
    unknown.map(({ outTradeNo, answers }) => ({ outTradeNo, answers })),
    [],
  );
  return journal;
}

/** The next customer at the next till; nobody when every phone has shown its codes. */
function sell({ tills, phones, url }: World, journal: Journal): Scan | undefined {
  const code = phones.show();
  const till = tills[journal.scans.length % tills.length];
  if (!code || !till) return undefined;
  const amount = 100 + (journal.scans.length % 900);
  return journal.scan({ url: new URL(url), till, outTradeNo: randomUUID(), amount, currency, code });
}

/** What must be true after any day: the clients' journals, the payments, the ledger and the events tell one story. */
export async function assertOneStory(world: World, journals: readonly Journal[]): Promise<void> {
  const scans = journals.flatMap((journal) => journal.scans);
  assert.deepEqual((await compareWithBooks(database(), scans)).slice(0, 20), []);
  assert.deepEqual((await audit()).differences, []);
  assert.deepEqual(await eventsThatDiffer(), []);
  await assertMoneyIsWhole(world, scans);
}

/** A payment's state is told by exactly one event, and no state it did not reach is told. */
async function eventsThatDiffer(): Promise<unknown[]> {
  const { rows } = await database().query(`
    select p.id, p.status, array_agg(e.type) as told
      from payments p left join events e on e.object_id = p.id and e.type like 'payment.%'
     group by p.id, p.status
    having count(e.id) filter (where e.type = 'payment.' || p.status) <> 1 or count(e.id) <> count(distinct e.type)
     limit 20`);
  return rows;
}

/** What the payers gave is what the journals say was paid, to the last minor unit. */
async function assertMoneyIsWhole({ payers, money }: World, scans: readonly Scan[]): Promise<void> {
  const balances = await balancesOf(
    database(),
    payers.map((id) => walletAccount(id, currency)),
  );
  let given = 0;
  for (const { creditsPosted, debitsPosted } of balances.values()) given += money - (creditsPosted - debitsPosted);
  const paid = scans.filter((scan) => outcomeOf(scan)?.status === "succeeded");
  assert.equal(
    given,
    paid.reduce((sum, { amount }) => sum + amount, 0),
  );
}
