import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import { database } from "#kit/db.ts";
import { identityErrors } from "./errors.ts";
import { factorsOf } from "./factors.ts";
import { isNewDevice } from "./new-device.ts";
import { openUserSession, type WantedDevice } from "./open-user-session.ts";
import type { RelyingParty } from "./relying-party.ts";
import { takeNamelessAttempt } from "./throttle.ts";
import { findUser } from "./user.ts";
import { passkeyOptions, verifyPasskey } from "./verify-passkey.ts";

const purpose = "sign_in";

/** What a browser needs to let somebody sign in with any passkey of this domain, before it is known who they are. */
export const passkeySignInOptions = (party: RelyingParty) => passkeyOptions(purpose, party);

export interface PasskeySignIn {
  credential: AuthenticationResponseJSON;
  device?: WantedDevice;
}

/**
 * Signs a user in by a passkey alone: it is something they have, and was opened by something they know or are. Throws
 * `credentials_invalid`, which does not tell what was wrong.
 */
export async function signInByPasskey(
  { credential, device }: PasskeySignIn,
  { address, party }: { address: string; party: RelyingParty },
) {
  const attempt = await takeNamelessAttempt(address);
  const passkey = await verifyPasskey({ credential, purpose, party, address });
  const user = passkey && (await findUser(database(), passkey.userId));
  if (!user) throw identityErrors.credentials_invalid();
  const isNew = await isNewDevice(user, device, await factorsOf(database(), user.id));
  return openUserSession({ user, device, address, attempt, isNew });
}
