import { approvable } from "#kit/approvable.ts";
import { type Origin, recordAct } from "#kit/audit.ts";
import { first, inTransaction, run, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { destroySubjectKey } from "#kit/subject-keys.ts";
import { assertPassword, confirmPassword } from "./check-password.ts";
import { endSessionsBut } from "./end-session.ts";
import { eraseUserRow, forgetUser, lockUserToErase, type RowToErase } from "./erasure-sql.ts";
import { identityErrors } from "./errors.ts";
import { onErasure, reasonsAgainstErasure } from "./hooks.ts";
import { livemode, openUser } from "./user.ts";

/**
 * Erases a user who asks for it, for good. Throws `password_invalid`, `sign_in_throttled`, `not_found`, and `erasure_blocked` with what has to be
 * settled first.
 */
export async function eraseUser(userId: string, password: string, from: Origin): Promise<void> {
  const generation = await confirmPassword(userId, password, from.ip);
  await inTransaction(async (tx) => {
    const row = await lockToErase(tx, userId);
    await assertPassword(tx, userId, generation);
    await erase(tx, row, from);
  });
}

/** The same for a user who can't sign in any more, or asked by letter: a member of staff says why, and another agrees. */
export const erases = approvable<{ reason: string }>({
  kind: "user.erase",
  en: "Erase a user, for good",
  zh: "注销用户（不可恢复）",
  permission: "users:erase",
  needs: () => "power",
  async perform(tx, { params, body }, _actor, from) {
    const row = await lockToErase(tx, params.id as string);
    // Users of the mode that is not served here don't exist.
    if (row.livemode !== livemode()) throw kitErrors.not_found();
    await erase(tx, row, from, body.reason);
    return presentErasure(row.id);
  },
});

export const presentErasure = (user: string) => ({ object: "erasure" as const, user });

async function lockToErase(tx: Transaction, userId: string): Promise<RowToErase> {
  const row = await first(tx, lockUserToErase, [userId]);
  if (!row) throw kitErrors.not_found();
  return row;
}

/**
 * Whatever was sealed under the user's own key opens for nobody any more, wherever a copy lies; sessions, devices and credentials are gone, and phone
 * and email are free for somebody else. Ledger, payments and records keep the id.
 */
async function erase(tx: Transaction, row: RowToErase, from: Origin, reason?: string): Promise<void> {
  const user = openUser(row);
  const { id } = user;
  const reasons = [...(row.frozen ? ["account_frozen"] : []), ...(await reasonsAgainstErasure(tx, user))];
  if (reasons.length > 0) throw identityErrors.erasure_blocked({ details: { reasons } });

  await endSessionsBut(tx, id, null, "ended_by_owner");
  await onErasure(tx, user);
  await forgetUser(tx, id);
  await run(tx, eraseUserRow, [id]);
  await destroySubjectKey(tx, id);
  await recordAct(tx, from, { action: "user.erased", object: { type: "user", id }, owner: user, reason });
  const object = { id, object: "user", livemode: user.livemode };
  await emit(tx, [{ ownerId: id, livemode: user.livemode, type: "user.erased", objectId: id, object }]);
}
