import type { UserActor } from "#kit/actor.ts";
import { config } from "#kit/config.ts";
import type { Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { Refused } from "#kit/idempotency.ts";
import { firstEventId, newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { type MaskedUser, userNames } from "#modules/identity";
import { type NewTransfer, post } from "#modules/ledger";
import { allowanceDay, allowanceSource, spendingAccounts, walletAccount } from "./accounts.ts";
import { walletErrors } from "./errors.ts";
import { type RecipientName, recipientOf } from "./recipients.ts";
import { detailsOfRefusal } from "./refusal-details.ts";
import { refusalOfSpending } from "./refusals.ts";
import { presentTransfer, type WalletTransfer } from "./transfer.ts";
import { databaseTime, insertTransfers } from "./transfers-sql.ts";

export interface TransferInput {
  to: RecipientName;
  /** Minor units. */
  amount: number;
  currency: string;
  note?: string;
}

/**
 * Sends money from one wallet to another, at once and for good; the PIN and the recipient were checked before. Gives the sender's side.
 * Throws `recipient_not_found`; refuses (402) what the wallet or the day's limit does not allow.
 */
export async function createTransfer(
  tx: Transaction,
  actor: UserActor,
  { to, amount, currency, note }: TransferInput,
): Promise<WalletTransfer> {
  assertWalletCurrency(currency);
  const receiver = await recipientOf(tx, actor, to);
  if (receiver.id === actor.userId) throw walletErrors.recipient_is_sender();
  const createdAt = await databaseTime(tx);
  const id = newId("trf");
  await moveMoney(tx, actor, { id, amount, currency, receiverId: receiver.id }, createdAt);
  await faultPoint("wallets.transfer_after_ledger");
  const sender = (await userNames(tx, [actor.userId])).get(actor.userId) as MaskedUser;
  const side = (direction: "in" | "out", owner: MaskedUser, other: MaskedUser): WalletTransfer => ({
    ownerId: owner.id,
    livemode: actor.livemode,
    id,
    direction,
    amount,
    currency,
    counterpartyId: other.id,
    counterpartyName: other.name,
    counterpartyPhone: other.phone,
    note: note ?? null,
    createdAt,
  });
  const sent = side("out", sender, receiver);
  const sides = [sent, side("in", receiver, sender)];
  await insertTransfers(tx, sides);
  await emit(tx, sides.map(transferEvent));
  return sent;
}

/** Wallets hold one currency. Throws `parameter_invalid`. */
export function assertWalletCurrency(currency: string): void {
  const { currency: own } = config();
  if (currency === own) return;
  throw kitErrors.parameter_invalid({ param: "/currency", details: { reason: `wallets hold ${own}` } });
}

/** One linked chain: the money and the day's allowance. */
async function moveMoney(
  tx: Transaction,
  { userId, livemode }: UserActor,
  { id, amount, currency, receiverId }: { id: string; amount: number; currency: string; receiverId: string },
  at: Date,
): Promise<void> {
  const spender = { payerId: userId, currency, livemode };
  const accounts = await spendingAccounts(tx, allowanceDay(at), [spender], "transfer_daily");
  const { wallet, allowance } = accounts.of(spender);
  const shared = { amount, currency, reference: id };
  const chain: NewTransfer[] = [
    {
      ...shared,
      id: newId("txn"),
      code: "transfer",
      debitAccountId: wallet,
      creditAccountId: walletAccount(receiverId, currency),
      linked: true,
    },
    {
      ...shared,
      id: newId("txn"),
      code: "transfer_allowance_spent",
      debitAccountId: allowance,
      creditAccountId: allowanceSource(currency, livemode),
    },
  ];
  const results = await post(tx, [...accounts.funding, ...chain], { careful: true });
  const refusal = refusalOfSpending(results.slice(accounts.funding.length));
  if (refusal) {
    const attempt = { payerId: userId, currency, total: amount, limit: "transfer_daily", at } as const;
    throw new Refused(walletErrors[refusal]({ details: await detailsOfRefusal(tx, refusal, attempt) }));
  }
}

/** Each side is told its own view. */
const transferEvent = (side: WalletTransfer) => {
  const object = presentTransfer(side);
  return {
    id: firstEventId(side.id),
    ownerId: side.ownerId,
    livemode: side.livemode,
    type: `transfer.${object.status}`,
    objectId: side.id,
    object,
  };
};
