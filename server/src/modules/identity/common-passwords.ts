import { hash } from "node:crypto";
import { readFileSync } from "node:fs";

/**
 * Passwords that attackers try first, as NIST SP 800-63B-4 (section 3.1.1.2) wants them refused: those of breaches, words, names. The file holds the
 * first 40 bits of SHA-256 of each, sorted; `make-common-passwords.ts` makes it. Of 74,000 entries, one password in 15 million that is
 * not among them is taken for one.
 */
export const commonPasswordsFile = new URL("./common-passwords.bin", import.meta.url);
const digestBytes = 5;

/** Case and spelling in Unicode make no difference. */
export const digestOfPassword = (password: string): Buffer =>
  hash("sha256", password.normalize("NFKC").toLowerCase(), "buffer").subarray(0, digestBytes);

let digests: Buffer | undefined;

export function isCommonPassword(password: string): boolean {
  digests ??= readFileSync(commonPasswordsFile);
  const wanted = digestOfPassword(password);
  let [from, to] = [0, digests.length / digestBytes];
  while (from < to) {
    const middle = (from + to) >> 1;
    const order = wanted.compare(digests, middle * digestBytes, (middle + 1) * digestBytes);
    if (order === 0) return true;
    if (order < 0) to = middle;
    else from = middle + 1;
  }
  return false;
}
