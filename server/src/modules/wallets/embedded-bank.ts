import { now } from "#kit/clock.ts";
import { config } from "#kit/config.ts";
import { database, inTransaction, type Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { log } from "#kit/log.ts";
import { repeat } from "#kit/loop.ts";
import { isSavedAccount } from "#modules/vault";
import type { BankOrder, BankOutcome, BankPort } from "./bank-port.ts";
import { type BankStep, testAccounts } from "./embedded-bank-accounts.ts";
import {
  type BookedOrder,
  dueOrders,
  findOrder,
  insertEntry,
  insertOrder,
  lockOrder,
  moveOrder,
  noteTold,
  position,
  untoldOrders,
} from "./embedded-bank-sql.ts";

/**
 * A bank for test mode that stands where a real one will: it keeps its own books in its own transactions, decides by its own clock, and
 * the platform learns of it what a bank tells, and when. What it does with an order is chosen by the account (`embedded-bank-accounts.ts`).
 */
export function embeddedBank(): BankPort {
  if (config().mode !== "test") throw new Error("the embedded bank is for test mode");
  return {
    name: "bank",
    knowsAccount: (account) => behaviourOf(account) !== undefined,
    async send(order) {
      const outcome = await take(order);
      if (testAccounts[order.account]?.losesAnswer) throw new Error("the bank's answer was lost");
      return outcome;
    },
    async query(reference) {
      if (!(await findOrder(database(), reference))) return undefined;
      return inTransaction(async (tx) => outcomeOf(await decide(tx, reference)));
    },
    follow: (tell) => repeat("embedded_bank", 500, async () => (await tellWhatChanged(tell)) === atOnce),
  };
}

/** The same order again changes nothing; another one under its reference is an error. */
async function take(order: BankOrder): Promise<BankOutcome> {
  const createdAt = new Date(now());
  const booked = await inTransaction(async (tx) => {
    await insertOrder(tx, order, dueAfter(createdAt, stepsOf(order)[0] as BankStep), createdAt);
    return decide(tx, order.reference);
  });
  const same = (["kind", "amount", "currency", "account"] as const).every((term) => booked[term] === order[term]);
  if (!same) throw new Error(`the bank has another order with the reference ${order.reference}`);
  await faultPoint("bank.after_books");
  return outcomeOf(booked);
}

/** An account that somebody saved is one like any other: it confirms at once. */
const behaviourOf = (account: string) =>
  Object.hasOwn(testAccounts, account)
    ? testAccounts[account]
    : isSavedAccount(account)
      ? testAccounts.ba_test_ok
      : undefined;

function stepsOf({ account, kind }: Pick<BankOrder, "account" | "kind">): readonly BankStep[] {
  const behaviour = behaviourOf(account);
  if (!behaviour) throw new Error("the bank has no such account");
  return behaviour[kind];
}

const dueAfter = (at: Date, { after }: BankStep): Date => new Date(at.getTime() + after * 1_000);

/** Takes the steps that are due by the bank's clock, and books the money that they move. */
async function decide(tx: Transaction, reference: string): Promise<BookedOrder> {
  let order = await lockOrder(tx, reference);
  if (!order) throw new Error(`the bank has no order ${reference}`);
  const steps = stepsOf(order);
  while (order.nextAt !== null && order.nextAt.getTime() <= now()) {
    const at: Date = order.nextAt;
    const { state } = steps[order.stepsDone] as BankStep;
    const following: BankStep | undefined = steps[order.stepsDone + 1];
    order = {
      ...order,
      state,
      stepsDone: order.stepsDone + 1,
      nextAt: following ? dueAfter(at, following) : null,
    };
    await moveOrder(tx, order);
    const change = changeBy(order);
    if (change !== 0) await insertEntry(tx, order, change, at);
  }
  return order;
}

/** What a step does to the platform's account. */
function changeBy({ state, kind, amount }: BookedOrder): number {
  const inward = kind === "collect" ? amount : -amount;
  switch (state) {
    case "succeeded":
      return inward;
    case "returned":
      return -inward;
    case "pending":
    case "refused":
      return 0;
  }
}

const outcomeOf = ({ reference, kind, amount, currency, account, state }: BookedOrder): BankOutcome => ({
  reference,
  kind,
  amount,
  currency,
  account,
  state,
  reason: state === "refused" || state === "returned" ? account : null,
});

const atOnce = 100;

/** Takes the steps that have come due and tells the platform what changed, once at least. Gives how many orders it told of. */
export async function tellWhatChanged(tell: (outcome: BankOutcome) => Promise<void>): Promise<number> {
  for (const reference of await dueOrders(database(), new Date(now()), atOnce)) {
    await inTransaction((tx) => decide(tx, reference));
  }
  const told: BookedOrder[] = [];
  for (const order of await untoldOrders(database(), atOnce)) {
    try {
      await tell(outcomeOf(order));
      told.push(order);
    } catch (error) {
      log.warn({ reference: order.reference, err: error }, "the embedded bank was not heard and will tell again");
    }
  }
  await faultPoint("bank.after_telling");
  if (told.length > 0) await noteTold(database(), told);
  return told.length;
}

/** What the platform has at the embedded bank by the bank's own books, in minor units. For audits and tests. */
export const bankPosition = (currency: string): Promise<number> => position(database(), currency);
