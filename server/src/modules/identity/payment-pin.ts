import { type Origin, recordAct } from "#kit/audit.ts";
import { database, first, inTransaction, run } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { checkSecret, sealSecret } from "./argon2.ts";
import { confirmPassword } from "./check-password.ts";
import { identityErrors } from "./errors.ts";
import { letters } from "./letters.ts";
import { checkOneTimeCode, type RightCode, useOneTimeCode } from "./one-time-code.ts";
import { countGuess, forgiveGuesses, replacePin, selectPin, setPin } from "./sql.ts";
import { tellOwner } from "./tell-owner.ts";
import { findUser, type User } from "./user.ts";

const mostAttempts = 5;
const lockSeconds = 15 * 60;

export const pinContext = (userId: string): string => `payment_pins.pin ${userId}`;

export interface NewPin {
  pin: string;
  password: string;
  current_pin?: string;
  /** What was sent for `reset_pin` to the phone, or to the email of whom has none. */
  code?: string;
}

/**
 * Sets or changes the payment PIN. The password is asked again, so that a stolen access token is not enough; who forgot the PIN leaves
 * `current_pin` out, and proves the phone or email by a code instead (test mode does without). A new PIN is unlocked. Throws `pin_too_simple`,
 * `password_invalid`, `sign_in_throttled`, `one_time_code_missing`, `one_time_code_invalid`, and what {@link checkPin} throws.
 */
export async function setPaymentPin(userId: string, input: NewPin, from: Origin): Promise<void> {
  if (isSimple(input.pin)) throw identityErrors.pin_too_simple();
  await confirmPassword(userId, input.password, from.ip);
  const user = await findUser(database(), userId);
  if (!user) throw kitErrors.not_found();
  const isReplaced = (await first(database(), selectPin, [userId])) !== undefined;
  if (input.current_pin !== undefined) await checkPin(userId, input.current_pin, "/current_pin");
  const right = isReplaced && input.current_pin === undefined ? await proofOf(user, input.code, from) : undefined;
  const sealed = await sealSecret("pin", input.pin, pinContext(userId));
  await inTransaction(async (tx) => {
    if (right) await useOneTimeCode(tx, right);
    await run(tx, setPin, [userId, sealed]);
    if (isReplaced) await tellOwner(tx, user, letters.payment_pin_changed);
    await recordAct(tx, from, { action: "payment_pin.set", object: { type: "user", id: userId }, owner: user });
  });
}

async function proofOf(user: User, code: string | undefined, from: Origin): Promise<RightCode | undefined> {
  if (code !== undefined) {
    const contact = user.phone === null ? { email: user.email ?? "" } : { phone: user.phone };
    return checkOneTimeCode({ ...contact, purpose: "reset_pin", code }, from.ip);
  }
  if (user.livemode) throw identityErrors.one_time_code_missing();
  return undefined;
}

/** 111111, 123456, 987654, 121212, 123123: what everybody tries first. Runs go round from 9 to 0. */
export function isSimple(pin: string): boolean {
  const digits = [...pin].map(Number);
  const steps = digits.slice(1).map((digit, i) => (digit - (digits[i] as number) + 10) % 10);
  const runs = [0, 1, 9].some((step) => steps.every((s) => s === step));
  return runs || /^(\d\d)\1\1$|^(\d{3})\2$/.test(pin);
}

/**
 * Checks the payment PIN in a transaction of its own; call it before the one that moves money. A guess is counted before it is compared,
 * so that any number at once are at most five. Throws `pin_not_set`, `pin_invalid` with `details.attempts_left`, and after
 * five wrong ones `pin_locked` with `details.retry_at` for a quarter of an hour.
 */
export async function checkPin(userId: string, pin: string, param = "/pin"): Promise<void> {
  const guess = await first(database(), countGuess, [userId, mostAttempts, lockSeconds]);
  if (!guess) {
    const stored = await first(database(), selectPin, [userId]);
    if (!stored) throw identityErrors.pin_not_set();
    if (stored.lockedUntil) throw pinLocked(stored.lockedUntil);
    // Unlocked between the two looks.
    return checkPin(userId, pin, param);
  }
  await faultPoint("identity.pin_guess_counted");
  const { right, outdated } = await checkSecret("pin", pin, guess.sealedPin, pinContext(userId));
  if (!right && guess.lockedUntil) throw pinLocked(guess.lockedUntil);
  if (!right) throw identityErrors.pin_invalid({ param, details: { attempts_left: mostAttempts - guess.attempts } });
  await run(database(), forgiveGuesses, [userId, guess.sealedPin]);
  if (outdated) {
    const renewed = await sealSecret("pin", pin, pinContext(userId));
    await run(database(), replacePin, [userId, guess.sealedPin, renewed]);
  }
}

const pinLocked = (until: Date) => identityErrors.pin_locked({ details: { retry_at: until.toISOString() } });

/** What the user may know about the own PIN. */
export async function presentPaymentPin(userId: string) {
  const stored = await first(database(), selectPin, [userId]);
  return {
    object: "payment_pin" as const,
    set: stored !== undefined,
    locked_until: stored?.lockedUntil?.toISOString() ?? null,
  };
}
