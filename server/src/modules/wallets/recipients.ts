import type { UserActor } from "#kit/actor.ts";
import { database, type Queryable } from "#kit/db.ts";
import { findUser, type MaskedUser, maskUser, userByPhone } from "#modules/identity";
import { walletErrors } from "./errors.ts";
import { countLookup, forgiveLookup, purgeLookups, readLookups } from "./recipients-sql.ts";

/** How a sender names whom the money is for. */
export type RecipientName = { phone: string } | { user: string };

/** A user looks up this many at once; then one is forgotten a minute. Counted in the database, so that all processes count together. */
const limits = { most: 30, forgetSeconds: 60 } as const;

export interface Lookup {
  recipient: MaskedUser;
  /** `RateLimit-*` headers of draft-ietf-httpapi-ratelimit-headers-08. */
  headers: Record<string, string>;
}

/**
 * Whom a user would pay, masked. Each look-up counts, whether or not it finds somebody. Throws `recipient_lookups_limited`,
 * `recipient_not_found`.
 */
export async function lookUpRecipient(actor: UserActor, name: RecipientName, param: string): Promise<Lookup> {
  const level = await takeLookup(actor);
  const left = Math.floor(limits.most - level);
  const headers = {
    "RateLimit-Policy": `"recipients";q=${limits.most};w=${limits.most * limits.forgetSeconds}`,
    RateLimit: `"recipients";r=${left};t=${limits.forgetSeconds}`,
  };
  return { recipient: await findRecipient(database(), actor, name, param), headers };
}

/**
 * Refuses a transfer to nobody or to oneself. A phone number can be guessed, so it counts as a look-up until it turns out to be
 * somebody's; an id can't. Throws as {@link lookUpRecipient}, and `recipient_is_sender`.
 */
export async function checkRecipient(actor: UserActor, to: RecipientName): Promise<void> {
  const guessed = "phone" in to;
  if (guessed) await takeLookup(actor);
  const recipient = await recipientOf(database(), actor, to);
  if (guessed) await forgiveLookup(database(), actor.userId);
  if (recipient.id === actor.userId) throw walletErrors.recipient_is_sender();
}

/** The recipient of a transfer. Throws `recipient_not_found`. */
export const recipientOf = (on: Queryable, actor: UserActor, to: RecipientName): Promise<MaskedUser> =>
  findRecipient(on, actor, to, "phone" in to ? "/to/phone" : "/to/user");

async function takeLookup({ userId }: UserActor): Promise<number> {
  const level = await countLookup(database(), userId, limits);
  if (level !== undefined) return level;
  const over = (await readLookups(database(), userId, limits.forgetSeconds)) + 1 - limits.most;
  throw walletErrors.recipient_lookups_limited({ retryAfter: Math.max(1, Math.ceil(over * limits.forgetSeconds)) });
}

/** Users of the other mode are nobody here. */
async function findRecipient(
  on: Queryable,
  { livemode }: UserActor,
  name: RecipientName,
  param: string,
): Promise<MaskedUser> {
  const user = "phone" in name ? await userByPhone(on, name.phone) : await findUser(on, name.user);
  if (user?.livemode !== livemode) throw walletErrors.recipient_not_found({ param });
  return maskUser(user);
}

/** Run daily by the worker. */
export const forgetOldLookups = (): Promise<unknown> => purgeLookups(database());
