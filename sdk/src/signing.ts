import { toBase64, utf8, type WebKey } from "./encoding.ts";

/**
 * Signs requests for keys that require it: HTTP Message Signatures (RFC 9421, the subset of the API's contract), Content-Digest (RFC 9530),
 * HMAC-SHA-256 or Ed25519.
 */
export interface RequestSigner {
  keyId: string;
  algorithm: "hmac-sha256" | "ed25519";
  /** HMAC: the shared secret's bytes. Ed25519: the private key as PKCS #8, or a key of WebCrypto. */
  key: Uint8Array<ArrayBuffer> | WebKey;
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
const tag = "feiqian-api";

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
  const parameters = `(${names});created=${created};keyid="${signer.keyId}";alg="${signer.algorithm}";nonce="${nonce}";tag="${tag}"`;
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

async function sign({ algorithm, key }: RequestSigner, text: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  switch (algorithm) {
    case "hmac-sha256": {
      const hmac = { name: "HMAC", hash: "SHA-256" };
      const imported =
        key instanceof Uint8Array ? await crypto.subtle.importKey("raw", key, hmac, false, ["sign"]) : key;
      return crypto.subtle.sign("HMAC", imported, text);
    }
    case "ed25519": {
      const imported =
        key instanceof Uint8Array ? await crypto.subtle.importKey("pkcs8", key, "Ed25519", false, ["sign"]) : key;
      return crypto.subtle.sign("Ed25519", imported, text);
    }
  }
}
