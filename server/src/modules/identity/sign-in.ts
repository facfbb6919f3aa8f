import { database } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { signal } from "#kit/security-signals.ts";
import { checkPassword } from "./check-password.ts";
import { identityErrors } from "./errors.ts";
import { type Factors, factorsOf, hasSecondFactor } from "./factors.ts";
import { contactOf, isNewDevice } from "./new-device.ts";
import { assertDevice, openUserSession, type WantedDevice } from "./open-user-session.ts";
import type { RelyingParty } from "./relying-party.ts";
import { challengeSignIn } from "./sign-in-challenge.ts";
import { attemptKeys, forgiveGuesses, takeAttempt, takeGuess } from "./throttle.ts";
import { handleOf, type PhoneOrEmail, type User, userByHandle } from "./user.ts";
import { takeTotpCode } from "./user-totp.ts";

export interface SignIn extends PhoneOrEmail {
  password: string;
  device?: WantedDevice;
  /** Six digits of RFC 6238. */
  totp?: string;
}

/** Where somebody signs in. */
export interface Visit {
  readonly address: string;
  readonly party: RelyingParty;
}

/**
 * Signs a user in. Throws `credentials_invalid` after the same work whether the account is unknown or the password wrong,
 * and `sign_in_throttled` when too many attempts went before. Only who knows the password learns that more is asked: `mfa_required`.
 */
export async function signIn(input: SignIn, visit: Visit) {
  const { address } = visit;
  const handle = handleOf(input);
  const attempt = attemptKeys(handle, address);
  await takeAttempt(attempt);
  await faultPoint("identity.sign_in_counted");
  const user = await userByHandle(database(), handle);
  const passwordGeneration = await checkPassword(user?.id, input.password);
  if (!user || passwordGeneration === undefined) {
    signal("sign_in_failed", { subject: handle, address, objectId: user?.id });
    throw identityErrors.credentials_invalid();
  }
  const factors = await factorsOf(database(), user.id);
  const isNew = await isNewDevice(user, input.device, factors);
  const arrival = { user, device: input.device, address, attempt, isNew, passwordGeneration };
  if (!hasSecondFactor(factors) && !(isNew && contactOf(user))) return openUserSession(arrival);
  if (input.totp !== undefined && factors.sealedTotpSecret !== null)
    return openUserSession({ ...arrival, useUp: await codeUse(user, factors.sealedTotpSecret, input.totp, address) });
  await assertDevice(user, input.device);
  throw await challengeSignIn(arrival, factors, visit.party);
}

/** A code beside the password: when either is wrong the answer is the same. */
async function codeUse(
  user: User,
  sealedSecret: NonNullable<Factors["sealedTotpSecret"]>,
  code: string,
  address: string,
) {
  await takeGuess(user.id);
  return async (tx: Parameters<typeof takeTotpCode>[0]): Promise<void> => {
    if (!(await takeTotpCode(tx, user.id, sealedSecret, code))) {
      signal("second_factor_wrong", { subject: user.id, address });
      throw identityErrors.credentials_invalid();
    }
    await forgiveGuesses(tx, user.id);
  };
}
