import { hash, randomBytes } from "node:crypto";
import type { StaffActor, UserActor } from "#kit/actor.ts";
import { database, first, run, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { type List, type ListQuery, page, valuesOf } from "#kit/lists.ts";
import { maskAddress } from "#kit/networks.ts";
import { type Audience, accessTokenSeconds, signAccessToken } from "./access-tokens.ts";
import { identityErrors } from "./errors.ts";
import { insertSession, listSessions, type SessionRow } from "./sql.ts";

/**
 * A session is one sign-in: a family of refresh tokens of which one is valid at a time. The text of a refresh token is
 * `rt_<owner>_<base64url of 16 bytes of the family and 32 of the token>`; the owner leads to the row, the family's bytes prove that
 * the bearer once held a genuine token. Only SHA-256 of either part is stored.
 */
export type Session = SessionRow;

export type OwnerKind = Session["ownerKind"];

/** Seconds without a refresh and in all. */
export const sessionLives = {
  user: { idle: 30 * 86_400, most: 180 * 86_400 },
  // PCI DSS 8.2.8: fifteen minutes without activity, and whoever comes back has to prove who they are.
  staff: { idle: 900, most: 8 * 3_600 },
} as const satisfies Record<OwnerKind, { idle: number; most: number }>;

const audiences = { user: "feiqian:user", staff: "feiqian:staff" } as const satisfies Record<OwnerKind, Audience>;

const familyBytes = 16;
const tokenBytes = 32;

export interface RefreshToken {
  ownerId: string;
  family: Buffer;
  token: Buffer;
}

export const writeRefreshToken = ({ ownerId, family, token }: RefreshToken): string =>
  `rt_${ownerId}_${Buffer.concat([family, token]).toString("base64url")}`;

/** Throws `refresh_token_invalid`. */
export function readRefreshToken(text: string): RefreshToken {
  const match = /^rt_([a-z]+_[0-9a-z]{26})_([\w-]{64})$/.exec(text);
  if (!match) throw identityErrors.refresh_token_invalid();
  const [, ownerId, encoded] = match as unknown as [string, string, string];
  const bytes = Buffer.from(encoded, "base64url");
  return { ownerId, family: bytes.subarray(0, familyBytes), token: bytes.subarray(familyBytes) };
}

export const digestOf = (secret: Buffer): Buffer => hash("sha256", secret, "buffer");

export interface NewSession {
  ownerId: string;
  ownerKind: OwnerKind;
  livemode: boolean;
  deviceId: string | null;
  /** As the connection gave it; stored masked. */
  address: string;
}

/** Opens a session and gives its first refresh token. */
export async function openSession(
  tx: Transaction,
  input: NewSession,
): Promise<{ session: Session; token: RefreshToken }> {
  const token = { ownerId: input.ownerId, family: randomBytes(familyBytes), token: randomBytes(tokenBytes) };
  const { idle, most } = sessionLives[input.ownerKind];
  const session = await first(tx, insertSession, [
    input.ownerId,
    input.ownerKind,
    newId("ses"),
    input.livemode,
    input.deviceId,
    maskAddress(input.address),
    digestOf(token.family),
    digestOf(token.token),
    idle,
    most,
  ]);
  return { session: session as Session, token };
}

/** What a client holds on to (RFC 6749, section 5.1). */
export const tokenAnswer = async (session: Session, token: RefreshToken) => ({
  access_token: await signAccessToken(audiences[session.ownerKind], {
    subject: session.ownerId,
    sessionId: session.id,
    livemode: session.livemode,
  }),
  token_type: "Bearer" as const,
  expires_in: accessTokenSeconds,
  refresh_token: writeRefreshToken(token),
});

/** The session of a user or a member of staff who makes a request. */
export const sessionOf = (actor: UserActor | StaffActor): { ownerId: string; sessionId: string } => ({
  ownerId: actor.kind === "user" ? actor.userId : actor.staffId,
  sessionId: actor.sessionId,
});

/** The owner's sessions that live, newest first. */
export const sessionsOf = (
  { ownerId, sessionId }: { ownerId: string; sessionId: string },
  url: string,
  query: ListQuery,
): Promise<List<ReturnType<typeof presentSession>>> =>
  page(
    url,
    query,
    (window) => run(database(), listSessions, [ownerId, ...valuesOf(window)]),
    (session) => presentSession(session, sessionId),
  );

export const presentSession = (session: Session, currentId: string) => ({
  id: session.id,
  object: "session" as const,
  device: session.deviceId,
  address: session.address,
  current: session.id === currentId,
  livemode: session.livemode,
  created_at: session.createdAt.toISOString(),
  used_at: session.usedAt.toISOString(),
  expires_at: session.expiresAt.toISOString(),
  ended_at: session.endedAt?.toISOString() ?? null,
});
