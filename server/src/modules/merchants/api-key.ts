import { hash, randomBytes } from "node:crypto";
import type { SignatureAlgorithm } from "#kit/request-signatures.ts";
import type { KeyStatus } from "./states.ts";

/** What a key signs with: nothing, a shared secret, or a key whose public half is known. */
export interface StoredSignatureKey {
  readonly algorithm: SignatureAlgorithm | null;
  readonly sealedSecret: string | null;
  /** 32 bytes. */
  readonly publicKey: Buffer | null;
}

/** What a key asks of a request besides its secret. */
export interface StoredGuard extends StoredSignatureKey {
  /** Addresses and CIDR ranges; null: from anywhere. */
  readonly allowedAddresses: readonly string[] | null;
  readonly requireSignature: boolean;
}

/** An API key as it is stored. Its secret is nowhere: only the SHA-256 of it is kept. */
export interface ApiKey extends StoredGuard {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly name: string;
  /** What it may do; null: everything a merchant may. */
  readonly scopes: readonly string[] | null;
  readonly status: KeyStatus;
  readonly lastFour: string;
  /** The key that takes its place. */
  readonly rolledTo: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** What the maker of a key gets, once. */
export interface NewApiKey {
  readonly key: ApiKey;
  readonly secret: string;
  /** To sign with, when its signatures are HMACs. */
  readonly signatureSecret: string | undefined;
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const secretShape = /^sk_(test|live)_[0-9A-Za-z]{43}$/;

/** A new secret: its kind and mode in front, then 256 random bits as 43 base62 digits, so that a double click takes it whole. */
export function newSecret(livemode: boolean, kind: "sk" | "sgk" | "tt" = "sk"): string {
  let text = "";
  for (let rest = BigInt(`0x${randomBytes(32).toString("hex")}`); text.length < 43; rest /= 62n) {
    text = digits.charAt(Number(rest % 62n)) + text;
  }
  return `${kind}_${livemode ? "live" : "test"}_${text}`;
}

export const isSecret = (text: string): boolean => secretShape.test(text);

/** SHA-256 in hexadecimal: 256 random bits need no slow hash. */
export const digestOf = (secret: string): string => hash("sha256", secret, "hex");

export function presentApiKey(key: ApiKey) {
  return {
    id: key.id,
    object: "api_key" as const,
    merchant: key.merchantId,
    livemode: key.livemode,
    name: key.name,
    scopes: key.scopes && [...key.scopes],
    status: key.status,
    allowed_addresses: key.allowedAddresses && [...key.allowedAddresses],
    require_signature: key.requireSignature,
    signature_key: presentSignatureKey(key),
    last_four: key.lastFour,
    rolled_to: key.rolledTo,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
  };
}

function presentSignatureKey({ id, algorithm, publicKey }: ApiKey) {
  if (algorithm === null) return null;
  return { keyid: id, alg: algorithm, public_key: publicKey?.toString("base64url") ?? null };
}

export function presentNewApiKey({ key, secret, signatureSecret }: NewApiKey) {
  const shown = { ...presentApiKey(key), secret };
  const signature_key = shown.signature_key && {
    ...shown.signature_key,
    ...(signatureSecret !== undefined && { secret: signatureSecret }),
  };
  return { ...shown, signature_key };
}
