import type { Transaction } from "#kit/db.ts";
import { userNames } from "#modules/identity";
import { merchantNames } from "#modules/merchants";

/** The other side of a record. */
export interface Party {
  readonly kind: "merchant" | "user" | "bank_account";
  readonly id: string;
}

/** Names of the other sides by id, as they are now: a merchant's as it trades, a person's masked. Who is not known has none. */
export async function namesOf(tx: Transaction, parties: readonly Party[]): Promise<Map<string, string>> {
  const ids = (kind: Party["kind"]) => [...new Set(parties.filter((p) => p.kind === kind).map((p) => p.id))];
  const names = await merchantNames(tx, ids("merchant"));
  for (const [id, { name, phone }] of await userNames(tx, ids("user"))) {
    const masked = name ?? phone;
    if (masked !== null) names.set(id, masked);
  }
  return names;
}
