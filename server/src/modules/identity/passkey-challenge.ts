import { createHmac, hash, randomBytes } from "node:crypto";
import { now } from "#kit/clock.ts";
import { constantTimeEqual, digestKey } from "#kit/crypto.ts";
import { first, type Queryable } from "#kit/db.ts";
import { usePasskeyChallenge } from "./passkeys-sql.ts";

/**
 * What a passkey signs: 32 random bytes, six of the time it ends at, and 16 of a keyed digest that says for what it was made. So nothing
 * is stored until it is answered, and nobody fills a table by asking for challenges.
 */
const randomLength = 32;
const timeLength = 6;
const macLength = 16;
export const passkeyChallengeSeconds = 300;

/** A challenge for one purpose: an answer to it serves no other. */
export function makePasskeyChallenge(purpose: string): Uint8Array<ArrayBuffer> {
  const body = Buffer.alloc(randomLength + timeLength);
  randomBytes(randomLength).copy(body);
  body.writeUIntBE(now() + passkeyChallengeSeconds * 1000, randomLength, timeLength);
  return new Uint8Array(Buffer.concat([body, macOf(purpose, body)]));
}

/** Whether it was made here for this purpose and is not over. */
export function isPasskeyChallenge(purpose: string, challenge: string): boolean {
  const bytes = bytesOf(challenge);
  if (!bytes) return false;
  const body = bytes.subarray(0, -macLength);
  return constantTimeEqual(bytes.subarray(-macLength), macOf(purpose, body)) && endOf(bytes) > now();
}

/** Claims a challenge for its one answer; false when it was answered before. */
export async function claimPasskeyChallenge(on: Queryable, challenge: string): Promise<boolean> {
  const bytes = bytesOf(challenge);
  if (!bytes) return false;
  return (
    (await first(on, usePasskeyChallenge, [hash("sha256", bytes, "buffer"), new Date(endOf(bytes))])) !== undefined
  );
}

const macOf = (purpose: string, body: Buffer): Buffer =>
  createHmac("sha256", digestKey("passkeys.challenge"))
    .update(`${purpose} `)
    .update(body)
    .digest()
    .subarray(0, macLength);

/** In its one spelling, so that a challenge can't be answered twice under two. */
function bytesOf(challenge: string): Buffer | undefined {
  const bytes = Buffer.from(challenge, "base64url");
  const isWhole = bytes.length === randomLength + timeLength + macLength && bytes.toString("base64url") === challenge;
  return isWhole ? bytes : undefined;
}

const endOf = (bytes: Buffer): number => bytes.readUIntBE(randomLength, timeLength);
