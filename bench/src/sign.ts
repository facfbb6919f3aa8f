import { createHmac, createPrivateKey, createSecretKey, hash, type KeyObject, randomUUID, sign } from "node:crypto";

/** What a till signs its requests with, in a form that travels between processes. */
export interface Signing {
  readonly keyId: string;
  readonly algorithm: "hmac-sha256" | "ed25519";
  /** The secret, or the private key as PEM. */
  readonly key: string;
}

const keys = new Map<string, KeyObject>();

function keyOf({ algorithm, key }: Signing): KeyObject {
  let made = keys.get(key);
  if (!made)
    keys.set(key, (made = algorithm === "ed25519" ? createPrivateKey(key) : createSecretKey(Buffer.from(key))));
  return made;
}

/** The further headers of a signed POST without a query (docs/signed-requests.md). */
export function signatureHeaders(
  url: URL,
  path: string,
  body: object,
  idempotencyKey: string,
  signing: Signing,
): Record<string, string> {
  const digest = `sha-256=:${hash("sha256", JSON.stringify(body), "base64")}:`;
  const covered = [
    ["@method", "POST"],
    ["@authority", url.host],
    ["@path", path],
    ["@query", "?"],
    ["content-type", "application/json"],
    ["content-digest", digest],
    ["idempotency-key", idempotencyKey],
  ];
  const { keyId, algorithm } = signing;
  const created = Math.floor(Date.now() / 1000);
  const names = covered.map(([name]) => `"${name}"`).join(" ");
  const input = `(${names});created=${created};keyid="${keyId}";alg="${algorithm}";nonce="${randomUUID()}";tag="feiqian-api"`;
  const text = [...covered, ["@signature-params", input]].map(([name, value]) => `"${name}": ${value}`).join("\n");
  const key = keyOf(signing);
  const signature =
    algorithm === "ed25519"
      ? sign(null, Buffer.from(text), key).toString("base64")
      : createHmac("sha256", key).update(text).digest("base64");
  return { "Content-Digest": digest, "Signature-Input": `sig1=${input}`, Signature: `sig1=:${signature}:` };
}
