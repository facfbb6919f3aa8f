import { randomInt } from "node:crypto";
import { blindIndex } from "#kit/crypto.ts";

/** Without letters that look or sound like others (Crockford's base 32). */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const length = 8;

/** What somebody types into a till: 40 random bits as `7K3M-Q9TX`. */
export function newPairingCode(): string {
  const text = Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

/** Under what a pairing code is found, however it was typed. */
export function pairingCodeHash(typed: string): string {
  const text = typed.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll(/[IL]/g, "1").replaceAll("O", "0");
  return blindIndex(text, "pairing_codes.code");
}

const tokenShape = /^tt_(test|live)_[0-9A-Za-z]{43}$/;

export const isTerminalToken = (text: string): boolean => tokenShape.test(text);
