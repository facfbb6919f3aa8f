import { type Origin, recordAct } from "#kit/audit.ts";
import type { Transaction } from "#kit/db.ts";
import { emit } from "#kit/outbox.ts";
import { letters } from "./letters.ts";
import { tellOwner } from "./tell-owner.ts";
import { findUser } from "./user.ts";

type FactorLetter =
  | "totp_activated"
  | "totp_removed"
  | "recovery_codes_renewed"
  | "passkey_created"
  | "passkey_removed"
  | "device_trusted";

/** Something about how a user proves who they are. */
interface FactorChange {
  /** Of the act and of the event: `totp.activated`. */
  readonly action: string;
  readonly type: "totp" | "recovery_codes" | "passkey" | "device";
  readonly id: string;
  readonly eventId?: string;
  readonly before?: object;
  /** What its owner is written, for whoever did it may be somebody else. */
  readonly letter?: FactorLetter | undefined;
  /** As events carry it: without names. */
  readonly after: object;
}

/** Writes a change down for those who look for it later, and tells its owner, with the transaction. */
export async function tellOfFactor(
  tx: Transaction,
  from: Origin,
  owner: { readonly id: string; readonly livemode: boolean },
  { action, type, id, eventId, letter, before, after }: FactorChange,
): Promise<void> {
  await recordAct(tx, from, { action, object: { type, id }, owner, before, after });
  const event = { ownerId: owner.id, livemode: owner.livemode, type: action, objectId: id, object: after };
  await emit(tx, [eventId === undefined ? event : { ...event, id: eventId }]);
  const user = letter && (await findUser(tx, owner.id));
  if (user) await tellOwner(tx, user, letters[letter]);
}
