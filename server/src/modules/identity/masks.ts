/** What of a person may be shown to somebody else (reference/glossary.md, section 11). Masking is done by the server. */

const twoDigitCountries = new Set(
  "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98".split(
    " ",
  ),
);

/** The country code of an E.164 number without its plus (ITU-T E.164, assigned codes). */
function countryOf(digits: string): string {
  if (digits.startsWith("1") || digits.startsWith("7")) return digits.slice(0, 1);
  return digits.slice(0, twoDigitCountries.has(digits.slice(0, 2)) ? 2 : 3);
}

/** `+8613812345678` → `138****5678`; others: country code and last four digits. */
export function maskPhone(phone: string): string {
  const digits = phone.slice(1);
  if (/^861\d{10}$/.test(digits)) return `${digits.slice(2, 5)}****${digits.slice(-4)}`;
  return `+${countryOf(digits)} **** ${digits.slice(-4)}`;
}

/** `张三` → `*三`; `Ming Wang` → `Ming W.`; a single word shows its first character. */
export function maskName(name: string): string {
  const characters = [...name];
  if (/^[\p{Script=Han}·]+$/u.test(name)) return "*".repeat(Math.max(1, characters.length - 1)) + lastOf(characters);
  const words = name.trim().split(/\s+/);
  const initial = [...(words.at(-1) as string)][0] ?? "";
  return words.length === 1 ? `${initial}.` : `${words[0]} ${initial}.`;
}

const lastOf = (characters: string[]): string => (characters.length > 1 ? (characters.at(-1) as string) : "");

/** `alison@example.com` → `a***n@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf("@");
  const local = email.slice(0, at);
  return `${local.slice(0, 1)}***${local.length > 1 ? local.slice(-1) : ""}${email.slice(at)}`;
}
