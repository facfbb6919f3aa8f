import { config } from "#kit/config.ts";
import { inTransaction, type Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { log } from "#kit/log.ts";
import type { BankOutcome } from "./bank-port.ts";
import { insertUnasked, lockInstruction, moveInstruction } from "./bank-sql.ts";
import { type Instruction, purposeOf } from "./instruction.ts";
import { type InstructionState, stepsTo } from "./states.ts";

/**
 * Takes in what a bank says of an order, whether it was asked or told by itself, any number of times: each step happens once, together
 * with what it means to the object that the order is for.
 */
export async function recordOutcome(outcome: BankOutcome): Promise<void> {
  await inTransaction(async (tx) => {
    let instruction = await lockInstruction(tx, outcome.reference);
    if (!instruction) return recordUnasked(tx, outcome);
    if (!isOf(outcome, instruction)) {
      // Two facts that exclude each other: neither is booked, and the order stays open, before a person has looked at it.
      log.error({ reference: outcome.reference, state: outcome.state }, "a bank's terms of an order are not ours");
      return;
    }
    const purpose = purposeOf(instruction);
    for (const state of stepsTo(instruction.state, outcome.state)) {
      const moved: Instruction | undefined = await moveInstruction(tx, instruction, state, outcome.reason);
      if (!moved) throw new Error(`instruction ${outcome.reference} left ${instruction.state} while it was locked`);
      instruction = moved;
      if (settles(state)) await purpose[state](tx, instruction);
    }
    await faultPoint("wallets.outcome_before_commit");
  });
}

/** What a bank did without having been asked: money that came goes back, and somebody is told. */
async function recordUnasked(tx: Transaction, outcome: BankOutcome): Promise<void> {
  log.error({ reference: outcome.reference, state: outcome.state }, "a bank told of an order that we never gave");
  if (outcome.state !== "succeeded") return;
  const unasked = await insertUnasked(tx, outcome, config().mode === "live");
  if (unasked) await purposeOf(unasked).late(tx, unasked);
}

const settles = (state: InstructionState): state is "succeeded" | "refused" | "returned" | "late" =>
  state !== "created" && state !== "pending" && state !== "withdrawn";

const isOf = (outcome: BankOutcome, order: Instruction): boolean =>
  outcome.kind === order.kind &&
  outcome.amount === order.amount &&
  outcome.currency === order.currency &&
  outcome.account === order.account;
