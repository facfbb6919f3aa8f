import type { Asking, Unproven } from "#kit/access.ts";
import type { StaffActor, UserActor } from "#kit/actor.ts";
import { Cache } from "#kit/cache.ts";
import { now } from "#kit/clock.ts";
import { database, first } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import type { VerifyingKey } from "#kit/request-signatures.ts";
import { type Audience, audienceOf, type Claims, verifyAccessToken } from "./access-tokens.ts";
import { deviceKeyOf } from "./device-key.ts";
import { provenByDevice } from "./device-signature.ts";
import { permissionsOf } from "./roles.ts";
import { selectLiveSession, selectStaff } from "./sql.ts";
import { livemode } from "./user.ts";

/**
 * Bearer tokens to actors. A signature is checked once a token, whether its session still lives every few seconds (at once in a process
 * that hears of the end), its expiry on every request.
 */
const verified = new Cache<string, Claims>({
  name: "identity.access_tokens",
  max: 20_000,
  ttlMs: 600_000,
  load: (key) => {
    const at = key.indexOf(" ");
    return verifyAccessToken(key.slice(0, at) as Audience, key.slice(at + 1));
  },
});

interface Standing {
  /** Of staff, as it is now: not as it was at the sign-in. A user has none. */
  readonly role: string | null;
  /** What a user's device signs with, where the session is of one that does. */
  readonly deviceKey?: VerifyingKey | undefined;
  readonly frozen?: boolean;
}

/** Whether a session lives, by owner and session. */
const standings = new Cache<string, Standing>({
  name: "identity.sessions",
  max: 50_000,
  ttlMs: 3_000,
  load: async (key) => {
    const [ownerId, sessionId] = key.split(" ");
    const session = await first(database(), selectLiveSession, [ownerId, sessionId]);
    if (!session) return undefined;
    if (session.ownerKind === "staff") return first(database(), selectStaff, [ownerId]);
    return {
      role: null,
      frozen: session.frozen,
      deviceKey: session.deviceId ? await deviceKeyOf(session.ownerId, session.deviceId) : undefined,
    };
  },
});

export const standingKey = (ownerId: string, sessionId: string): string => `${ownerId} ${sessionId}`;

type User = UserActor | Unproven | undefined;

/**
 * Recognises users' access tokens. Throws `token_expired`, `credentials_unknown` for a forged one or an ended session, `account_frozen`, and
 * `device_signature_missing` where the session's device has a key and must sign.
 */
export const authenticateUser = (token: string, request: Asking): User | Promise<User> =>
  authenticate("feiqian:user", token, ({ subject, sessionId, livemode }, { role, deviceKey, frozen }) => {
    if (role !== null) return undefined;
    if (frozen) throw kitErrors.account_frozen();
    const actor: UserActor = { kind: "user", userId: subject, livemode, sessionId };
    return deviceKey ? provenByDevice(actor, deviceKey, request) : actor;
  });

/** Recognises access tokens of staff. Throws as {@link authenticateUser} does. */
export const authenticateStaff = (token: string): StaffActor | undefined | Promise<StaffActor | undefined> =>
  authenticate("feiqian:staff", token, ({ subject, sessionId }, { role }) =>
    role === null ? undefined : { kind: "staff", staffId: subject, sessionId, role, permissions: permissionsOf(role) },
  );

type MakeActor<A> = (claims: Claims, standing: Standing) => A | undefined;

function authenticate<A>(
  audience: Audience,
  token: string,
  make: MakeActor<A>,
): A | undefined | Promise<A | undefined> {
  if (audienceOf(token) !== audience) return undefined;
  const claims = verified.get(`${audience} ${token}`);
  return claims instanceof Promise ? claims.then((claims) => admit(claims, make)) : admit(claims, make);
}

function admit<A>(claims: Claims | undefined, make: MakeActor<A>): A | Promise<A> {
  if (claims?.livemode !== livemode()) throw kitErrors.credentials_unknown();
  if (claims.expiresAt <= now()) throw kitErrors.token_expired();
  const judge = (standing: Standing | undefined): A => {
    const actor = standing && make(claims, standing);
    if (!actor) throw kitErrors.credentials_unknown();
    return actor;
  };
  const standing = standings.get(standingKey(claims.subject, claims.sessionId));
  return standing instanceof Promise ? standing.then(judge) : judge(standing);
}
