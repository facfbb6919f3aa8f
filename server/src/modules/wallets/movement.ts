import { type Language, presentFailure } from "#kit/errors.ts";
import { firstEventId, newId } from "#kit/ids.ts";
import type { NewEvent } from "#kit/outbox.ts";
import type { MovementStatus } from "./states.ts";

/** A top-up or a withdrawal. Amounts in minor units. */
export interface Movement {
  readonly ownerId: string;
  readonly livemode: boolean;
  readonly id: string;
  readonly type: "topup" | "withdrawal";
  readonly status: MovementStatus;
  readonly amount: number;
  /** What the bank took back of a top-up and the wallet no longer held: the user owes it. */
  readonly amountOwed: number;
  readonly currency: string;
  /** The bank account's token. */
  readonly account: string;
  readonly failureCode: string | null;
  readonly lateMoney: "returning" | "returned" | "held" | null;
  readonly createdAt: Date;
  readonly succeededAt: Date | null;
  readonly returnedAt: Date | null;
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

const presentShared = (movement: Movement, language: Language) => ({
  status: movement.status,
  amount: movement.amount,
  currency: movement.currency,
  channel: "bank" as const,
  failure: movement.failureCode === null ? null : presentFailure(movement.failureCode, language),
  late_money: movement.lateMoney,
  livemode: movement.livemode,
  created_at: movement.createdAt.toISOString(),
  succeeded_at: iso(movement.succeededAt),
  returned_at: iso(movement.returnedAt),
});

/** The top-up object of the interface. */
export const presentTopUp = (movement: Movement, language: Language = "en") => ({
  id: movement.id,
  object: "topup" as const,
  source: movement.account,
  amount_owed: movement.amountOwed,
  ...presentShared(movement, language),
});

/** The withdrawal object of the interface. */
export const presentWithdrawal = (movement: Movement, language: Language = "en") => ({
  id: movement.id,
  object: "withdrawal" as const,
  destination: movement.account,
  ...presentShared(movement, language),
});

/** The event that tells a movement's present state, or `what` else happened to it. */
export function movementEvent(movement: Movement, what: string = movement.status): NewEvent {
  const { id, ownerId, livemode, type } = movement;
  return {
    id: what === "pending" ? firstEventId(id) : newId("evt"),
    ownerId,
    livemode,
    type: `${type}.${what}`,
    objectId: id,
    object: type === "topup" ? presentTopUp(movement) : presentWithdrawal(movement),
  };
}
