import type { UserActor } from "#kit/actor.ts";
import { type Origin, recordAct, type SystemOrigin } from "#kit/audit.ts";
import { invalidate } from "#kit/cache.ts";
import { first, inTransaction, run, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { endSessionsBut as endSessionsButStatement } from "./account-sql.ts";
import { standingKey } from "./authenticate.ts";
import type { Session } from "./session.ts";
import { endSession as endSessionStatement, endSessionsOfDevice } from "./sql.ts";

interface SessionName {
  ownerId: string;
  sessionId: string;
}

export type EndReason = "signed_out" | "ended_by_owner" | "refresh_token_reused";

/**
 * Ends one session of its owner: its refresh token is dead at once, its access token within moments in every process.
 * Gives nothing when there is none that lives; somebody else's is none.
 */
export function endSession(
  { ownerId, sessionId }: SessionName,
  reason: EndReason,
  from: Origin | SystemOrigin,
): Promise<Session | undefined> {
  return inTransaction(async (tx) => {
    const session = await first(tx, endSessionStatement, [ownerId, sessionId, reason]);
    if (!session) return undefined;
    await tellOfEnd(tx, session);
    await recordAct(tx, from, {
      action: "session.ended",
      object: { type: "session", id: sessionId },
      owner: session.ownerKind === "user" ? { id: ownerId, livemode: session.livemode } : undefined,
      reason,
    });
    return session;
  });
}

/** As {@link endSession} for the one whose session it is. Throws `not_found`. */
export async function endOwnSession(name: SessionName, reason: EndReason, from: Origin): Promise<Session> {
  const ended = await endSession(name, reason, from);
  if (!ended) throw kitErrors.not_found();
  return ended;
}

/** Ends what was signed in from a device, with the transaction. A person has one or two such sessions. */
export async function endSessionsFrom(tx: Transaction, ownerId: string, deviceId: string): Promise<void> {
  for (const session of await run(tx, endSessionsOfDevice, [ownerId, deviceId])) await tellOfEnd(tx, session);
}

/** Ends every session of somebody but this one, with the transaction; of all of them without. Gives how many. */
export async function endSessionsBut(
  tx: Transaction,
  ownerId: string,
  keep: string | null,
  reason: "password_changed" | "password_reset" | "staff_changed" | "ended_by_owner",
): Promise<number> {
  const ended = await run(tx, endSessionsButStatement, [ownerId, keep, reason]);
  await Promise.all(ended.map((session) => tellOfEnd(tx, session)));
  return ended.length;
}

/** Ends every session of a user but the one that asks, with the transaction, and writes down how many. */
export async function endOtherSessions(tx: Transaction, from: Origin, actor: UserActor): Promise<void> {
  const { userId: id, sessionId, livemode } = actor;
  const ended = await endSessionsBut(tx, id, sessionId, "ended_by_owner");
  await recordAct(tx, from, {
    action: "user.other_sessions_ended",
    object: { type: "user", id },
    owner: { id, livemode },
    after: { sessions_ended: ended },
  });
}

const tellOfEnd = (tx: Transaction, { ownerId, id }: Session): Promise<void> =>
  invalidate(tx, "identity.sessions", standingKey(ownerId, id));
