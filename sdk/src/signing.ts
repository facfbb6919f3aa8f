import { toBase64, utf8, type WebKey } from "./encoding.ts";

/**
 * Signs requests for keys that require it: HTTP Message Signatures (RFC 9421, the subset of the API's contract), Content-Digest (RFC 9530),
 * HMAC-SHA-256 or Ed25519.
 */
export interface RequestSigner {
  /** The `keyid` of the API key's `signature_key`, or a device's id. */
  keyId: string;
  algorithm: "hmac-sha256" | "ed25519";
  /** HMAC: the `secret` of the `signature_key`, as text or bytes. Ed25519: the private key as PKCS #8. Either: a key of WebCrypto. */
  key: string | Uint8Array<ArrayBuffer> | WebKey;
  /** What signs: an API key unless said otherwise, or a user's device. */
  tag?: "feiqian-api" | "feiqian-device";
}

/** What is signed. Header names are in lower case. */
export interface SignableRequest {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string | undefined;
}

/** When and with which nonce; both are made afresh unless given. */
export interface SigningMoment {
  /** Seconds since 1970. */
  created?: number;
  nonce?: string;
}

const label = "sig1";

/** The headers that a signed request has besides its own. */
export async function signRequest(
  { method, url, headers, body }: SignableRequest,
  signer: RequestSigner,
  { created = Math.floor(Date.now() / 1000), nonce = crypto.randomUUID() }: SigningMoment = {},
): Promise<Record<string, string>> {
  const { host, pathname, search } = new URL(url);
  const digest = body === undefined ? undefined : await contentDigest(body);
  const covered: [name: string, value: string | undefined][] = [
    ["@method", method],
    ["@authority", host.toLowerCase()],
    ["@path", pathname],
    ["@query", search || "?"],
    ["content-type", headers["content-type"]],
    ["content-digest", digest],
    ["idempotency-key", headers["idempotency-key"]],
  ];
  const present = covered.filter(([, value]) => value !== undefined);
  const names = present.map(([name]) => `"${name}"`).join(" ");
  const parameters = `(${names});created=${created};keyid="${signer.keyId}";alg="${signer.algorithm}";nonce="${nonce}";tag="${signer.tag ?? "feiqian-api"}"`;
  const lines = [...present, ["@signature-params", parameters]].map(([name, value]) => `"${name}": ${value}`);
  const signature = toBase64(new Uint8Array(await sign(signer, utf8(lines.join("\n")))));
  return {
    ...(digest !== undefined && { "content-digest": digest }),
    "signature-input": `${label}=${parameters}`,
    signature: `${label}=:${signature}:`,
  };
}

async function contentDigest(body: string): Promise<string> {
  return `sha-256=:${toBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(body))))}:`;
}

async function sign(signer: RequestSigner, text: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const name = signer.algorithm === "ed25519" ? "Ed25519" : "HMAC";
  return crypto.subtle.sign(name, await importedKey(signer), text);
}

async function importedKey({ algorithm, key }: RequestSigner): Promise<WebKey> {
  const bytes = typeof key === "string" ? utf8(key) : key;
  if (!(bytes instanceof Uint8Array)) return bytes;
  switch (algorithm) {
    case "hmac-sha256":
      return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    case "ed25519":
      return crypto.subtle.importKey("pkcs8", bytes, "Ed25519", false, ["sign"]);
  }
}
