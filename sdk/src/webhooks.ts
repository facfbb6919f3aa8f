import { fromBase64, utf8, type WebKey } from "./encoding.ts";
import { isObject, WebhookVerificationError } from "./errors.ts";

/** Standard Webhooks: https://www.standardwebhooks.com */

/** A notification that was verified. */
export interface WebhookEvent {
  /** The event's id: the same in every repetition, so that yours can be counted once. */
  id: string;
  object: "event";
  /** `payment.succeeded` and so on. */
  type: string;
  /** RFC 3339: when it happened. */
  timestamp: string;
  livemode: boolean;
  /** Counts the events of one object from 1: a lower one that comes later is old news. */
  sequence: number;
  /** The whole object as it was then. */
  data: { object: Record<string, unknown> };
}

/** The header lines of the request: those of `fetch`, of Node, or a plain object. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyOptions {
  /** Seconds that the sender's clock and ours may be apart. */
  toleranceSeconds?: number;
  /** Milliseconds since 1970. */
  now?: number;
}

const defaultTolerance = 300;
const secretPrefix = "whsec_";

/**
 * Verifies a notification by its raw body and gives its content. `secret` is the endpoint's `whsec_…`; while a secret is being changed,
 * give both. Throws {@link WebhookVerificationError}; answer the sender 400 then.
 */
export async function verifyWebhook<T extends WebhookEvent = WebhookEvent>(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  { toleranceSeconds = defaultTolerance, now = Date.now() }: VerifyOptions = {},
): Promise<T> {
  const id = header(headers, "webhook-id");
  const timestamp = header(headers, "webhook-timestamp");
  const signatures = header(headers, "webhook-signature");
  checkTime(timestamp, toleranceSeconds, now);
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const signed = utf8(`${id}.${timestamp}.${text}`);
  const keys = await Promise.all([secret].flat().map(importSecret));
  const given = signatures.split(" ").flatMap(readSignature);
  // `verify` of WebCrypto compares in constant time. Every pair is tried: how long it takes tells nothing about which fits.
  const pairs = keys.flatMap((key) => given.map((signature) => crypto.subtle.verify("HMAC", key, signature, signed)));
  if (!(await Promise.all(pairs)).includes(true))
    throw new WebhookVerificationError("No signature of this webhook is made with the secret.");
  return contentOf<T>(text);
}

function header(headers: WebhookHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : plainHeader(headers, name);
  if (!value) throw new WebhookVerificationError(`The header ${name} is missing.`);
  return value;
}

function plainHeader(headers: Exclude<WebhookHeaders, Headers>, name: string): string | undefined {
  const found = Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1];
  return typeof found === "string" ? found : found?.join(" ");
}

function checkTime(timestamp: string, toleranceSeconds: number, now: number): void {
  if (!/^\d{1,15}$/.test(timestamp)) throw new WebhookVerificationError("The header webhook-timestamp is no time.");
  const age = now / 1000 - Number(timestamp);
  if (age > toleranceSeconds) throw new WebhookVerificationError("This webhook is too old.");
  if (age < -toleranceSeconds) throw new WebhookVerificationError("This webhook comes from the future.");
}

function importSecret(secret: string): Promise<WebKey> {
  const bytes = fromBase64(secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret);
  if (!bytes?.length) throw new WebhookVerificationError("The secret is not whsec_ and base64.");
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

/** The bytes of a `v1` signature; nothing for other versions, which others may understand. */
function readSignature(text: string): Uint8Array<ArrayBuffer>[] {
  const [version, signature = ""] = text.split(",", 2);
  const bytes = version === "v1" ? fromBase64(signature) : undefined;
  return bytes ? [bytes] : [];
}

function contentOf<T extends WebhookEvent>(text: string): T {
  const content: unknown = JSON.parse(text);
  if (!isObject(content) || typeof content.type !== "string")
    throw new WebhookVerificationError("The content of this webhook is no event.");
  return content as unknown as T; // Signed by the platform, whose events have this shape.
}
