import { AddressSet, readRange } from "#kit/addresses.ts";
import { first, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import type { ApiKey } from "./api-key.ts";
import { merchantErrors } from "./errors.ts";
import type { Keeper } from "./reach.ts";
import { selectKey } from "./sql.ts";

/** From where a key may be used and whether its requests must be signed. */
type Restrictions = Pick<ApiKey, "allowedAddresses" | "requireSignature">;

/** Throws `parameter_invalid` for the first text that is no address or range. */
export function checkAddresses(texts: readonly string[] | null | undefined): void {
  const wrong = texts?.findIndex((text) => !readRange(text)) ?? -1;
  if (wrong < 0) return;
  const details = { reason: "must be an address or a range such as 203.0.113.0/24 or 2001:db8::/32" };
  throw kitErrors.parameter_invalid({ param: `/allowed_addresses/${wrong}`, details });
}

/** The restrictions of the key that asks; staff have none. */
export async function restrictionsOf(tx: Transaction, actor: Keeper): Promise<Restrictions | undefined> {
  if (actor.kind === "staff") return undefined;
  return first(tx, selectKey, [actor.keyId, actor.merchantId, actor.livemode]);
}

/** Whoever got hold of a restricted key's rights within its bounds can't leave them by another key. Throws `key_restriction_wider`. */
export function requireNoWider(own: Restrictions | undefined, wanted: Restrictions): void {
  if (own?.requireSignature && !wanted.requireSignature)
    throw merchantErrors.key_restriction_wider({ param: "/require_signature" });
  const bounds = own?.allowedAddresses;
  if (bounds && !(wanted.allowedAddresses && new AddressSet(bounds).covers(wanted.allowedAddresses)))
    throw merchantErrors.key_restriction_wider({ param: "/allowed_addresses" });
}
