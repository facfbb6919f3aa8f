import type { Origin } from "#kit/audit.ts";
import { seal } from "#kit/crypto.ts";
import { database, first, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { signal } from "#kit/security-signals.ts";
import { confirmPassword } from "./check-password.ts";
import { identityErrors } from "./errors.ts";
import { factorsOf, hasSecondFactor, lockFactors, openTotpSecret, totpSecretContext } from "./factors.ts";
import { confirmTotp, deleteTotp, insertTotp, selectTotp, type TotpRow, useUserTotpStep } from "./factors-sql.ts";
import { dropRecoveryCodes, renewRecoveryCodes, takeRecoveryCode } from "./recovery-codes.ts";
import { tellOfFactor } from "./tell-of-factor.ts";
import { forgiveGuesses, takeGuess } from "./throttle.ts";
import { newTotpSecret, totpStep, totpUrl } from "./totp.ts";
import type { User } from "./user.ts";

/** A user's authenticator app, as its owner sees it. */
export async function readTotp(userId: string) {
  const row = await first(database(), selectTotp, [userId]);
  return presentTotp(row, (await factorsOf(database(), userId)).recoveryCodes);
}

const presentTotp = (row: TotpRow | undefined, recoveryCodesLeft: number) => ({
  object: "totp" as const,
  status: row ? (row.confirmedAt ? ("active" as const) : ("pending" as const)) : ("none" as const),
  recovery_codes_left: recoveryCodesLeft,
  created_at: row?.createdAt.toISOString() ?? null,
  confirmed_at: row?.confirmedAt?.toISOString() ?? null,
});

/**
 * Gives a secret for an authenticator app, once; it counts when {@link activateTotp} has seen a code. One that was pending is void.
 * Throws `state_conflict` while one is active.
 */
export async function startTotp(tx: Transaction, user: User) {
  const secret = newTotpSecret();
  const row = await first(tx, insertTotp, [user.id, seal(secret, totpSecretContext(user.id))]);
  if (!row) throw kitErrors.state_conflict({ details: { status: "active" } });
  const account = user.email ?? user.phone ?? user.id;
  const { recoveryCodes } = await factorsOf(tx, user.id);
  return { ...presentTotp(row, recoveryCodes), secret, otpauth_url: totpUrl(secret, account) };
}

/** Switches the pending app on by its first code, and gives recovery codes, once. Throws `totp_invalid` and `state_conflict`. */
export async function activateTotp(tx: Transaction, from: Origin, user: Owner, code: string) {
  await lockFactors(tx, user.id);
  const pending = await first(tx, selectTotp, [user.id]);
  if (!pending || pending.confirmedAt)
    throw kitErrors.state_conflict({ details: { status: pending ? "active" : "none" } });
  const step = totpStep(openTotpSecret(user.id, pending.sealedSecret), code);
  if (step === undefined) throw identityErrors.totp_invalid();
  const row = (await first(tx, confirmTotp, [user.id, pending.sealedSecret, step])) as TotpRow;
  const codes = await renewRecoveryCodes(tx, user.id);
  const shown = presentTotp(row, codes.length);
  await tellOfFactor(tx, from, user, {
    action: "totp.activated",
    type: "totp",
    id: user.id,
    letter: "totp_activated",
    after: shown,
  });
  return { ...shown, recovery_codes: codes };
}

/** The password and a code: of the app, or a recovery code when the phone with it is lost. */
export interface TotpRemoval {
  password: string;
  code?: string;
  recovery_code?: string;
}

/** Judges what is asked for before an app is switched off. Throws `password_invalid`, and `parameter_missing` without any code. */
export async function assertMayRemoveTotp(userId: string, input: TotpRemoval, address: string): Promise<void> {
  if ((input.code === undefined) === (input.recovery_code === undefined))
    throw kitErrors.parameter_missing({ param: "/code" });
  await confirmPassword(userId, input.password, address);
  // Counted in a transaction of its own: a wrong code counts even though nothing else happens.
  await takeGuess(userId);
}

/** Switches the app off. Without another factor the recovery codes go too. Throws `not_found` and `totp_invalid`. */
export async function removeTotp(tx: Transaction, from: Origin, user: Owner, input: TotpRemoval) {
  const { sealedTotpSecret } = await lockFactors(tx, user.id);
  if (sealedTotpSecret === null) throw kitErrors.not_found();
  if (input.recovery_code !== undefined) {
    if (!(await takeRecoveryCode(tx, user.id, input.recovery_code)))
      throw wrong(user.id, from.ip, identityErrors.recovery_code_invalid());
  } else if (!(await takeTotpCode(tx, user.id, sealedTotpSecret, input.code ?? "")))
    throw wrong(user.id, from.ip, identityErrors.totp_invalid());
  await first(tx, deleteTotp, [user.id]);
  const left = await factorsOf(tx, user.id);
  if (!hasSecondFactor(left)) await dropRecoveryCodes(tx, user.id);
  await forgiveGuesses(tx, user.id);
  const shown = presentTotp(undefined, hasSecondFactor(left) ? left.recoveryCodes : 0);
  await tellOfFactor(tx, from, user, {
    action: "totp.removed",
    type: "totp",
    id: user.id,
    letter: "totp_removed",
    after: shown,
  });
  return shown;
}

function wrong<E extends Error>(userId: string, address: string, error: E): E {
  signal("second_factor_wrong", { subject: userId, address });
  return error;
}

export interface Owner {
  readonly id: string;
  readonly livemode: boolean;
}

/** Uses a code of a confirmed app up, with the transaction; false when it is wrong or was used. */
export async function takeTotpCode(
  tx: Transaction,
  userId: string,
  sealedSecret: string,
  code: string,
): Promise<boolean> {
  const step = totpStep(openTotpSecret(userId, sealedSecret), code);
  return step !== undefined && (await first(tx, useUserTotpStep, [userId, sealedSecret, step])) !== undefined;
}
