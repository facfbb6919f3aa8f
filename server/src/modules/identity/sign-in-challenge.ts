import { randomBytes } from "node:crypto";
import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import { seal, unseal } from "#kit/crypto.ts";
import { database, first, inTransaction, run, type Transaction } from "#kit/db.ts";
import type { ApiError } from "#kit/errors.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { signal } from "#kit/security-signals.ts";
import { assertPassword } from "./check-password.ts";
import { identityErrors } from "./errors.ts";
import { type FactorKind, type Factors, factorKinds, factorsOf, secondFactorsOf } from "./factors.ts";
import {
  type ChallengeRow,
  countChallengeGuess,
  deleteChallenge,
  deleteOldChallenges,
  insertChallenge,
} from "./factors-sql.ts";
import { type Arrival, openUserSession, type WantedDevice } from "./open-user-session.ts";
import { deleteUsedChallenges } from "./passkeys-sql.ts";
import { takeRecoveryCode } from "./recovery-codes.ts";
import type { RelyingParty } from "./relying-party.ts";
import { digestOf } from "./session.ts";
import { attemptKeys, forgiveGuesses, takeGuess } from "./throttle.ts";
import { findUser, type User } from "./user.ts";
import { takeTotpCode } from "./user-totp.ts";
import { passkeyOptions, verifyPasskey } from "./verify-passkey.ts";

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
  { user, device, attempt, passwordGeneration }: Arrival,
  factors: Factors,
  reason: ChallengeRow["reason"],
  party: RelyingParty,
): Promise<ApiError> {
  const secret = randomBytes(secretBytes);
  const hash = digestOf(secret);
  const sealedDevice = device ? seal(JSON.stringify(device), deviceContext({ userId: user.id, hash })) : null;
  await inTransaction(async (tx) => {
    if (passwordGeneration !== undefined) await assertPassword(tx, user.id, passwordGeneration);
    await run(tx, insertChallenge, [user.id, hash, reason, sealedDevice, attempt.account, lifeSeconds]);
  });
  const methods = secondFactorsOf(factors);
  return identityErrors.mfa_required({
    details: {
      challenge: `sc_${user.id}_${secret.toString("base64url")}`,
      methods,
      ...(methods.includes("passkey") && { passkey: await passkeyOptions(purposeOf(hash), party, user.id) }),
    },
  });
}

export const deviceContext = ({ userId, hash }: ChallengeName): string =>
  `sign_in_challenges.device ${userId} ${hash.toString("base64url")}`;

/** A passkey's answer serves the one sign-in that it was asked for. */
const purposeOf = (hash: Buffer): string => `sign_in ${hash.toString("base64url")}`;

/** One of the {@link factorKinds}. */
export interface ChallengeAnswer {
  challenge: string;
  totp?: string;
  recovery_code?: string;
  passkey?: AuthenticationResponseJSON;
}

interface Visit {
  readonly address: string;
  readonly party: RelyingParty;
}

/**
 * Finishes a sign-in that was challenged. Throws `challenge_invalid` when it is over, used up or none, `second_factor_invalid`
 * with `details.attempts_left`, and `sign_in_throttled` after many wrong codes in several sign-ins.
 */
export async function answerChallenge(answer: ChallengeAnswer, { address, party }: Visit) {
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
  const useFactor = await judge(kind, answer, { user, factors, name, address, party });
  if (!useFactor) throw wrong();
  return openUserSession({
    user,
    device: row.sealedDevice === null ? undefined : openDevice(name, row.sealedDevice),
    address,
    attempt: { ...attemptKeys("", address), account: row.attemptKey },
    useUp: async (tx) => {
      if (!(await first(tx, deleteChallenge, [name.userId, name.hash]))) throw identityErrors.challenge_invalid();
      if (!(await useFactor(tx))) throw wrong();
      await forgiveGuesses(tx, user.id);
    },
  });
}

function kindOf(answer: ChallengeAnswer): FactorKind {
  const [kind, second] = factorKinds.filter((kind) => answer[kind] !== undefined);
  if (kind === undefined) throw kitErrors.parameter_missing({ param: "/totp" });
  if (second !== undefined)
    throw kitErrors.parameter_invalid({ param: `/${second}`, details: { reason: `not together with ${kind}` } });
  return kind;
}

const openDevice = (name: ChallengeName, sealed: string): WantedDevice =>
  JSON.parse(unseal(sealed, deviceContext(name)).toString("utf8")) as WantedDevice;

interface Case {
  user: User;
  factors: Factors;
  name: ChallengeName;
  address: string;
  party: RelyingParty;
}

/** Says with the transaction whether the factor could be used up. */
type UseFactor = (tx: Transaction) => Promise<boolean>;

/** Judges an answer as far as that goes without a transaction; nothing when it is wrong. */
async function judge(
  kind: FactorKind,
  { totp = "", recovery_code: code = "", passkey }: ChallengeAnswer,
  { user, factors, name, address, party }: Case,
): Promise<UseFactor | undefined> {
  const { sealedTotpSecret: sealed } = factors;
  switch (kind) {
    case "totp":
      await takeGuess(user.id);
      return sealed === null ? undefined : (tx) => takeTotpCode(tx, user.id, sealed, totp);
    case "recovery_code":
      await takeGuess(user.id);
      return (tx) => useCode(tx, user, code, factors.recoveryCodes - 1, address);
    case "passkey": {
      if (!passkey) return undefined;
      const shown = await verifyPasskey({ credential: passkey, purpose: purposeOf(name.hash), party, address });
      return shown?.userId === user.id ? async () => true : undefined;
    }
  }
}

/** A recovery code is used rarely: its owner hears of it. */
async function useCode(tx: Transaction, user: User, code: string, left: number, address: string): Promise<boolean> {
  if (!(await takeRecoveryCode(tx, user.id, code))) return false;
  signal("recovery_code_used", { subject: user.id, address });
  const object = { object: "recovery_codes", user: user.id, left };
  const event = { type: "recovery_code.used", ownerId: user.id, livemode: user.livemode, objectId: user.id, object };
  await emit(tx, [event]);
  return true;
}

/** What nobody can answer any more; run hourly by the worker. */
export async function forgetOldChallenges(): Promise<void> {
  await run(database(), deleteOldChallenges);
  await run(database(), deleteUsedChallenges);
}
