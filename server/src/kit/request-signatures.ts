import { createHmac, hash, type KeyObject, timingSafeEqual, verify } from "node:crypto";
import type { Asking, ReceivedBody } from "./access.ts";
import { now } from "./clock.ts";
import type { ApiError, ErrorFacts } from "./errors.ts";
import { takeNonce } from "./nonces.ts";
import { namesOf, parametersOf, readContentDigest, readSignature, readSignatureInput } from "./signature-fields.ts";

/**
 * Signed requests: HTTP Message Signatures (RFC 9421) in the subset that docs/signed-requests.md describes, with Content-Digest
 * (RFC 9530). Whatever the subset leaves out is refused, not ignored.
 */
export const signatureAlgorithms = ["ed25519", "hmac-sha256"] as const;
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

/** The key that a signature must be made with; what the request says of its algorithm is only compared. */
export interface VerifyingKey {
  readonly id: string;
  readonly algorithm: SignatureAlgorithm;
  readonly key: KeyObject;
}

/** What a signature is for, and how its failures are told. */
export interface SignaturePurpose {
  readonly tag: string;
  readonly errors: Readonly<Record<"missing" | "invalid" | "expired" | "replayed", (facts?: ErrorFacts) => ApiError>>;
}

/** The request's headers, and where it went. */
type Signed = Pick<Asking, "headers" | "method" | "protocol" | "url">;

const label = "sig1";
/** Seconds by which the clocks of client and server may differ, in either direction. */
const toleranceSeconds = 300;
const always = ["@method", "@authority", "@path", "@query"] as const;
const whenPresent = ["content-type", "content-digest", "idempotency-key"] as const;
const components = new Set<string>([...always, ...whenPresent]);

/** Whether a signature stands on the request that means to be ours: ones that proxies add for others are none of our business. */
export function isSigned({ headers }: Pick<Asking, "headers">, tag: string): boolean {
  const { signature, "signature-input": input } = headers;
  if (signature === undefined && input === undefined) return false;
  const text = `${String(input)} ${String(signature)}`;
  return /(?:^|[\s,])sig1=/.test(text) || text.includes(`tag="${tag}"`);
}

/** Checks the signature of a request over its body as it was received, and uses its nonce up. Throws by the purpose's errors. */
export async function verifyRequest(
  request: Signed,
  body: ReceivedBody,
  key: VerifyingKey,
  { tag, errors }: SignaturePurpose,
): Promise<void> {
  const invalid = (details: Record<string, unknown>): ApiError => errors.invalid({ details });
  const { covered, parameters, text, signature } = readOne(request, tag, errors);

  const { created, nonce } = checkParameters(parameters, key, tag, invalid);
  checkCoverage(request, covered, body, invalid);
  const seconds = now() / 1000;
  const expires = parameters.get("expires");
  if (Math.abs(seconds - created) > toleranceSeconds || (typeof expires === "number" && expires < seconds)) {
    const server_time = new Date(now()).toISOString();
    throw errors.expired({ details: { tolerance_seconds: toleranceSeconds, server_time } });
  }
  checkDigest(request, body, invalid);
  const base = Buffer.from(signatureBase(request, covered, text), "latin1");
  if (!(await isGenuine(key, base, Buffer.from(signature, "base64")))) throw invalid({ reason: "does not match" });
  if (!(await takeNonce(key.id, nonce, created))) throw errors.replayed();
}

type Invalid = (details: Record<string, unknown>) => ApiError;

/** The one signature that is ours. Throws `missing` when there is none, `invalid` when it is not well written or not the only one. */
function readOne(request: Signed, tag: string, errors: SignaturePurpose["errors"]) {
  if (!isSigned(request, tag)) throw errors.missing();
  const invalid: Invalid = (details) => errors.invalid({ details });
  const inputs = readSignatureInput(String(request.headers["signature-input"] ?? ""));
  if (!inputs) throw invalid({ header: "Signature-Input" });
  const signatures = readSignature(String(request.headers.signature ?? ""));
  const signature = signatures?.get(label);
  if (signature === undefined) throw invalid({ header: "Signature" });
  const input = inputs.get(label);
  if (!input) throw invalid({ header: "Signature-Input" });
  for (const [name, other] of inputs) {
    if (name !== label && other.parameters.includes(`tag="${tag}"`)) throw invalid({ header: "Signature-Input" });
  }
  const covered = namesOf(input);
  if (!covered) throw invalid({ header: "Signature-Input", reason: "components are plain names" });
  const parameters = parametersOf(input);
  if (!parameters) throw invalid({ header: "Signature-Input", reason: "parameters are texts and whole numbers" });
  return { covered, parameters, text: input.text, signature };
}

const known = new Set(["created", "expires", "keyid", "alg", "nonce", "tag"]);

function checkParameters(parameters: Map<string, string | number>, key: VerifyingKey, tag: string, invalid: Invalid) {
  for (const name of parameters.keys()) if (!known.has(name)) throw invalid({ parameter: name });
  if (parameters.get("tag") !== tag) throw invalid({ parameter: "tag" });
  if (parameters.get("keyid") !== key.id) throw invalid({ parameter: "keyid" });
  if (parameters.get("alg") !== key.algorithm) throw invalid({ parameter: "alg" });
  const [created, nonce, expires] = [parameters.get("created"), parameters.get("nonce"), parameters.get("expires")];
  if (typeof created !== "number") throw invalid({ parameter: "created" });
  if (typeof nonce !== "string" || nonce.length < 1 || nonce.length > 128) throw invalid({ parameter: "nonce" });
  if (expires !== undefined && typeof expires !== "number") throw invalid({ parameter: "expires" });
  return { created, nonce };
}

/** What must be covered is, each component once, and nothing that is not there. */
function checkCoverage({ headers }: Signed, covered: readonly string[], body: ReceivedBody, invalid: Invalid): void {
  const names = new Set(covered);
  if (names.size !== covered.length) throw invalid({ reason: "a component is named twice" });
  for (const name of covered) if (!components.has(name)) throw invalid({ component: name });
  for (const name of always) if (!names.has(name)) throw invalid({ component: name });
  for (const name of whenPresent) {
    if (names.has(name) !== (headers[name] !== undefined)) throw invalid({ component: name });
  }
  if (body.length > 0 && !names.has("content-digest")) throw invalid({ component: "content-digest" });
}

const hashes: Readonly<Record<string, string>> = { "sha-256": "sha256", "sha-512": "sha512" };

/** Every digest that we can compute must be right, and one at least must be one of those. */
function checkDigest({ headers }: Signed, body: ReceivedBody, invalid: Invalid): void {
  const field = headers["content-digest"];
  if (field === undefined) return;
  const digests = [...(readContentDigest(String(field)) ?? [])].filter(([algorithm]) => hashes[algorithm]);
  const right = ([algorithm, digest]: [string, string]) => hash(hashes[algorithm] as string, body, "base64") === digest;
  if (digests.length === 0 || !digests.every(right)) throw invalid({ component: "content-digest" });
}

/** What is signed (RFC 9421, section 2.5). */
function signatureBase(request: Signed, covered: readonly string[], parameters: string): string {
  let base = "";
  for (const name of covered) base += `"${name}": ${valueOf(request, name)}\n`;
  return `${base}"@signature-params": ${parameters}`;
}

function valueOf({ method, url, headers, protocol }: Signed, name: string): string {
  const at = url.indexOf("?");
  switch (name) {
    case "@method":
      return method;
    case "@authority":
      return (headers.host ?? "").toLowerCase().replace(protocol === "https" ? /:443$/ : /:80$/, "");
    case "@path":
      return (at < 0 ? url : url.slice(0, at)) || "/";
    case "@query":
      return at < 0 ? "?" : url.slice(at);
    default:
      return String(headers[name]).trim();
  }
}

async function isGenuine({ algorithm, key }: VerifyingKey, base: Buffer, signature: Buffer): Promise<boolean> {
  switch (algorithm) {
    case "hmac-sha256": {
      const expected = createHmac("sha256", key).update(base).digest();
      return signature.length === expected.length && timingSafeEqual(signature, expected);
    }
    case "ed25519":
      return new Promise((resolve) => {
        // In a thread: it takes longer than everything else that a request asks of the event loop.
        verify(null, base, key, signature, (error, right) => resolve(error === null && right));
      });
  }
}
