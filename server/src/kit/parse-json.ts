import { isUtf8 } from "node:buffer";
import type { ApiError } from "./errors.ts";
import { kitErrors } from "./kit-errors.ts";

/**
 * Reads a body as JSON of which there is only one understanding. `JSON.parse` takes the last of two equal names where another reader takes the first, rounds
 * numbers, and lets through what PostgreSQL does not store; what was signed, shown or looked at on the way must be what happens here.
 *
 * A first pass over the text, some hundred nanoseconds for a payment, sees that nothing is odd; only what is odd is read with care.
 * Throws `body_invalid`, `json_duplicate_key`, `json_name_forbidden` or `parameter_invalid`, with the place as a JSON pointer.
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw kitErrors.body_invalid({ details: { reason: "is not UTF-8" } });
  const text = bytes.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw kitErrors.body_invalid();
  }
  const names = glance(bytes);
  if (names === undefined || names !== countNames(value)) inspect(text);
  return value;
}

/** Deep enough for every request there is; what walks through a body may do so recursively. */
const deepest = 32;
/** Any number of so few characters, and without an exponent, is exact. */
const exactLength = 15;

const [quote, backslash, colon, minus, dot] = [0x22, 0x5c, 0x3a, 0x2d, 0x2e];
const [openBrace, openBracket, closeBrace, closeBracket] = [0x7b, 0x5b, 0x7d, 0x5d];
const isDigit = (sign = 0): boolean => sign >= 0x30 && sign <= 0x39;

/** How many names of members stand in valid JSON; nothing when a text or a number deserves a closer look. */
function glance(bytes: Buffer): number | undefined {
  let names = 0;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const sign = bytes[at] as number;
    if (sign === quote) {
      for (at++; bytes[at] !== quote; at++) if (bytes[at] === backslash && isOddEscape(bytes, ++at)) return undefined;
    } else if (sign === colon) names++;
    else if (sign === openBrace || sign === openBracket) {
      if (++depth > deepest) throw kitErrors.body_invalid({ details: { reason: `is nested deeper than ${deepest}` } });
    } else if (sign === closeBrace || sign === closeBracket) depth--;
    else if (sign === minus || isDigit(sign)) {
      const from = at;
      while (isDigit(bytes[at + 1]) || bytes[at + 1] === dot) at++;
      // 0x65 and 0x45: e and E.
      if (at - from >= exactLength || bytes[at + 1] === 0x65 || bytes[at + 1] === 0x45) return undefined;
    }
  }
  return names;
}

/** NUL, and halves of surrogate pairs: \u0000, \ud800 to \udfff. */
function isOddEscape(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== 0x75) return false;
  const digits = bytes.toString("latin1", at + 1, at + 5);
  return digits === "0000" || /^d[89a-f]/i.test(digits);
}

/** How many members came out of it; nothing when one has a name that objects have by themselves. */
function countNames(value: unknown): number | undefined {
  if (value === null || typeof value !== "object") return 0;
  let names = 0;
  const fields = value as Record<string, unknown>;
  for (const name in fields) {
    if (name === "__proto__" || name === "constructor") return undefined;
    if (!Array.isArray(value)) names++;
    const field = fields[name];
    if (field === null || typeof field !== "object") continue;
    const inside = countNames(field);
    if (inside === undefined) return undefined;
    names += inside;
  }
  return names;
}

/** Reads valid JSON once more, knowing where it is, and throws what is wrong with it. */
function inspect(text: string): void {
  const token = /\s*("(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+)/y;
  const next = (): string => token.exec(text)?.[1] ?? "";

  /** Reads the value that begins with this token; gives the names of its members. */
  function value(begin: string, at: string): Set<string> {
    if (begin === "{") return members(at);
    if (begin === "[") elements(at);
    else if (begin.startsWith('"')) readText(begin, at);
    else if (/^[-\d]/.test(begin) && !isExact(begin)) throw invalid(at, "must be a number that keeps every digit");
    return new Set();
  }

  function members(at: string): Set<string> {
    const names = new Set<string>();
    for (let sign = next(); sign !== "}"; sign = next()) {
      if (sign === ",") continue;
      const name = readText(sign, at);
      const place = `${at}/${name.replace(/~/g, "~0").replace(/\//g, "~1")}`;
      if (names.has(name)) throw kitErrors.json_duplicate_key({ param: place });
      names.add(name);
      next();
      const inside = value(next(), place);
      if (name === "__proto__" || (name === "constructor" && inside.has("prototype")))
        throw kitErrors.json_name_forbidden({ param: place });
    }
    return names;
  }

  function elements(at: string): void {
    let index = 0;
    for (let sign = next(); sign !== "]"; sign = next()) {
      if (sign === ",") index++;
      else value(sign, `${at}/${index}`);
    }
  }

  value(next(), "");
}

function readText(quoted: string, at: string): string {
  const text = JSON.parse(quoted) as string;
  if (!text.isWellFormed() || text.includes("\0"))
    throw invalid(at, "must not hold U+0000 or one half of a surrogate pair");
  return text;
}

/** Whether a number is read as it is written: a whole number up to 2^53 − 1, or one of 15 significant digits. */
function isExact(token: string): boolean {
  const read = Number(token);
  if (Number.isInteger(read) && /^[^.e]*$/i.test(token)) return Number.isSafeInteger(read);
  const digits = (token.split(/e/i, 1)[0] as string).replace(/[-.]/g, "").replace(/^0+|0+$/g, "");
  if (digits === "") return true;
  const size = Math.abs(read);
  return digits.length <= exactLength && size >= 2 ** -1022 && size <= Number.MAX_SAFE_INTEGER;
}

const invalid = (at: string, reason: string): ApiError =>
  kitErrors.parameter_invalid({ param: at || "/", details: { reason } });
