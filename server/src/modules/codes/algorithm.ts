import { createHmac, createSecretKey, type KeyObject } from "node:crypto";

/**
 * The format of payment codes, published in `docs/payment-codes.md` with vectors in `vectors.json`: issuer prefix (2 digits),
 * alias (9 digits), and 7 digits of HMAC-SHA-256 over the time step and a number within it. Pure computation.
 */
export const stepSeconds = 30;
export const codeDigitCount = 7;
/** How many codes one key and alias give in a step: n = 0, 1, 2. */
export const codesPerStep = 3;
export const keyBytes = 32;
export const aliasCount = 1_000_000_000;

const stepMs = stepSeconds * 1000;
const digitCount = 10 ** codeDigitCount;

/** The time step that a moment (milliseconds since 1970) lies in. */
export const stepAt = (ms: number): number => Math.floor(ms / stepMs);

/** The moment from which a step's codes are no longer accepted, in milliseconds since 1970: the end of the next step. */
export const stepEndsAt = (step: number): number => (step + 2) * stepMs;

/** Whether codes of a step are accepted at this moment of the judging clock (the database's): the current step and the one before. */
export function stepIsCurrent(step: number, ms: number): boolean {
  const current = stepAt(ms);
  return step === current || step === current - 1;
}

/** A raw 256-bit key in the form that makes an HMAC five times cheaper than from the bytes; made once and kept. */
export function codeKey(raw: Buffer): KeyObject {
  if (raw.length !== keyBytes) throw new RangeError(`a code key has ${keyBytes} bytes, not ${raw.length}`);
  return createSecretKey(raw);
}

const message = Buffer.alloc(9);

/**
 * The last seven digits of a code: HMAC-SHA-256 over the step (8 bytes, big-endian) and n (1 byte), truncated as RFC 4226
 * section 5.3 does (the low nibble of the last byte is the offset of 31 bits), modulo 10^7.
 */
export function codeDigits(key: KeyObject, step: number, n: number): string {
  message.writeUInt32BE(Math.floor(step / 2 ** 32), 0);
  message.writeUInt32BE(step % 2 ** 32, 4);
  message[8] = n;
  const mac = createHmac("sha256", key).update(message).digest();
  const offset = (mac[mac.length - 1] as number) & 0x0f;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % digitCount).padStart(codeDigitCount, "0");
}

/** An alias as it stands in a code: nine digits with leading zeros. */
export const aliasDigits = (alias: number): string => String(alias).padStart(9, "0");

/** The whole code as it is shown. */
export const formatCode = (issuerPrefix: string, alias: number, key: KeyObject, step: number, n: number): string =>
  issuerPrefix + aliasDigits(alias) + codeDigits(key, step, n);

/**
 * How far this process's clock may be from the database's. Within this distance of a step's edge the neighbouring step is tried
 * too; the paying transaction judges by the database's clock, so that no code lives longer for it.
 */
const clockToleranceMs = 5_000;

/** The steps whose codes may be current by the database's clock at `ms` of this process's, the likeliest first. */
function stepsAround(ms: number): number[] {
  const current = stepAt(ms);
  const steps = [current, current - 1];
  if (stepAt(ms + clockToleranceMs) > current) steps.push(current + 1);
  if (stepAt(ms - clockToleranceMs) < current) steps.push(current - 2);
  return steps;
}

/** Finds the step and n that give these digits among those that may be current at `ms`; nothing when none does. */
export function findStep(key: KeyObject, digits: string, ms: number): { step: number; n: number } | undefined {
  return search(key, digits, stepsAround(ms));
}

/** How many steps back a code is recognised as one that has expired: ten minutes. */
const recognisedSteps = 20;

/** Whether the digits were a code of this key in the last ten minutes. */
export function wasCode(key: KeyObject, digits: string, ms: number): boolean {
  const current = stepAt(ms);
  const steps = Array.from({ length: recognisedSteps }, (_, back) => current - 1 - back);
  return search(key, digits, steps) !== undefined;
}

function search(key: KeyObject, digits: string, steps: readonly number[]): { step: number; n: number } | undefined {
  for (let n = 0; n < codesPerStep; n++) {
    for (const step of steps) {
      if (codeDigits(key, step, n) === digits) return { step, n };
    }
  }
  return undefined;
}
