import { database, first, run, type Transaction } from "#kit/db.ts";
import { checkSecret, sealedNothing, sealSecret } from "./argon2.ts";
import { identityErrors } from "./errors.ts";
import { holdPassword, replacePassword, selectPassword } from "./sql.ts";
import { attemptKeys, forgiveAttempt, takeAttempt } from "./throttle.ts";
import { passwordContext } from "./user.ts";

/**
 * Compares a user's password; hashed again when the parameters have changed. For nobody it takes as long and is wrong. Gives which of the user's
 * passwords was right, from 1 on, for {@link assertPassword}; nothing when it was wrong.
 */
export async function checkPassword(userId: string | undefined, password: string): Promise<number | undefined> {
  const id = userId ?? "nobody";
  const stored = await first(database(), selectPassword, [id]);
  const sealed = stored?.sealedPassword ?? sealedNothing(passwordContext(id));
  const { right, outdated } = await checkSecret("password", password, sealed, passwordContext(id));
  if (!stored || !right) return undefined;
  if (outdated) {
    const renewed = await sealSecret("password", password, passwordContext(id));
    await run(database(), replacePassword, [id, sealed, renewed]);
  }
  return stored.generation;
}

/** Makes sure, with the transaction, that the password was not changed since it was compared. Throws `credentials_invalid`. */
export async function assertPassword(tx: Transaction, userId: string, generation: number): Promise<void> {
  if (!(await first(tx, holdPassword, [userId, generation]))) throw identityErrors.credentials_invalid();
}

/**
 * Asks somebody who is signed in for the password again, before what a stolen access token must not be enough for. Guessing is as slow as
 * signing in. Throws `password_invalid` and `sign_in_throttled`. Outside of transactions: comparing takes a while.
 */
export async function confirmPassword(userId: string, password: string, address: string): Promise<number> {
  const attempt = attemptKeys(userId, address);
  await takeAttempt(attempt);
  const generation = await checkPassword(userId, password);
  if (generation === undefined) throw identityErrors.password_invalid();
  await forgiveAttempt(database(), attempt);
  return generation;
}
