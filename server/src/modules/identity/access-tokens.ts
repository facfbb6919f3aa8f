import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { now } from "#kit/clock.ts";
import { seal, unseal } from "#kit/crypto.ts";
import { database, run } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { insertSigningKey, selectSigningKeys } from "./sql.ts";

/**
 * Access tokens: JWTs signed by Ed25519 as RFC 8725 advises: one algorithm, a type of their own, an audience for each kind of
 * actor, keys only from our own table. They live for ten minutes; a session that ends sooner is refused by `authenticate.ts`.
 */
const algorithm = "EdDSA";
const type = "at+jwt";
const issuer = "feiqian";
export const accessTokenSeconds = 600;

export type Audience = "feiqian:user" | "feiqian:staff";

export interface Claims {
  /** User or member of staff. */
  readonly subject: string;
  readonly sessionId: string;
  readonly livemode: boolean;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

let keys: SigningKey[] = [];

/** Loads the signing keys; the first start makes one. Called once at the start, after the keyring is open. */
export async function openSigningKeys(): Promise<void> {
  let rows = await run(database(), selectSigningKeys);
  if (rows.length === 0) {
    await makeSigningKey();
    rows = await run(database(), selectSigningKeys);
  }
  keys = rows.map(({ kid, publicJwk, sealedPrivateJwk }) => ({
    kid,
    publicKey: createPublicKey({ key: publicJwk, format: "jwk" }),
    privateKey: createPrivateKey({
      key: JSON.parse(unseal(sealedPrivateJwk, signingKeyContext(kid)).toString("utf8")),
      format: "jwk",
    }),
  }));
}

/** Processes that start together may both come here: the first one's key stays. */
async function makeSigningKey(): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const publicJwk = publicKey.export({ format: "jwk" });
  const kid = await calculateJwkThumbprint(publicJwk);
  const sealed = seal(JSON.stringify(privateKey.export({ format: "jwk" })), signingKeyContext(kid));
  await run(database(), insertSigningKey, [kid, JSON.stringify(publicJwk), sealed]);
}

export const signingKeyContext = (kid: string): string => `signing_keys.private_jwk ${kid}`;

/** Signs an access token of a session with the newest key. */
export async function signAccessToken(
  audience: Audience,
  { subject, sessionId, livemode }: Pick<Claims, "subject" | "sessionId" | "livemode">,
): Promise<string> {
  const key = keys.at(-1);
  if (!key) throw new Error("the signing keys are not open");
  const issuedAt = Math.floor(now() / 1000);
  return new SignJWT({ sid: sessionId, livemode })
    .setProtectedHeader({ alg: algorithm, typ: type, kid: key.kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + accessTokenSeconds)
    .setJti(randomUUID())
    .sign(key.privateKey);
}

/** Throws `token_expired`, and `credentials_unknown` for everything else that is wrong with it. */
export async function verifyAccessToken(audience: Audience, token: string): Promise<Claims> {
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => publicKeyOf(kid), {
      algorithms: [algorithm],
      typ: type,
      issuer,
      audience,
      requiredClaims: ["sub", "sid", "livemode", "iat", "exp", "jti"],
      currentDate: new Date(now()),
    });
    return claimsOf(payload);
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw kitErrors.token_expired();
    if (error instanceof errors.JOSEError) throw kitErrors.credentials_unknown({ cause: error });
    throw error;
  }
}

function publicKeyOf(kid: string | undefined): KeyObject {
  const key = keys.find((key) => key.kid === kid);
  if (!key) throw new errors.JWKSNoMatchingKey();
  return key.publicKey;
}

/** The signature was ours, so the claims are what {@link signAccessToken} wrote. */
const claimsOf = ({ sub, sid, livemode, exp }: JWTPayload): Claims => ({
  subject: sub as string,
  sessionId: sid as string,
  livemode: livemode as boolean,
  expiresAt: (exp as number) * 1000,
});

/** For whom a token says it is, unverified; nothing when it is no JWT at all. Tells whose authenticator has to judge it. */
export function audienceOf(token: string): unknown {
  const [, payload, signature, more] = token.split(".");
  if (!payload || signature === undefined || more !== undefined) return undefined;
  try {
    return (JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as JWTPayload | null)?.aud;
  } catch {
    return undefined;
  }
}
