import { createSecretKey } from "node:crypto";
import { type Static, Type } from "typebox";
import { seal, unseal } from "#kit/crypto.ts";
import { PublicKey, publicKeyBytes, publicKeyOf } from "#kit/ed25519.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type SignaturePurpose, signatureAlgorithms, type VerifyingKey } from "#kit/request-signatures.ts";
import { Strict } from "#kit/schemas.ts";
import { newSecret, type StoredSignatureKey } from "./api-key.ts";

/** What an API key's requests are signed with: a shared secret, or the private half of a key that the merchant keeps. */
export const NewSignatureKey = Strict(
  {
    alg: Type.Enum([...signatureAlgorithms]),
    public_key: Type.Optional(PublicKey),
  },
  { description: "`hmac-sha256`: a secret is made and shown once. `ed25519`: with the public key" },
);

export const purpose: SignaturePurpose = {
  tag: "feiqian-api",
  errors: {
    missing: kitErrors.signature_missing,
    invalid: kitErrors.signature_invalid,
    expired: kitErrors.signature_expired,
    replayed: kitErrors.signature_replayed,
  },
};

export const signatureContext = (keyId: string): string => `api_keys.signature_secret ${keyId}`;

/** The columns of a new API key's signature key, and the secret that its maker is told. */
export function makeSignatureKey(
  keyId: string,
  livemode: boolean,
  wanted: Static<typeof NewSignatureKey> | undefined,
): { columns: StoredSignatureKey; secret: string | undefined } {
  switch (wanted?.alg) {
    case undefined:
      return { columns: none, secret: undefined };
    case "hmac-sha256": {
      if (wanted.public_key !== undefined) throw kitErrors.parameter_invalid(notBoth);
      const secret = newSecret(livemode, "sgk");
      return {
        columns: { ...none, algorithm: wanted.alg, sealedSecret: seal(secret, signatureContext(keyId)) },
        secret,
      };
    }
    case "ed25519": {
      if (wanted.public_key === undefined) throw kitErrors.parameter_missing({ param: "/signature_key/public_key" });
      const publicKey = publicKeyBytes(wanted.public_key);
      if (!publicKey) {
        const details = { reason: "is no Ed25519 public key" };
        throw kitErrors.parameter_invalid({ param: "/signature_key/public_key", details });
      }
      return { columns: { ...none, algorithm: wanted.alg, publicKey }, secret: undefined };
    }
  }
}

const none: StoredSignatureKey = { algorithm: null, sealedSecret: null, publicKey: null };
const notBoth = {
  param: "/signature_key/public_key",
  details: { reason: "belongs to ed25519; hmac-sha256 has a secret that is made here" },
};

/** The key to verify with: of HMAC it is the secret's text, byte for byte. */
export function verifyingKey(id: string, stored: StoredSignatureKey): VerifyingKey | undefined {
  const { algorithm, sealedSecret, publicKey } = stored;
  if (algorithm === "hmac-sha256" && sealedSecret)
    return { id, algorithm, key: createSecretKey(unseal(sealedSecret, signatureContext(id))) };
  if (algorithm === "ed25519" && publicKey) return { id, algorithm, key: publicKeyOf(publicKey) };
  return undefined;
}
