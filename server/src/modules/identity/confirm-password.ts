import { database } from "#kit/db.ts";
import { identityErrors } from "./errors.ts";
import { checkPassword } from "./sign-in.ts";
import { attemptKeys, forgiveAttempt, takeAttempt } from "./throttle.ts";

/**
 * Asks somebody who is signed in for the password again, before what a stolen access token must not be enough for. Guessing is as slow as
 * signing in. Throws `password_invalid` and `sign_in_throttled`. Outside of transactions: comparing takes a while.
 */
export async function confirmPassword(userId: string, password: string, address: string): Promise<void> {
  const attempt = attemptKeys(userId, address);
  await takeAttempt(attempt);
  if (!(await checkPassword(userId, password))) throw identityErrors.password_invalid();
  await forgiveAttempt(database(), attempt);
}
