import type { RegistrationResponseJSON } from "@simplewebauthn/server";
import type { Origin } from "#kit/audit.ts";
import { database, first, run, type Transaction, textArray } from "#kit/db.ts";
import { firstEventId, newId } from "#kit/ids.ts";
import { identityErrors } from "./errors.ts";
import { lockFactors } from "./factors.ts";
import {
  credentialHash,
  openPasskey,
  type Passkey,
  passkeyAlgorithms,
  presentNamelessPasskey,
  sealPasskeyName,
  userHandleOf,
} from "./passkey.ts";
import {
  claimPasskeyChallenge,
  isPasskeyChallenge,
  makePasskeyChallenge,
  passkeyChallengeSeconds,
} from "./passkey-challenge.ts";
import { claimCredential, insertPasskey, type PasskeyRow, selectPasskeysOf } from "./passkeys-sql.ts";
import { renewRecoveryCodes } from "./recovery-codes.ts";
import type { RelyingParty } from "./relying-party.ts";
import { tellOfFactor } from "./tell-of-factor.ts";
import type { User } from "./user.ts";
import { webauthn } from "./webauthn.ts";

const mostPasskeys = 10;

/** A challenge to register serves the user who asked for it, after the password. */
const purposeOf = (userId: string): string => `register ${userId}`;

/** What a browser needs to make a passkey: for `navigator.credentials.create`. */
export async function passkeyRegistrationOptions(user: User, party: RelyingParty) {
  const existing = await run(database(), selectPasskeysOf, [user.id]);
  const { generateRegistrationOptions } = await webauthn();
  return generateRegistrationOptions({
    rpName: "Feiqian",
    rpID: party.id,
    userID: userHandleOf(user.id),
    userName: user.email ?? user.phone ?? user.id,
    userDisplayName: user.name ?? "",
    challenge: makePasskeyChallenge(purposeOf(user.id)),
    timeout: passkeyChallengeSeconds * 1000,
    attestationType: "none",
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    supportedAlgorithmIDs: passkeyAlgorithms,
    excludeCredentials: existing.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
  });
}

export interface NewPasskey {
  name: string;
  credential: RegistrationResponseJSON;
}

/**
 * Registers what the browser made. Who had no second factor gets recovery codes, once. Throws `passkey_invalid`, also when the
 * credential is known already, and `passkey_limit_reached`.
 */
export async function registerPasskey(
  tx: Transaction,
  from: Origin,
  owner: { id: string; livemode: boolean },
  { name, credential }: NewPasskey,
  party: RelyingParty,
): Promise<{ passkey: Passkey; recoveryCodes: string[] | null }> {
  const { challenge, made } = await verify(owner.id, credential, party);
  if (!(await claimPasskeyChallenge(tx, challenge))) throw identityErrors.passkey_invalid();
  const { passkeys, recoveryCodes } = await lockFactors(tx, owner.id);
  if (passkeys >= mostPasskeys) throw identityErrors.passkey_limit_reached({ details: { most: mostPasskeys } });
  const id = newId("psk");
  const claimed = await first(tx, claimCredential, [credentialHash(made.id), owner.livemode, owner.id, id]);
  if (!claimed) throw identityErrors.passkey_invalid({ details: { reason: "registered already" } });
  const row = (await first(tx, insertPasskey, [
    owner.id,
    id,
    owner.livemode,
    made.id,
    made.publicKey,
    made.counter,
    textArray(made.transports),
    made.synced,
    sealPasskeyName(id, name),
  ])) as PasskeyRow;
  const passkey = openPasskey(row);
  const codes = recoveryCodes === 0 ? await renewRecoveryCodes(tx, owner.id) : null;
  const after = presentNamelessPasskey(passkey);
  const change = {
    action: "passkey.created",
    type: "passkey",
    id,
    eventId: firstEventId(id),
    letter: "passkey_created",
    after,
  } as const;
  await tellOfFactor(tx, from, owner, change);
  return { passkey, recoveryCodes: codes };
}

async function verify(userId: string, credential: RegistrationResponseJSON, party: RelyingParty) {
  const library = await webauthn();
  try {
    assertModest(credential, library);
    const verified = await library.verifyRegistrationResponse({
      response: credential,
      expectedChallenge: (challenge) => isPasskeyChallenge(purposeOf(userId), challenge),
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: passkeyAlgorithms,
    });
    if (!verified.verified) throw new Error("the attestation's signature is wrong");
    const { credential: made, credentialBackedUp } = verified.registrationInfo;
    const { id, publicKey, counter, transports = [] } = made;
    const { challenge } = library.decodeClientDataJSON(credential.response.clientDataJSON);
    return {
      challenge,
      made: { id, publicKey: Buffer.from(publicKey), counter, transports, synced: credentialBackedUp },
    };
  } catch (error) {
    // The library throws for whatever is wrong with what was sent.
    throw identityErrors.passkey_invalid({ cause: error });
  }
}

/**
 * Who made the authenticator is not asked, and what tells it all the same is refused unread: judging it would follow links in
 * certificates. Pages inside other sites' pages are refused too.
 */
function assertModest(
  { response }: RegistrationResponseJSON,
  { decodeAttestationObject, decodeClientDataJSON, isoBase64URL }: Awaited<ReturnType<typeof webauthn>>,
): void {
  const attestation = decodeAttestationObject(isoBase64URL.toBuffer(response.attestationObject));
  const format = attestation.get("fmt");
  const signedByItself = format === "packed" && attestation.get("attStmt").get("x5c") === undefined;
  if (format !== "none" && !signedByItself) throw new Error(`attestation ${format} was not asked for`);
  if (decodeClientDataJSON(response.clientDataJSON).crossOrigin) throw new Error("made inside another site's page");
}
