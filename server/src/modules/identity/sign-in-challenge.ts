import { randomBytes } from "node:crypto";
import { seal, unseal } from "#kit/crypto.ts";
import { database, first, inTransaction, run } from "#kit/db.ts";
import { ApiError } from "#kit/errors.ts";
import { signal } from "#kit/security-signals.ts";
import { assertPassword } from "./check-password.ts";
import { identityErrors } from "./errors.ts";
import { type FactorKind, type Factors, factorsOf, hasSecondFactor, secondFactorsOf } from "./factors.ts";
import {
  type ChallengeRow,
  countChallengeGuess,
  deleteChallenge,
  deleteOldChallenges,
  insertChallenge,
} from "./factors-sql.ts";
import { type FactorAnswer, judgeFactor, kindOf } from "./judge-factor.ts";
import { maskEmail, maskPhone } from "./masks.ts";
import { contactOf, isNewDevice } from "./new-device.ts";
import { isCodeOut, sendOneTimeCode } from "./one-time-code.ts";
import { type Arrival, openUserSession, type WantedDevice } from "./open-user-session.ts";
import { deleteUsedChallenges } from "./passkeys-sql.ts";
import type { RelyingParty } from "./relying-party.ts";
import { digestOf } from "./session.ts";
import { attemptKeys, forgiveGuesses } from "./throttle.ts";
import { findUser, type User } from "./user.ts";
import { passkeyOptions } from "./verify-passkey.ts";

/**
 * A sign-in whose password was right and that needs another proof. The client holds `sc_<user>_<base64url of 32 bytes>`; the digest of the
 * bytes is stored. It lives for five minutes and five guesses; right answers are one.
 */
const lifeSeconds = 300;
const mostGuesses = 5;
const secretBytes = 32;

interface ChallengeName {
  userId: string;
  hash: Buffer;
}

/** Throws `challenge_invalid`. */
function readChallenge(text: string): ChallengeName {
  const match = /^sc_(usr_[0-9a-z]{26})_([\w-]{43})$/.exec(text);
  if (!match) throw identityErrors.challenge_invalid();
  const [, userId, secret] = match as unknown as [string, string, string];
  return { userId, hash: digestOf(Buffer.from(secret, "base64url")) };
}

/** Opens a challenge and gives the error that carries it: `mfa_required`. */
export async function challengeSignIn(
  { user, device, address, attempt, passwordGeneration }: Arrival,
  factors: Factors,
  party: RelyingParty,
): Promise<ApiError> {
  const reason: ChallengeRow["reason"] = hasSecondFactor(factors) ? "second_factor" : "new_device";
  const sentTo = reason === "new_device" ? await sendCode(user, address) : undefined;
  const secret = randomBytes(secretBytes);
  const hash = digestOf(secret);
  const sealedDevice = device ? seal(JSON.stringify(device), deviceContext({ userId: user.id, hash })) : null;
  await inTransaction(async (tx) => {
    if (passwordGeneration !== undefined) await assertPassword(tx, user.id, passwordGeneration);
    await run(tx, insertChallenge, [user.id, hash, reason, sealedDevice, attempt.account, lifeSeconds]);
  });
  const methods: FactorKind[] = reason === "new_device" ? ["one_time_code"] : secondFactorsOf(factors);
  return identityErrors.mfa_required({
    details: {
      challenge: `sc_${user.id}_${secret.toString("base64url")}`,
      reason,
      methods,
      ...(sentTo !== undefined && { sent_to: sentTo }),
      ...(methods.includes("passkey") && { passkey: await passkeyOptions(purposeOf(hash), party, user.id) }),
    },
  });
}

export const deviceContext = ({ userId, hash }: ChallengeName): string =>
  `sign_in_challenges.device ${userId} ${hash.toString("base64url")}`;

/** A passkey's answer serves the one sign-in that it was asked for. */
const purposeOf = (hash: Buffer): string => `sign_in ${hash.toString("base64url")}`;

/** Sends a code to the user's phone or email, and says masked to which. One that went out a moment ago will do. */
async function sendCode(user: User, address: string): Promise<string> {
  const contact = contactOf(user) ?? {};
  const wanted = { ...contact, purpose: "sign_in" } as const;
  await sendOneTimeCode({ ...wanted, language: user.locale }, address).catch(async (error: unknown) => {
    const isSoonAfter = error instanceof ApiError && error.code === "one_time_codes_limited";
    if (!isSoonAfter || !(await isCodeOut(wanted, address))) throw error;
  });
  return contact.phone === undefined ? maskEmail(contact.email ?? "") : maskPhone(contact.phone);
}

interface Visit {
  readonly address: string;
  readonly party: RelyingParty;
}

/**
 * Finishes a sign-in that was challenged. Throws `challenge_invalid` when it is over, used up or none, `second_factor_invalid`
 * with `details.attempts_left`, and `sign_in_throttled` after many wrong codes in several sign-ins.
 */
export async function answerChallenge(answer: FactorAnswer & { challenge: string }, { address, party }: Visit) {
  const kind = kindOf(answer);
  const name = readChallenge(answer.challenge);
  // Counted before it is judged. Only who knows the password holds a challenge, so a stranger can use up nobody's guesses.
  const row = await first(database(), countChallengeGuess, [name.userId, name.hash, mostGuesses]);
  const user = row && (await findUser(database(), name.userId));
  if (!user) throw identityErrors.challenge_invalid();
  const factors = await factorsOf(database(), user.id);
  const wrong = () => {
    signal("second_factor_wrong", { subject: user.id, address });
    return identityErrors.second_factor_invalid({ details: { attempts_left: mostGuesses - row.guesses } });
  };
  const purpose = purposeOf(name.hash);
  const useFactor = await judgeFactor(kind, answer, { user, factors, reason: row.reason, purpose, address, party });
  if (!useFactor) throw wrong();
  const device = row.sealedDevice === null ? undefined : openDevice(name, row.sealedDevice);
  return openUserSession({
    user,
    device,
    isNew: await isNewDevice(user, device, factors),
    address,
    attempt: { ...attemptKeys("", address), account: row.attemptKey },
    useUp: async (tx) => {
      if (!(await first(tx, deleteChallenge, [name.userId, name.hash]))) throw identityErrors.challenge_invalid();
      if (!(await useFactor(tx))) throw wrong();
      await forgiveGuesses(tx, user.id);
    },
  });
}

const openDevice = (name: ChallengeName, sealed: string): WantedDevice =>
  JSON.parse(unseal(sealed, deviceContext(name)).toString("utf8")) as WantedDevice;

/** What nobody can answer any more; run hourly by the worker. */
export async function forgetOldChallenges(): Promise<void> {
  await run(database(), deleteOldChallenges);
  await run(database(), deleteUsedChallenges);
}
