import { type Actor, ownerOf } from "#kit/actor.ts";
import { type Origin, recordAct } from "#kit/audit.ts";
import { isLuhn } from "#kit/card-numbers.ts";
import { first, run, type Transaction } from "#kit/db.ts";
import { firstEventId, newId } from "#kit/ids.ts";
import { emit } from "#kit/outbox.ts";
import { signal } from "#kit/security-signals.ts";
import { sealFor, subjectKey } from "#kit/subject-keys.ts";
import {
  brandOf,
  type CardRow,
  type CardType,
  cardHash,
  cardHolderContext,
  cardNumberContext,
  isExpired,
  presentNamelessCard,
} from "./card.ts";
import { vaultErrors } from "./errors.ts";
import { insertCard, lockOwner, selectCardByNumber } from "./sql.ts";

/** Enough for anybody's wallet, and too few to try numbers out. */
const mostCards = 20;

export interface NewCard {
  number: string;
  exp_month: number;
  exp_year: number;
  holder?: string;
  type?: CardType;
}

/**
 * Saves a card: its number is sealed, and a token stands for it from now on. Throws `card_number_invalid`, `card_expired`, `card_exists`,
 * `card_limit_reached`.
 */
export async function addCard(tx: Transaction, request: Origin & { actor: Actor }, input: NewCard): Promise<CardRow> {
  const owner = ownerOf(request.actor);
  const number = input.number.replace(/[ -]/g, "");
  const brand = isLuhn(number) ? brandOf(number) : undefined;
  const refused = (reason: string) =>
    signal("card_refused", { subject: owner.ownerId, address: request.ip, details: { reason } });
  if (!brand) {
    refused("number");
    throw vaultErrors.card_number_invalid();
  }
  const [expMonth, expYear] = [input.exp_month, input.exp_year];
  if (isExpired({ expMonth, expYear })) {
    refused("expired");
    throw vaultErrors.card_expired();
  }
  await run(tx, lockOwner, [owner.ownerId]);
  const id = newId("card");
  const key = await subjectKey(tx, owner.ownerId);
  const numberHash = cardHash(owner, number);
  const card = await first(tx, insertCard, [
    owner.ownerId,
    owner.livemode,
    id,
    input.type ?? "chip",
    brand,
    numberHash,
    sealFor(key, number, cardNumberContext(id)),
    input.holder === undefined ? null : sealFor(key, input.holder.normalize("NFC").trim(), cardHolderContext(id)),
    number.slice(0, 6),
    number.slice(-4),
    expMonth,
    expYear,
    mostCards,
  ]);
  if (!card) {
    const same = await first(tx, selectCardByNumber, [owner.ownerId, owner.livemode, numberHash]);
    if (same) throw vaultErrors.card_exists({ details: { card: same.id } });
    throw vaultErrors.card_limit_reached({ details: { most: mostCards } });
  }
  const object = presentNamelessCard(card);
  await recordAct(tx, request, { action: "card.added", object: { type: "card", id }, after: object });
  await emit(tx, [{ id: firstEventId(id), ...owner, type: "card.added", objectId: id, object }]);
  return card;
}
