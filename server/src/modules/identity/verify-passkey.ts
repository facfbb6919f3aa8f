import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import { constantTimeEqual } from "#kit/crypto.ts";
import { database, first, inTransaction, run } from "#kit/db.ts";
import { emit } from "#kit/outbox.ts";
import { signal } from "#kit/security-signals.ts";
import { letters } from "./letters.ts";
import { credentialHash, presentNamelessPasskey, userHandleOf } from "./passkey.ts";
import {
  claimPasskeyChallenge,
  isPasskeyChallenge,
  makePasskeyChallenge,
  passkeyChallengeSeconds,
} from "./passkey-challenge.ts";
import { type PasskeyRow, raiseCounter, selectCredential, selectPasskey, selectPasskeysOf } from "./passkeys-sql.ts";
import type { RelyingParty } from "./relying-party.ts";
import { tellOwner } from "./tell-owner.ts";
import { findUser, livemode } from "./user.ts";
import { webauthn } from "./webauthn.ts";

/** What a browser needs to answer with a passkey, for `navigator.credentials.get`: with any of this domain, or with one of the user's. */
export async function passkeyOptions(purpose: string, party: RelyingParty, userId?: string) {
  const own = userId === undefined ? [] : await run(database(), selectPasskeysOf, [userId]);
  const { generateAuthenticationOptions } = await webauthn();
  return generateAuthenticationOptions({
    rpID: party.id,
    challenge: makePasskeyChallenge(purpose),
    timeout: passkeyChallengeSeconds * 1000,
    userVerification: "required",
    allowCredentials: own.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
  });
}

export interface PasskeyAnswer {
  credential: AuthenticationResponseJSON;
  /** What its challenge was made for. */
  purpose: string;
  party: RelyingParty;
  address: string;
}

/**
 * Judges a passkey's answer: the challenge is ours, for this purpose and was never answered; the page, the domain, the user's verification and
 * the signature are right; the counter of signatures has risen. Gives the passkey, or nothing. In statements of its own: what was shown is used up.
 */
export async function verifyPasskey(answer: PasskeyAnswer): Promise<PasskeyRow | undefined> {
  const passkey = await passkeyOf(answer.credential);
  const verified = passkey && (await verifySignature(passkey, answer));
  if (!passkey || !verified || !(await claimPasskeyChallenge(database(), verified.challenge))) {
    signal("passkey_refused", { subject: passkey?.userId, address: answer.address, objectId: passkey?.id });
    return undefined;
  }
  const raised = await first(database(), raiseCounter, [passkey.userId, passkey.id, verified.counter, verified.synced]);
  if (!raised) await tellOfCopy(passkey, verified.counter, answer.address);
  return raised;
}

/** The passkey that the answer names; its user handle, which some leave out, must be its owner's. */
async function passkeyOf({ id, response }: AuthenticationResponseJSON): Promise<PasskeyRow | undefined> {
  const known = await first(database(), selectCredential, [credentialHash(id), livemode()]);
  if (!known) return undefined;
  const { userHandle } = response;
  if (userHandle !== undefined && !constantTimeEqual(userHandle, userHandleOf(known.userId).toString("base64url")))
    return undefined;
  return first(database(), selectPasskey, [known.userId, known.passkeyId]);
}

async function verifySignature(passkey: PasskeyRow, { credential, purpose, party }: PasskeyAnswer) {
  const { decodeClientDataJSON, verifyAuthenticationResponse } = await webauthn();
  try {
    const { challenge, crossOrigin } = decodeClientDataJSON(credential.response.clientDataJSON);
    if (crossOrigin) return undefined;
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: credential,
      expectedChallenge: (given) => isPasskeyChallenge(purpose, given),
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      requireUserVerification: true,
      // Judged by the database, where two at once can't both be right.
      credential: { id: passkey.credentialId, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
    });
    const { newCounter: counter, credentialBackedUp: synced } = authenticationInfo;
    return verified ? { challenge, counter, synced } : undefined;
  } catch {
    // The library throws for whatever is wrong with what was sent.
    return undefined;
  }
}

/** The counter fell although the signature is right: somebody holds a copy of the key. Its owner is told, and it does not sign in. */
async function tellOfCopy(passkey: PasskeyRow, counter: number, address: string): Promise<void> {
  const { id, userId, livemode } = passkey;
  const details = { reason: "counter_fell", counter, last_counter: passkey.counter };
  signal("passkey_refused", { subject: userId, address, objectId: id, details });
  const object = { ...presentNamelessPasskey(passkey), counter, last_counter: passkey.counter };
  await inTransaction(async (tx) => {
    await emit(tx, [{ ownerId: userId, livemode, type: "passkey.copied", objectId: id, object }]);
    const user = await findUser(tx, userId);
    if (user) await tellOwner(tx, user, letters.passkey_copied);
  });
}
