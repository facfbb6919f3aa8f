import { createHmac, randomBytes } from "node:crypto";
import { bySystem } from "#kit/audit.ts";
import { constantTimeEqual } from "#kit/crypto.ts";
import { database, first } from "#kit/db.ts";
import { signal } from "#kit/security-signals.ts";
import { endSession } from "./end-session.ts";
import { identityErrors } from "./errors.ts";
import { digestOf, readRefreshToken, type Session, sessionLives, tokenAnswer } from "./session.ts";
import { type FamilyRow, rotateToken, selectFamily } from "./sql.ts";

/**
 * The token before the valid one is answered again for this many seconds, as long as its successor was not used: the first answer may
 * have been lost, or two tabs asked at once. The successor is HMAC(token, nonce), so a repetition gets the same one and nobody
 * can derive it from the database.
 */
const forgivenSeconds = 30;

/**
 * Changes a refresh token for its successor and a fresh access token. Throws `refresh_token_invalid`, and `refresh_token_reused`
 * when the token was changed before: then two parties hold tokens of this family, and it ends.
 */
export async function refresh(text: string): Promise<Awaited<ReturnType<typeof tokenAnswer>>> {
  const { ownerId, family, token } = readRefreshToken(text);
  const successor = await succeed(ownerId, digestOf(family), token);
  return tokenAnswer(successor.session, { ownerId, family, token: successor.token });
}

async function succeed(
  ownerId: string,
  familyHash: Buffer,
  token: Buffer,
): Promise<{ session: Session; token: Buffer }> {
  const session = await first(database(), selectFamily, [ownerId, familyHash, forgivenSeconds]);
  if (session?.endedFor === "refresh_token_reused") throw identityErrors.refresh_token_reused();
  if (!session || session.endedAt || session.expired) throw identityErrors.refresh_token_invalid();

  if (constantTimeEqual(digestOf(token), session.tokenHash)) {
    const nonce = randomBytes(32);
    const next = successorOf(token, nonce);
    const { idle } = sessionLives[session.ownerKind];
    const values = [ownerId, session.id, session.tokenHash, digestOf(next), nonce, idle];
    const rotated = await first(database(), rotateToken, values);
    // Another request was first: what it left decides.
    return rotated ? { session: rotated, token: next } : succeed(ownerId, familyHash, token);
  }
  const repeated = repetition(session, token);
  if (repeated) return { session, token: repeated };
  signal("refresh_token_reused", { subject: ownerId, objectId: session.id, livemode: session.livemode });
  await endSession({ ownerId, sessionId: session.id }, "refresh_token_reused", bySystem("identity.refresh"));
  throw identityErrors.refresh_token_reused();
}

/** The successor that this token was given lately, or nothing. */
function repetition({ previousHash, previousForgiven, nonce }: FamilyRow, token: Buffer): Buffer | undefined {
  if (!previousForgiven || !nonce || !previousHash || !constantTimeEqual(digestOf(token), previousHash))
    return undefined;
  return successorOf(token, nonce);
}

const successorOf = (token: Buffer, nonce: Buffer): Buffer => createHmac("sha256", token).update(nonce).digest();
