import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import type { Transaction } from "#kit/db.ts";
import { ApiError } from "#kit/errors.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { signal } from "#kit/security-signals.ts";
import { type FactorKind, type Factors, factorKinds, hasSecondFactor } from "./factors.ts";
import { letters } from "./letters.ts";
import { contactOf } from "./new-device.ts";
import { checkOneTimeCode, useOneTimeCode } from "./one-time-code.ts";
import { takeRecoveryCode } from "./recovery-codes.ts";
import type { RelyingParty } from "./relying-party.ts";
import { tellOwner } from "./tell-owner.ts";
import { takeGuess } from "./throttle.ts";
import type { User } from "./user.ts";
import { takeTotpCode } from "./user-totp.ts";
import { verifyPasskey } from "./verify-passkey.ts";

/** One of the {@link factorKinds}. */
export interface FactorAnswer {
  totp?: string;
  recovery_code?: string;
  one_time_code?: string;
  passkey?: AuthenticationResponseJSON;
}

export function kindOf(answer: FactorAnswer): FactorKind {
  const [kind, second] = factorKinds.filter((kind) => answer[kind] !== undefined);
  if (kind === undefined) throw kitErrors.parameter_missing({ param: "/totp" });
  if (second !== undefined)
    throw kitErrors.parameter_invalid({ param: `/${second}`, details: { reason: `not together with ${kind}` } });
  return kind;
}

interface Case {
  user: User;
  factors: Factors;
  /** Why the user was challenged. */
  reason: "second_factor" | "new_device";
  /** What a passkey's challenge was made for. */
  purpose: string;
  address: string;
  party: RelyingParty;
}

/** Says with the transaction whether the factor could be used up. */
type UseFactor = (tx: Transaction) => Promise<boolean>;

/** Judges an answer as far as that goes without a transaction; nothing when it is wrong. */
export async function judgeFactor(
  kind: FactorKind,
  { totp = "", recovery_code: code = "", one_time_code: sent = "", passkey }: FactorAnswer,
  { user, factors, reason, purpose, address, party }: Case,
): Promise<UseFactor | undefined> {
  const { sealedTotpSecret: sealed } = factors;
  switch (kind) {
    case "totp":
      await takeGuess(user.id);
      return sealed === null ? undefined : (tx) => takeTotpCode(tx, user.id, sealed, totp);
    case "recovery_code":
      await takeGuess(user.id);
      return (tx) => useCode(tx, user, code, factors.recoveryCodes - 1, address);
    case "one_time_code":
      // Weaker than what the user chose: it stands in for no second factor.
      return reason === "new_device" && !hasSecondFactor(factors) ? judgeSentCode(user, sent, address) : undefined;
    case "passkey": {
      if (!passkey) return undefined;
      const shown = await verifyPasskey({ credential: passkey, purpose, party, address });
      return shown?.userId === user.id ? async () => true : undefined;
    }
  }
}

async function judgeSentCode(user: User, code: string, address: string): Promise<UseFactor | undefined> {
  const right = await checkOneTimeCode({ ...contactOf(user), purpose: "sign_in", code }, address).catch(unlessWrong);
  return right && (async (tx) => (await useOneTimeCode(tx, right).then(() => true, unlessWrong)) ?? false);
}

/** A wrong code is answered as any other factor that is. */
function unlessWrong(error: unknown): undefined {
  if (!(error instanceof ApiError && error.code === "one_time_code_invalid")) throw error;
}

/** A recovery code is used rarely: its owner hears of it. */
async function useCode(tx: Transaction, user: User, code: string, left: number, address: string): Promise<boolean> {
  if (!(await takeRecoveryCode(tx, user.id, code))) return false;
  signal("recovery_code_used", { subject: user.id, address });
  const object = { object: "recovery_codes", user: user.id, left };
  const event = { type: "recovery_code.used", ownerId: user.id, livemode: user.livemode, objectId: user.id, object };
  await emit(tx, [event]);
  await tellOwner(tx, user, letters.recovery_code_used);
  return true;
}
