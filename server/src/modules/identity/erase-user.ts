import { type Origin, recordAct } from "#kit/audit.ts";
import { first, inTransaction, run } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { destroySubjectKey } from "#kit/subject-keys.ts";
import { assertPassword, confirmPassword } from "./check-password.ts";
import { endSessionsBut } from "./end-session.ts";
import { eraseUserRow, forgetUser, lockUserToErase } from "./erasure-sql.ts";
import { identityErrors } from "./errors.ts";
import { onErasure, reasonsAgainstErasure } from "./hooks.ts";
import { openUser } from "./user.ts";

/**
 * Erases a user who asks for it, for good. Whatever was sealed under the user's own key opens for nobody any more, wherever a copy lies; sessions,
 * devices and credentials are gone, and phone and email are free for somebody else. Ledger, payments and records keep the id. Throws
 * `password_invalid`, `sign_in_throttled`, and `erasure_blocked` with what has to be settled first.
 */
export async function eraseUser(userId: string, password: string, from: Origin): Promise<void> {
  const generation = await confirmPassword(userId, password, from.ip);
  await inTransaction(async (tx) => {
    const row = await first(tx, lockUserToErase, [userId]);
    if (!row) throw kitErrors.not_found();
    await assertPassword(tx, userId, generation);
    const user = openUser(row);
    const reasons = [...(row.frozen ? ["account_frozen"] : []), ...(await reasonsAgainstErasure(tx, user))];
    if (reasons.length > 0) throw identityErrors.erasure_blocked({ details: { reasons } });

    await endSessionsBut(tx, userId, null, "ended_by_owner");
    await onErasure(tx, user);
    await forgetUser(tx, userId);
    await run(tx, eraseUserRow, [userId]);
    await destroySubjectKey(tx, userId);
    await recordAct(tx, from, { action: "user.erased", object: { type: "user", id: userId }, owner: user });
    const object = { id: userId, object: "user", livemode: user.livemode };
    await emit(tx, [{ ownerId: userId, livemode: user.livemode, type: "user.erased", objectId: userId, object }]);
  });
}
