import type { Actor, UserActor } from "#kit/actor.ts";
import type { Queryable, Transaction } from "#kit/db.ts";
import { Refused } from "#kit/idempotency.ts";
import { derivedId, newId } from "#kit/ids.ts";
import { emit } from "#kit/outbox.ts";
import { post } from "#modules/ledger";
import { platformAccount } from "#modules/merchants";
import { isSavedAccount, ownsBankAccount } from "#modules/vault";
import { walletAccount } from "./accounts.ts";
import { instructBank } from "./ask-bank.ts";
import { bank } from "./bank-port.ts";
import { walletErrors } from "./errors.ts";
import { type Movement, movementEvent } from "./movement.ts";
import { insertMovement } from "./movements-sql.ts";
import { refusalOfSpending } from "./refusals.ts";

export interface MovementInput {
  /** Minor units. */
  amount: number;
  currency: string;
  /** The bank account's token. */
  account: string;
}

/**
 * Whether money of this actor can go to or come from this bank account: one that the bank knows and, if somebody saved it, the actor's own.
 * Throws `channel_unavailable`, `bank_account_unknown`.
 */
export async function checkBankAccount(on: Queryable, actor: Actor, account: string, param: string): Promise<void> {
  const port = bank();
  if (!port) throw walletErrors.channel_unavailable();
  const isKnown =
    port.knowsAccount(account) && (!isSavedAccount(account) || (await ownsBankAccount(on, actor, account)));
  if (!isKnown) throw walletErrors.bank_account_unknown({ param });
}

/** The ledger's pending transfer that holds a withdrawal's money. */
export const holdOf = (withdrawalId: string): string => derivedId("txn", "withdrawal_hold", withdrawalId);

/** Begins a top-up: the bank hears of it when this is committed, and the wallet has the money when the bank has confirmed. */
export const createTopUp = (tx: Transaction, actor: UserActor, input: MovementInput): Promise<Movement> =>
  begin(tx, actor, { ...input, id: newId("top"), type: "topup" });

/**
 * Begins a withdrawal: the money is held at once, and leaves the wallet for good when the bank has confirmed.
 * Refuses (402) what the wallet does not hold.
 */
export async function createWithdrawal(tx: Transaction, actor: UserActor, input: MovementInput): Promise<Movement> {
  const id = newId("wdl");
  const { amount, currency } = input;
  const hold = {
    id: holdOf(id),
    kind: "pending" as const,
    debitAccountId: walletAccount(actor.userId, currency),
    creditAccountId: platformAccount("bank_clearing", currency, actor.livemode),
    amount,
    currency,
    code: "withdrawal",
    reference: id,
  };
  const refusal = refusalOfSpending(await post(tx, [hold], { careful: true }), { limited: false });
  if (refusal) throw new Refused(walletErrors[refusal]());
  return begin(tx, actor, { ...input, id, type: "withdrawal" });
}

async function begin(
  tx: Transaction,
  { userId: ownerId, livemode }: UserActor,
  { id, type, amount, currency, account }: MovementInput & Pick<Movement, "id" | "type">,
): Promise<Movement> {
  const terms = { ownerId, livemode, amount, currency, account };
  const movement = await insertMovement(tx, { ...terms, id, type });
  const kind = type === "topup" ? "collect" : "pay";
  await instructBank(tx, { ...terms, reference: id, subjectId: id, purpose: type, kind });
  await emit(tx, [movementEvent(movement)]);
  return movement;
}
