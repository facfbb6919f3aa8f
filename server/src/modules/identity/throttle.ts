import { blindIndex } from "#kit/crypto.ts";
import { database, first, inTransaction, type Queryable, run, type Transaction } from "#kit/db.ts";
import { networkOf } from "#kit/networks.ts";
import { identityErrors } from "./errors.ts";
import { countAttempt, deleteOldAttempts, forgiveAttempts, selectPause } from "./sql.ts";

/**
 * Slows guessing down. Attempts are counted before they are judged, in the database, so that many at once and many processes count as one:
 * - by account and network (IPv4 address, IPv6 /64): five are free, then the pause doubles from a second to a quarter of an hour. The owner,
 *   who comes from another network, does not notice; so nobody can be locked out by somebody else.
 * - by network, over all accounts: a hundred are free, so that a campus behind one address can sign in, and two seconds forget one.
 * What turns out right is not held against anybody.
 */
const ofAccount = { free: 5, forgetSeconds: 600, longestSeconds: 900 } as const;
/**
 * Codes of a second factor are guessed by those who know the password, from wherever they are: these are counted by account alone.
 * A stranger does not come so far, and so holds nobody up.
 */
const ofFactor = { free: 10, forgetSeconds: 600, longestSeconds: 900 } as const;
const ofNetwork = { free: 100, forgetSeconds: 2, longestSeconds: 30 } as const;

export interface AttemptKeys {
  account: string;
  network: string;
}

/** `account` is what was typed (a handle) or an id; it need not exist. */
export const attemptKeys = (account: string, address: string): AttemptKeys => ({
  account: blindIndex(`${account} ${networkOf(address)}`, "sign_in_attempts.account"),
  network: blindIndex(networkOf(address), "sign_in_attempts.network"),
});

/** Counts an attempt, or throws `sign_in_throttled` without counting it. */
export const takeAttempt = ({ account, network }: AttemptKeys): Promise<void> =>
  inTransaction(async (tx) => {
    await take(tx, network, ofNetwork);
    await take(tx, account, ofAccount);
  });

/** As {@link takeAttempt} for an open request that names no account. Gives what {@link forgiveAttempt} wants. */
export async function takeNamelessAttempt(address: string): Promise<AttemptKeys> {
  const keys = attemptKeys("", address);
  await inTransaction((tx) => take(tx, keys.network, ofNetwork));
  return keys;
}

const guessKey = (userId: string): string => blindIndex(userId, "sign_in_attempts.factor");

/** Counts a guess at a user's second factor, or throws `sign_in_throttled` without counting it. */
export const takeGuess = (userId: string): Promise<void> => inTransaction((tx) => take(tx, guessKey(userId), ofFactor));

/** The guess was right. */
export async function forgiveGuesses(on: Queryable, userId: string): Promise<void> {
  await run(on, forgiveAttempts, [guessKey(userId), ""]);
}

async function take(
  tx: Transaction,
  key: string,
  limits: Record<"free" | "forgetSeconds" | "longestSeconds", number> | typeof ofFactor,
): Promise<void> {
  const { free, forgetSeconds, longestSeconds } = limits;
  if (await first(tx, countAttempt, [key, free, forgetSeconds, longestSeconds])) return;
  const pause = await first(tx, selectPause, [key, free, longestSeconds]);
  throw identityErrors.sign_in_throttled({ retryAfter: pause?.seconds ?? 1 });
}

/** So many looks at personal data are free; then one every three minutes, and pauses between. */
const ofUnmasking = { free: 20, forgetSeconds: 180, longestSeconds: 3_600 } as const;

/** Counts a look of a member of staff at personal data, or throws `sign_in_throttled`. */
export const takeUnmasking = (staffId: string): Promise<void> =>
  inTransaction((tx) => take(tx, blindIndex(staffId, "unmasking"), ofUnmasking));

/** The attempt was right. */
export async function forgiveAttempt(on: Queryable, { account, network }: AttemptKeys): Promise<void> {
  await run(on, forgiveAttempts, [account, network]);
}

/** Attempts of a day ago tell nothing any more; run daily by the worker. */
export async function forgetOldAttempts(): Promise<void> {
  await run(database(), deleteOldAttempts);
}
