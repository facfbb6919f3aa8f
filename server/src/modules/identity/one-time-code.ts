import { randomInt, randomUUID } from "node:crypto";
import { blindIndex, constantTimeEqual } from "#kit/crypto.ts";
import { database, first, inTransaction, run, type Transaction } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { assertDeliverable, type Recipient, sendMessage } from "#kit/messages.ts";
import { networkOf } from "#kit/networks.ts";
import { signal } from "#kit/security-signals.ts";
import { identityErrors } from "./errors.ts";
import { letters } from "./letters.ts";
import { paceCodes } from "./one-time-code-pace.ts";
import { countGuesses, deleteOldCodes, insertCode, selectCode, takeCode } from "./one-time-code-sql.ts";
import { selectHandle } from "./sql.ts";
import { attemptKeys, forgiveAttempt, takeAttempt } from "./throttle.ts";
import { handleOf, livemode, type PhoneOrEmail } from "./user.ts";

/**
 * Six digits that prove a phone or an email. A code is good for one purpose, one handle, ten minutes and one use; it is stored as a keyed hash.
 * Five guesses may be made at it from the network that asked for it and three from all others, so nobody elsewhere can use up the owner's.
 */
export type CodePurpose =
  | "register"
  | "sign_in"
  | "reset_password"
  | "reset_pin"
  | "verify"
  | "change_phone"
  | "change_email";

export const codeSeconds = 600;
const guessesFromThere = 5;
const guessesFromElsewhere = 3;

export interface CodeRequest extends PhoneOrEmail {
  purpose: CodePurpose;
  language: Language;
}

/** For purposes that claim a handle it must be free, for the others somebody's. */
const claims: ReadonlySet<CodePurpose> = new Set(["register", "change_phone", "change_email"]);

/**
 * Sends a code to a phone or an email. Nothing that the caller can see, statements and sizes included, depends on whether it is somebody's: who can't
 * use a code gets none, and the owner of a taken handle is told that there is an account. Throws `one_time_codes_limited`, `message_undeliverable`.
 */
export async function sendOneTimeCode(request: CodeRequest, address: string): Promise<void> {
  const { purpose, language } = request;
  const handle = handleOf(request);
  if (purpose === "change_phone" && request.phone === undefined) throw kitErrors.parameter_missing({ param: "/phone" });
  if (purpose === "change_email" && request.email === undefined) throw kitErrors.parameter_missing({ param: "/email" });
  assertDeliverable(recipientOf(request));
  // Asked for by who knows the password alone: codes that strangers ask for must not use its pace up.
  await paceCodes(purpose === "sign_in" ? `${handle} sign_in` : handle, address);
  const code = newCode();
  await inTransaction(async (tx) => {
    const isTaken = (await first(tx, selectHandle, [handle, livemode()])) !== undefined;
    const isUsable = claims.has(purpose) !== isTaken;
    const place = placeOf(handle, purpose, address);
    // What can't be used is nothing that could be typed, so it can't be hit upon either.
    const hash = hashOf(place, isUsable ? code : randomUUID());
    await run(tx, insertCode, [...place, hash, codeSeconds]);
    const letter = isTaken && claims.has(purpose) ? letters.account_exists : letters.one_time_code;
    await sendMessage(tx, {
      to: recipientOf(request),
      muted: !isTaken && !isUsable,
      livemode: livemode(),
      usefulSeconds: codeSeconds,
      ...letter(language, { code, purpose }),
    });
  });
}

const recipientOf = ({ phone, email }: PhoneOrEmail): Recipient =>
  phone !== undefined ? { phone } : { email: email as string };

const newCode = (): string => String(randomInt(1_000_000)).padStart(6, "0");

type Place = readonly [handle: string, livemode: boolean, purpose: CodePurpose, network: string];

const placeOf = (handle: string, purpose: CodePurpose, address: string): Place => [
  handle,
  livemode(),
  purpose,
  blindIndex(networkOf(address), "one_time_codes.network"),
];

const hashOf = (place: Place, code: string): string => blindIndex(`${place.join(" ")} ${code}`, "one_time_codes.code");

/** Whether a code for this purpose, asked for from there, may still be used. */
export async function isCodeOut(
  { purpose, ...who }: PhoneOrEmail & { purpose: CodePurpose },
  address: string,
): Promise<boolean> {
  const place = placeOf(handleOf(who), purpose, address);
  return (await first(database(), selectCode, [...place, guessesFromThere])) !== undefined;
}

/** A code that was right when it was looked at; {@link useOneTimeCode} uses it up. */
export interface RightCode {
  readonly place: Place;
  readonly hash: string;
}

/**
 * Compares a code, in statements of its own: a guess counts whatever becomes of the request. To be called before the transaction that
 * {@link useOneTimeCode} belongs to. Throws `one_time_code_invalid` for a wrong, used or expired one, and `sign_in_throttled`.
 */
export async function checkOneTimeCode(
  { purpose, code, ...who }: PhoneOrEmail & { purpose: CodePurpose; code: string },
  address: string,
): Promise<RightCode> {
  const handle = handleOf(who);
  const attempt = attemptKeys(`${purpose} ${handle}`, address);
  await takeAttempt(attempt);
  const place = placeOf(handle, purpose, address);
  const found = await run(database(), countGuesses, [...place, guessesFromThere, guessesFromElsewhere]);
  let right: RightCode | undefined;
  for (const { network, codeHash } of found) {
    const guessed = hashOf([handle, livemode(), purpose, network], code);
    if (constantTimeEqual(guessed, codeHash)) right = { place, hash: codeHash };
  }
  if (!right) {
    signal("one_time_code_wrong", { subject: handle, address, livemode: livemode(), details: { purpose } });
    throw identityErrors.one_time_code_invalid();
  }
  await forgiveAttempt(database(), attempt);
  return right;
}

/** Uses a right code up, with the transaction. Throws `one_time_code_invalid` when somebody else was first. */
export async function useOneTimeCode(tx: Transaction, { place, hash }: RightCode): Promise<void> {
  const [handle, livemode, purpose] = place;
  const taken = await run(tx, takeCode, [handle, livemode, purpose]);
  if (!taken.some(({ codeHash }) => codeHash === hash)) throw identityErrors.one_time_code_invalid();
}

/** Run daily by the worker. */
export async function forgetOldCodes(): Promise<void> {
  await run(database(), deleteOldCodes);
}
