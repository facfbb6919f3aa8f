import { type Origin, recordAct, type SystemOrigin } from "#kit/audit.ts";
import { first, inTransaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { openSubjectKey, unsealFor } from "#kit/subject-keys.ts";
import { cardNumberContext, isExpired } from "./card.ts";
import { vaultErrors } from "./errors.ts";
import type { Owner } from "./owner.ts";
import { selectCard } from "./sql.ts";

/**
 * The only way to a card's full number: `use` gets it after the audit log has it on disk who asked and what for, and outside any
 * transaction. Neither the number nor what is made of it may be kept, logged or thrown. Throws `not_found`, `card_expired`.
 */
export async function withCardNumber<T>(
  from: Origin | SystemOrigin,
  { ownerId, livemode }: Owner,
  id: string,
  purpose: string,
  use: (number: string) => Promise<T>,
): Promise<T> {
  const number = await inTransaction(async (tx) => {
    const card = await first(tx, selectCard, [ownerId, livemode, id]);
    if (!card) throw kitErrors.not_found();
    if (isExpired(card)) throw vaultErrors.card_expired();
    await recordAct(tx, from, {
      action: "card.number_used",
      object: { type: "card", id },
      owner: { id: ownerId, livemode },
      reason: purpose,
    });
    return unsealFor(openSubjectKey(ownerId, card.sealedSubjectKey), card.sealedNumber, cardNumberContext(id));
  });
  return use(number);
}
