import type { Transaction } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { canDeliver, type Recipient, sendMessage } from "#kit/messages.ts";
import type { Letter } from "./letters.ts";
import type { User } from "./user.ts";

/** News that the owner may act on are of use for a day. */
const usefulSeconds = 86_400;

/**
 * Tells a user, by phone and by email, what was done to the account: who did it may not be the owner. Where nothing is set up to send by,
 * nothing is sent.
 */
export async function tellOwner(
  tx: Transaction,
  { phone, email, locale, livemode }: User,
  letter: (language: Language) => Letter,
): Promise<void> {
  const contacts: Recipient[] = [...(phone === null ? [] : [{ phone }]), ...(email === null ? [] : [{ email }])];
  for (const to of contacts)
    if (canDeliver(to)) await sendMessage(tx, { to, livemode, usefulSeconds, ...letter(locale) });
}
