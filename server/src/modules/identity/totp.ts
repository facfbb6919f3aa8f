import { randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { now } from "#kit/clock.ts";

/** Codes of authenticator apps: RFC 6238 with SHA-1, six digits and 30 seconds, which every app knows. */
const periodSeconds = 30;
const digits = 6;
const issuer = "Feiqian";

/** A new secret in base32: 160 bits, as RFC 4226 advises. */
export const newTotpSecret = (): string => new Secret({ buffer: new Uint8Array(randomBytes(20)).buffer }).base32;

/** The address that an authenticator app reads from a QR code. `account` is what the app shows beside the issuer. */
export const totpUrl = (secret: string, account: string): string =>
  new TOTP({ issuer, label: account, secret, period: periodSeconds, digits }).toString();

/** The 30-second step whose code this is, one early or late allowed; nothing when it is none of the three. */
export function totpStep(secretBase32: string, code: string): number | undefined {
  const secret = Secret.fromBase32(secretBase32);
  const timestamp = now();
  const delta = TOTP.validate({ token: code, secret, timestamp, period: periodSeconds, digits, window: 1 });
  return delta === null ? undefined : TOTP.counter({ timestamp, period: periodSeconds }) + delta;
}
