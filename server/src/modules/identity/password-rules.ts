import { isCommonPassword } from "./common-passwords.ts";
import { identityErrors } from "./errors.ts";

/**
 * What a new password must be, after NIST SP 800-63B-4: long enough, not one that is tried first, and nothing made of what everybody can know
 * of its owner. Nothing is asked about kinds of characters, and it never has to be changed for its age.
 */
const leastCharacters = { user: 8, staff: 12 } as const; // PCI DSS 8.3.6 wants twelve of those who run the platform.

/** What of a person anybody may know. */
export interface Known {
  phone?: string | null | undefined;
  email?: string | null | undefined;
  name?: string | null | undefined;
}

/** Throws `password_too_short`, `password_breached`, `password_predictable`. `param`: JSON pointer of the field. */
export function checkNewPassword(
  password: string,
  known: Known,
  { kind = "user", param = "/password" }: { kind?: keyof typeof leastCharacters; param?: string } = {},
): void {
  const text = password.normalize("NFKC").toLowerCase();
  const least = leastCharacters[kind];
  if (lengthOf(text) < least) throw identityErrors.password_too_short({ param, details: { least } });
  if (isCommonPassword(password)) throw identityErrors.password_breached({ param });
  if (isPattern(text) || lengthOf(withoutKnown(text, known)) < least)
    throw identityErrors.password_predictable({ param });
}

const lengthOf = (text: string): number => [...text].length;

/** A few characters over and over, characters in their order, or a date. */
export function isPattern(text: string): boolean {
  const characters = [...text];
  const repeated = [1, 2, 3, 4, 5, 6, 7].some((period) =>
    characters.every((c, i) => i < period || c === characters[i - period]),
  );
  const codes = characters.map((c) => c.codePointAt(0) as number);
  const steps = codes.slice(1).map((code, i) => code - (codes[i] as number));
  const inOrder = [1, -1].some((step) => steps.every((s) => s === step || s === -9 * step));
  return (
    repeated ||
    inOrder ||
    /^((19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])|([0-2]\d|3[01])([0-2]\d|3[01])(19|20)\d\d)$/.test(text)
  );
}

const serviceNames = ["feiqian", "飞钱"];

/** What is left of a password without its owner's phone, email and name and the name of the service. */
function withoutKnown(text: string, { phone, email, name }: Known): string {
  const digits = phone?.replace(/\D/g, "") ?? "";
  const local = email?.slice(0, email.lastIndexOf("@")) ?? "";
  const parts = [local, name ?? ""].flatMap((words) => [words, ...words.split(/[\s._+-]+/)]);
  const known = [email ?? "", digits, digits.slice(-11), digits.slice(-10), digits.slice(-8), ...parts, ...serviceNames]
    .map((word) => word.normalize("NFKC").toLowerCase())
    .filter((word) => lengthOf(word) >= (/\p{Script=Han}/u.test(word) ? 2 : 4));
  // The longest first: a phone without its country code leaves the country code.
  return known.sort((a, b) => b.length - a.length).reduce((rest, word) => rest.replaceAll(word, ""), text);
}
