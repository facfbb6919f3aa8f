import type { Origin } from "#kit/audit.ts";
import type { Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { hasSecondFactor, lockFactors } from "./factors.ts";
import { renewRecoveryCodes } from "./recovery-codes.ts";
import { tellOfFactor } from "./tell-of-factor.ts";

/** Gives ten new recovery codes, once. Throws `state_conflict` without a second factor, which they would stand in for. */
export async function remakeRecoveryCodes(tx: Transaction, from: Origin, owner: { id: string; livemode: boolean }) {
  if (!hasSecondFactor(await lockFactors(tx, owner.id)))
    throw kitErrors.state_conflict({ details: { status: "none" } });
  const codes = await renewRecoveryCodes(tx, owner.id);
  const after = { object: "recovery_codes" as const, left: codes.length };
  await tellOfFactor(tx, from, owner, {
    action: "recovery_codes.renewed",
    type: "recovery_codes",
    id: owner.id,
    letter: "recovery_codes_renewed",
    after,
  });
  return { ...after, recovery_codes: codes };
}
