import { cardNumbersIn } from "./card-numbers.ts";

/** What may stand in the audit log of an object before and after an act: no secret, and nothing personal. */

export const secretMark = "[secret]";
export const personalMark = "[personal]";

/** Names of fields whose values are never written down, in snake or camel case. */
const secretName =
  /secret|password|passcode|totp|seed|token|private|credential|digest|hash|cvv|cvc|signature|(recovery|pairing|payment|one_?time)_?codes?$|(^|_)(pin|pan|otp|key)$|(?-i:(Pin|Key)$)/i;
const personalName = /^(sealed_?)?(phone|email|birthday|id_number|card_?holder|holder_?name|recipient)$/i;
/** Whose name is a person's. */
const people = new Set(["user", "staff", "device", "session", "passkey", "card", "bank_account"]);

const secretText =
  /\b(sk|sgk|pk|rk|tk|rt|whsec|whsk)_[\w+/=-]{12,}|\beyJ[\w-]{8,}\.[\w-]+|-----BEGIN |\bv1\.dk_\w+|\botpauth:\/\//;
const personalText = /^\+\d{7,15}$|^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Noise: the row names the object already. */
const left = new Set(["id", "object"]);

export type Fields = Readonly<Record<string, unknown>>;

/** The fields that differ, without secrets and personal data. Of something made or removed, all of one side. */
export function changedFields(
  objectType: string,
  before: object | undefined,
  after: object | undefined,
): { before: Fields | null; after: Fields | null } {
  const [old, young] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...Object.keys(old ?? {}), ...Object.keys(young ?? {})])].filter(
    (name) => !left.has(name) && !(old && young && same(old[name], young[name])),
  );
  const pick = (fields: Fields | undefined): Fields | null =>
    fields ? Object.fromEntries(names.map((name) => [name, redacted(objectType, name, fields[name])])) : null;
  return { before: pick(old), after: pick(young) };
}

/** As JSON would carry them: dates as text, nothing for what is not set. */
const fieldsOf = (thing: object | undefined): Fields | undefined => thing && JSON.parse(JSON.stringify(thing));

/** Both were JSON, made by the same code: their keys stand in the same order. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function redacted(objectType: string, name: string, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value;
  if (secretName.test(name)) return secretMark;
  if (personalName.test(name) || (name === "name" && people.has(objectType))) return personalMark;
  if (typeof value === "string") return redactedText(value);
  if (Array.isArray(value)) return value.map((item) => redacted(objectType, "", item));
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, redacted(objectType, key, field)]));
}

/** A secret under a name that does not tell, or in the midst of a text. */
export function redactedText(text: string): string {
  if (secretText.test(text) || cardNumbersIn(text).length > 0) return secretMark;
  return personalText.test(text.trim()) ? personalMark : text;
}
