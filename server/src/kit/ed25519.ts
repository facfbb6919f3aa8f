import { createPublicKey, type KeyObject } from "node:crypto";
import { Type } from "typebox";

/** Ed25519 public keys as people send them: 32 bytes in base64url, or a JSON Web Key (RFC 8037) that holds nothing private. */
const Bytes = Type.String({ pattern: "^[A-Za-z0-9_-]{43}$", description: "32 bytes in base64url" });
export const PublicKey = Type.Union([
  Bytes,
  Type.Object(
    {
      kty: Type.Literal("OKP"),
      crv: Type.Literal("Ed25519"),
      x: Bytes,
      kid: Type.Optional(Type.String({ maxLength: 128 })),
      use: Type.Optional(Type.Literal("sig")),
      alg: Type.Optional(Type.Enum(["EdDSA", "Ed25519"])),
      key_ops: Type.Optional(Type.Array(Type.Literal("verify"), { maxItems: 1 })),
    },
    { additionalProperties: false, description: "JWK" },
  ),
]);

/**
 * The points of small order, and other spellings of them (y = 0, 1, -1, p, p + 1 and the two of order 8): signatures of such a key can be
 * made by anybody.
 */
const weak = new Set(
  [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ].flatMap((hex) => [hex, hex.slice(0, -2) + (Number.parseInt(hex.slice(-2), 16) | 0x80).toString(16)]),
);

/** The 32 bytes of a key as it was sent; nothing when it is none that proves anything. */
export function publicKeyBytes(sent: string | { x: string }): Buffer | undefined {
  const text = typeof sent === "string" ? sent : sent.x;
  const bytes = Buffer.from(text, "base64url");
  const isOnlySpelling = bytes.length === 32 && bytes.toString("base64url") === text;
  return isOnlySpelling && !weak.has(bytes.toString("hex")) ? bytes : undefined;
}

export const publicKeyOf = (bytes: Buffer): KeyObject =>
  createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") }, format: "jwk" });
