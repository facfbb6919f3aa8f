import brandsOf from "credit-card-type";
import { now } from "#kit/clock.ts";
import { blindIndex } from "#kit/crypto.ts";
import { openSubjectKey, unsealFor } from "#kit/subject-keys.ts";
import type { Owner, VaultRow } from "./owner.ts";

export const cardTypes = ["chip", "magstripe", "virtual"] as const;
export type CardType = (typeof cardTypes)[number];

export interface CardRow extends VaultRow {
  readonly kind: CardType;
  readonly brand: string;
  readonly funding: "credit" | "debit" | "prepaid" | "unknown";
  readonly firstSix: string;
  readonly expMonth: number;
  readonly expYear: number;
}

export const cardNumberContext = (id: string): string => `cards.number ${id}`;
export const cardHolderContext = (id: string): string => `cards.holder ${id}`;

/** Finds the same card of the same owner; of two owners it is never the same. */
export const cardHash = ({ ownerId }: Owner, number: string): string =>
  blindIndex(`${ownerId} ${number}`, "cards.number");

/** The brand by the first digits; `undefined` when no card of that brand is that long. `unknown`: nobody's that we know. */
export function brandOf(number: string): string | undefined {
  const brands = brandsOf(number);
  if (brands.length === 0) return "unknown";
  return brands.find(({ lengths }) => lengths.includes(number.length))?.type;
}

/** Good until the end of the month that stands on it, wherever on earth that ends last. */
export const isExpired = ({ expMonth, expYear }: Pick<CardRow, "expMonth" | "expYear">): boolean =>
  now() >= Date.UTC(expYear, expMonth, 1, 12);

/** The card object of API.md, for its owner: masked, with the holder's name. */
export const presentCard = (card: CardRow) => ({
  ...presentNamelessCard(card),
  holder:
    card.sealedHolder === null
      ? null
      : unsealFor(openSubjectKey(card.ownerId, card.sealedSubjectKey), card.sealedHolder, cardHolderContext(card.id)),
});

/** As events and the audit log carry it. */
export const presentNamelessCard = (card: CardRow) => ({
  id: card.id,
  object: "card" as const,
  type: card.kind,
  brand: card.brand,
  funding: card.funding,
  first_six: card.firstSix,
  last_four: card.lastFour,
  exp_month: card.expMonth,
  exp_year: card.expYear,
  expired: isExpired(card),
  livemode: card.livemode,
  created_at: card.createdAt.toISOString(),
});
