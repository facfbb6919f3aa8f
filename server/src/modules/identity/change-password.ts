import { type Origin, recordAct } from "#kit/audit.ts";
import { database, first, inTransaction, run, type Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { setPassword } from "./account-sql.ts";
import { sealSecret } from "./argon2.ts";
import { confirmPassword } from "./check-password.ts";
import { endSessionsBut } from "./end-session.ts";
import { identityErrors } from "./errors.ts";
import { deleteChallengesOf } from "./factors-sql.ts";
import { letters } from "./letters.ts";
import { checkOneTimeCode, useOneTimeCode } from "./one-time-code.ts";
import { checkNewPassword } from "./password-rules.ts";
import { tellOwner } from "./tell-owner.ts";
import { attemptKeys, forgiveAttempt } from "./throttle.ts";
import { findUser, handleOf, type PhoneOrEmail, passwordContext, type User, userByHandle } from "./user.ts";

export interface PasswordChange {
  password: string;
  new_password: string;
}

/**
 * Changes the password of somebody who knows the old one, and ends every other session: at once in all processes. Gives how many. Throws
 * `password_invalid`, `sign_in_throttled`, and what {@link checkNewPassword} throws.
 */
export async function changePassword(
  { userId, sessionId }: { userId: string; sessionId: string },
  change: PasswordChange,
  from: Origin,
): Promise<number> {
  const user = await findUser(database(), userId);
  if (!user) throw kitErrors.not_found();
  checkNewPassword(change.new_password, user, { param: "/new_password" });
  const generation = await confirmPassword(userId, change.password, from.ip);
  const sealed = await sealSecret("password", change.new_password, passwordContext(userId));
  await faultPoint("identity.password_confirmed");
  return inTransaction(async (tx) => {
    // Changed meanwhile: what was confirmed is the password no more.
    if (!(await first(tx, setPassword, [userId, generation, sealed]))) throw identityErrors.password_invalid();
    return afterChange(tx, user, from, { keep: sessionId, reason: "password_changed" });
  });
}

export interface PasswordReset extends PhoneOrEmail {
  code: string;
  password: string;
}

/**
 * Sets a new password for whom the one-time code reached, and ends every session. The payment PIN and its lock stay as they are, and so do second
 * factors: this signs nobody in. Throws `one_time_code_invalid`, `sign_in_throttled`, and what {@link checkNewPassword} throws.
 */
export async function resetPassword({ code, password, ...who }: PasswordReset, from: Origin): Promise<number> {
  checkNewPassword(password, who);
  const right = await checkOneTimeCode({ ...who, purpose: "reset_password", code }, from.ip);
  const handle = handleOf(who);
  const user = await userByHandle(database(), handle);
  if (!user) throw identityErrors.one_time_code_invalid();
  checkNewPassword(password, user);
  const sealed = await sealSecret("password", password, passwordContext(user.id));
  return inTransaction(async (tx) => {
    await useOneTimeCode(tx, right);
    await first(tx, setPassword, [user.id, null, sealed]);
    // Who came here may have guessed at the old one before.
    await forgiveAttempt(tx, attemptKeys(handle, from.ip));
    return afterChange(tx, user, from, { keep: null, reason: "password_reset" });
  });
}

/** What follows either way. The password is set already, so a sign-in that saw the old one either is ended here or waits and is refused. */
async function afterChange(
  tx: Transaction,
  user: User,
  from: Origin,
  { keep, reason }: { keep: string | null; reason: "password_changed" | "password_reset" },
): Promise<number> {
  await run(tx, deleteChallengesOf, [user.id]);
  const ended = await endSessionsBut(tx, user.id, keep, reason);
  await tellOwner(tx, user, letters[reason]);
  await recordAct(tx, from, {
    action: `user.${reason}`,
    object: { type: "user", id: user.id },
    owner: user,
    after: { sessions_ended: ended },
  });
  return ended;
}
