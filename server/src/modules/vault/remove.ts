import { type Actor, ownerOf } from "#kit/actor.ts";
import { type Origin, recordAct } from "#kit/audit.ts";
import { first, inTransaction, type Statement, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { type BankAccountRow, presentNamelessBankAccount } from "./bank-account.ts";
import { type CardRow, presentNamelessCard } from "./card.ts";
import { deleteBankAccount, deleteCard, forgetOwner } from "./sql.ts";

type Request = Origin & { actor: Actor };

/** Removes a card for good, its sealed number too. Throws `not_found`. */
export const removeCard = (request: Request, id: string): Promise<CardRow> =>
  remove(request, "card", deleteCard, id, presentNamelessCard);

/** Removes a bank account for good. Throws `not_found`. */
export const removeBankAccount = (request: Request, id: string): Promise<BankAccountRow> =>
  remove(request, "bank_account", deleteBankAccount, id, presentNamelessBankAccount);

function remove<Row>(
  request: Request,
  type: "card" | "bank_account",
  statement: Statement<Row>,
  id: string,
  present: (row: Row) => object,
): Promise<Row> {
  const owner = ownerOf(request.actor);
  return inTransaction(async (tx) => {
    const row = await first(tx, statement, [owner.ownerId, owner.livemode, id]);
    if (!row) throw kitErrors.not_found();
    const object = present(row);
    await recordAct(tx, request, { action: `${type}.removed`, object: { type, id }, before: object });
    await emit(tx, [{ ...owner, type: `${type}.removed`, objectId: id, object }]);
    return row;
  });
}

/** Nothing of an erased owner stays in the vault. To be run by `onErased` of identity. */
export const forgetCards = (tx: Transaction, owner: { id: string }): Promise<void> => forgetOwner(tx, owner.id);
