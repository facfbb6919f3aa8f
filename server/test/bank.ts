import assert from "node:assert/strict";
import { clockOffset, setClockOffset } from "#kit/clock.ts";
import { database } from "#kit/db.ts";
import { balancesOf } from "#modules/ledger";
import { platformAccount } from "#modules/merchants";
import { askBank, bank, bankPosition, recordOutcome, tellWhatChanged } from "#modules/wallets";

/** Tests of what a bank does late or wrongly run a platform without a worker, and do its rounds by hand. */

/** One round of asking. */
export async function ask(): Promise<void> {
  const port = bank();
  assert.ok(port);
  await askBank(port);
}

/** One round of what the bank tells by itself. */
export const hear = () => tellWhatChanged(recordOutcome);

/** Asks and hears until nothing is due any more. */
export async function bankRounds(): Promise<void> {
  for (let n = 0; n < 3; n++) {
    await ask();
    await hear();
  }
}

/** Moves the platform's clock and the bank's forward, in this process and in SQL. */
export async function pass(seconds: number): Promise<void> {
  const offset = clockOffset() + seconds * 1_000;
  await database().query("update test_clock set offset_ms = $1", [offset]);
  setClockOffset(offset);
}

/** What a platform account holds, in minor units: what is in the bank for `bank_clearing`, what came in for `suspense`. */
export async function holds(purpose: "bank_clearing" | "suspense"): Promise<number> {
  const id = platformAccount(purpose, "CNY", false);
  const balance = (await balancesOf(database(), [id])).get(id);
  assert.ok(balance);
  const credits = balance.creditsPosted - balance.debitsPosted;
  return purpose === "suspense" ? credits : 0 - credits;
}

/**
 * What our books say is at the bank, less what the bank says: money that tests give by hand never went through it, the rest must not
 * change this.
 */
export const aheadOfBank = async (): Promise<number> => (await holds("bank_clearing")) - (await bankPosition("CNY"));
