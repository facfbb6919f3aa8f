import type { Origin } from "#kit/audit.ts";
import { first, run, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { factorsOf, hasSecondFactor, lockFactors } from "./factors.ts";
import { credentialHash, openPasskey, type Passkey, presentNamelessPasskey } from "./passkey.ts";
import { deletePasskey, releaseCredential } from "./passkeys-sql.ts";
import { dropRecoveryCodes } from "./recovery-codes.ts";
import { tellOfFactor } from "./tell-of-factor.ts";

/** Deletes a passkey of a user; without another factor the recovery codes go too. Throws `not_found`. */
export async function removePasskey(
  tx: Transaction,
  from: Origin,
  owner: { id: string; livemode: boolean },
  passkeyId: string,
): Promise<Passkey> {
  await lockFactors(tx, owner.id);
  const row = await first(tx, deletePasskey, [owner.id, passkeyId]);
  if (!row) throw kitErrors.not_found();
  await run(tx, releaseCredential, [credentialHash(row.credentialId), owner.livemode, owner.id]);
  if (!hasSecondFactor(await factorsOf(tx, owner.id))) await dropRecoveryCodes(tx, owner.id);
  const passkey = openPasskey(row);
  const after = presentNamelessPasskey(passkey);
  await tellOfFactor(tx, from, owner, {
    action: "passkey.removed",
    type: "passkey",
    id: passkey.id,
    letter: "passkey_removed",
    after,
  });
  return passkey;
}
