import { unseal } from "#kit/crypto.ts";
import { first, type Queryable, run, type Transaction } from "#kit/db.ts";
import { type FactorsRow, lockUser, selectFactors } from "./factors-sql.ts";

/** What a user has besides the password. */
export type Factors = FactorsRow;

/** Ways of answering a challenge. */
export const factorKinds = ["totp", "passkey", "recovery_code", "one_time_code"] as const;
export type FactorKind = (typeof factorKinds)[number];

export const factorsOf = async (on: Queryable, userId: string): Promise<Factors> =>
  (await first(on, selectFactors, [userId])) as Factors;

/** The same for one who is about to change them: others wait until that is done. */
export async function lockFactors(tx: Transaction, userId: string): Promise<Factors> {
  await run(tx, lockUser, [userId]);
  return factorsOf(tx, userId);
}

/** Whether the password alone does not sign in. */
export const hasSecondFactor = ({ sealedTotpSecret, passkeys }: Factors): boolean =>
  sealedTotpSecret !== null || passkeys > 0;

/** What a challenge of this user may be answered with. A one-time code to the phone is weaker than what they chose, and stays out. */
export const secondFactorsOf = ({ sealedTotpSecret, passkeys, recoveryCodes }: Factors): FactorKind[] => [
  ...(sealedTotpSecret === null ? [] : (["totp"] as const)),
  ...(passkeys === 0 ? [] : (["passkey"] as const)),
  ...(recoveryCodes === 0 ? [] : (["recovery_code"] as const)),
];

export const totpSecretContext = (userId: string): string => `totps.secret ${userId}`;

export const openTotpSecret = (userId: string, sealed: string): string =>
  unseal(sealed, totpSecretContext(userId)).toString("utf8");
