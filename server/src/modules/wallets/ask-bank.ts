import { afterCommit, database, type Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { log } from "#kit/log.ts";
import { type HurryingLoop, type Loop, repeat } from "#kit/loop.ts";
import { type BankOutcome, type BankPort, bank } from "./bank-port.ts";
import { askAgain, claimDue, claimOne, insertInstruction } from "./bank-sql.ts";
import type { Instruction } from "./instruction.ts";
import { recordOutcome } from "./record-outcome.ts";

const atOnce = 64;
const lanes = 4;
const answerWithinMs = 10_000;

let looping: HurryingLoop | undefined;

/**
 * Has the bank do something once the transaction commits: what we want is on disk with our own reference before the bank hears of it.
 * False when there is an instruction with this reference already.
 */
export async function instructBank(
  tx: Transaction,
  instruction: Omit<Instruction, "state" | "tries">,
): Promise<boolean> {
  afterCommit(tx, () => looping?.hurry());
  return insertInstruction(tx, instruction);
}

/** What a worker does for the bank: gives it what is new, asks about what is open, and hears what it tells. Several workers share it. */
export function startBankLoops(): Loop {
  const port = bank();
  if (!port) return { stop: async () => {} };
  const loop = repeat("wallets.ask_bank", 500, async () => (await askBank(port)) === atOnce);
  looping = loop;
  const told = port.follow(recordOutcome);
  return {
    async stop() {
      if (looping === loop) looping = undefined;
      await Promise.all([loop.stop(), told.stop()]);
    },
  };
}

/** Asks the bank about every instruction that is due, a few at a time and outside any transaction. Gives how many there were. */
export async function askBank(port: BankPort): Promise<number> {
  const due = await claimDue(database(), atOnce);
  const waiting = due.values();
  const lane = async () => {
    for (const instruction of waiting) await ask(port, instruction);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return due.length;
}

/**
 * Asks the bank about one instruction now, whenever it is due, and sends nothing; for those who must know before they go on.
 * What the bank does not answer stays open. `pauseS`: not if it was asked less than so many seconds ago.
 */
export async function askBankNow(reference: string, { pauseS = 0 } = {}): Promise<void> {
  const port = bank();
  const instruction = port && (await claimOne(database(), reference, pauseS));
  if (instruction) await hear(instruction, (signal) => port.query(reference, signal));
}

const ask = (port: BankPort, instruction: Instruction): Promise<void> =>
  hear(instruction, (signal) => answerOf(port, instruction, signal));

async function hear(
  { reference, tries }: Instruction,
  asking: (signal: AbortSignal) => Promise<BankOutcome | undefined>,
): Promise<void> {
  try {
    await faultPoint("wallets.before_bank");
    const outcome = await asking(AbortSignal.timeout(answerWithinMs));
    await faultPoint("wallets.after_bank");
    if (outcome) await recordOutcome(outcome);
    if (outcome?.state === "pending") await askAgain(database(), reference);
  } catch (error) {
    // Nothing is known now: whoever takes it next asks the bank by our reference before anything else.
    log.warn({ reference, tries, err: error }, "a bank's answer could not be had");
  }
}

/** An order that was sent may have arrived, so from the second try on the bank is asked first; it gets again only what it never got. */
async function answerOf(
  port: BankPort,
  instruction: Instruction,
  signal: AbortSignal,
): Promise<BankOutcome | undefined> {
  const { reference, kind, amount, currency, account, state, tries } = instruction;
  if (state === "created" && tries === 1) return port.send({ reference, kind, amount, currency, account }, signal);
  const known = await port.query(reference, signal);
  if (known || state !== "created") return known;
  return port.send({ reference, kind, amount, currency, account }, signal);
}
