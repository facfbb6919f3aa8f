import { createHmac, createSecretKey, type KeyObject, randomBytes } from "node:crypto";

/** Standard Webhooks, signature scheme v1: HMAC-SHA-256 over id, time and body (https://www.standardwebhooks.com). */
const prefix = "whsec_";
const leastBytes = 24;
const mostBytes = 64;

export const newSecret = (): string => prefix + randomBytes(32).toString("base64");

/** The key of a secret in its one spelling, `whsec_` and base64 of 24 to 64 bytes; nothing for another text. */
export function keyOf(secret: string): KeyObject | undefined {
  if (!secret.startsWith(prefix)) return undefined;
  const text = secret.slice(prefix.length);
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text || bytes.length < leastBytes || bytes.length > mostBytes) return undefined;
  return createSecretKey(bytes);
}

/** The headers of one attempt: a signature for each key, separated by blanks. `at` is in seconds since 1970. */
export function signedHeaders(
  keys: readonly KeyObject[],
  id: string,
  at: number,
  body: string,
): Record<string, string> {
  const signed = `${id}.${at}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  return { "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": signatures.join(" ") };
}
