import type { Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { type NewTransfer, post } from "#modules/ledger";
import { platformAccount } from "#modules/merchants";
import type { Instruction } from "./instruction.ts";

/**
 * The transfer of a bank order between what the bank holds for us and another account: to that account for a collected sum, from it for a
 * paid one; `undone`: the other way round. Pure.
 */
export function bankTransfer(
  { kind, amount, currency, livemode, subjectId }: Instruction,
  code: string,
  account: string,
  undone?: "undone",
): NewTransfer {
  const clearing = platformAccount("bank_clearing", currency, livemode);
  const inward = (kind === "collect") === (undone === undefined);
  const [debitAccountId, creditAccountId] = inward ? [clearing, account] : [account, clearing];
  return { id: newId("txn"), debitAccountId, creditAccountId, amount, currency, code, reference: subjectId };
}

/** Posts what no guard can object to. */
export async function mustPost(tx: Transaction, transfers: readonly NewTransfer[]): Promise<void> {
  const results = await post(tx, transfers, { careful: true });
  const refused = results.find((result) => result !== "ok");
  if (refused) throw new Error(`the ledger refused what the bank has done: ${refused}`);
}
