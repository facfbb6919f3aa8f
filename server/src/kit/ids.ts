import { hash, randomFillSync } from "node:crypto";

/** Prefixes of public ids (API.md). The rest of an id is opaque: never parse one. */
export type IdPrefix =
  | "usr"
  | "mch"
  | "sto"
  | "trm"
  | "key"
  | "dev"
  | "ses"
  | "pay"
  | "trf"
  | "top"
  | "wdl"
  | "rtn"
  | "att"
  | "ref"
  | "acc"
  | "txn"
  | "evt"
  | "we"
  | "whd"
  | "alr"
  | "aud"
  | "stf"
  | "apr"
  | "pln"
  | "req"
  | "msg"
  | "cod"
  | "qr"
  | "rcd"
  | "rcp"
  | "stm"
  | "ck"
  | "dk"
  | "card"
  | "ba"
  | "sk"
  | "psk";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const pairs = Array.from({ length: 1024 }, (_, n) => alphabet.charAt(n >> 5) + alphabet.charAt(n & 31));

const pool = new Uint16Array(4096);
let taken = pool.length;
function tenRandomBits(): number {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  return (pool[taken++] as number) & 1023;
}

/** 50 bits of milliseconds as 10 characters. */
function timePartOf(ms: number): string {
  let part = "";
  for (let rest = ms, i = 0; i < 5; i++) {
    part = pairs[rest % 1024] + part;
    rest = Math.floor(rest / 1024);
  }
  return part;
}

let lastMillisecond = 0;
let timePart = "";

/**
 * A new id: prefix, then 26 characters of Crockford base32 in lower case, 50 bits of milliseconds and 80 random bits.
 * Ids of one process sort by the millisecond they were made in. The time is the machine's: an id's order is a help for indexes, not a fact.
 */
export function newId(prefix: IdPrefix): string {
  const now = Date.now();
  if (now !== lastMillisecond) {
    lastMillisecond = now;
    timePart = timePartOf(now);
  }
  let id = `${prefix}_${timePart}`;
  for (let i = 0; i < 8; i++) id += pairs[tenRandomBits()];
  return id;
}

/** So many pairs of characters of a digest over the parts. Read as text: a buffer would cost more than the digest. */
function digestPart(parts: readonly (string | number)[], count: number): string {
  const digest = hash("sha256", parts.join("\u0000"), "binary");
  let text = "";
  for (let i = 0; i < count * 2; i += 2) text += pairs[((digest.charCodeAt(i) << 8) | digest.charCodeAt(i + 1)) & 1023];
  return text;
}

/** An id that the same parts always give again, for things that must exist once (a user's allowance of a day). */
export function derivedId(prefix: IdPrefix, ...parts: (string | number)[]): string {
  return `${prefix}_${digestPart(parts, 13)}`;
}

/**
 * As {@link derivedId}, and sorting by a time that the business gives (milliseconds since 1970): for read models whose order
 * is a fact. {@link idsSince} turns such a time into a bound.
 */
export function derivedIdAt(prefix: IdPrefix, ms: number, ...parts: (string | number)[]): string {
  return `${prefix}_${timePartOf(ms)}${digestPart(parts, 8)}`;
}

/** Sorts before every {@link derivedIdAt} of this time or later, and after all earlier ones. */
export const idsSince = (prefix: IdPrefix, ms: number): string => `${prefix}_${timePartOf(ms)}`;

/** The time that a {@link derivedIdAt} was made with, in milliseconds. Nobody else's ids are to be read. */
export function timeOfDerived(id: string): number {
  const from = id.indexOf("_") + 1;
  let ms = 0;
  for (const character of id.slice(from, from + 10)) ms = ms * 32 + alphabet.indexOf(character);
  return ms;
}

/** The id of what an object has one of, under another prefix: found without an index of its own. */
export const twinId = (prefix: IdPrefix, objectId: string): string => prefix + objectId.slice(objectId.indexOf("_"));

/** The id of the first event about an object. */
export const firstEventId = (objectId: string): string => twinId("evt", objectId);

/**
 * The `n`th id, 0 to 1023, of what an object has several of. They lie together between the {@link idsBelongingTo} of that object, so
 * they are found without an index of their own, and cost less to make than new ones.
 */
export function idBelongingTo(prefix: IdPrefix, objectId: string, n: number): string {
  const ending = pairs[n];
  if (ending === undefined) throw new RangeError(`an object has at most 1024 ids of a kind, not number ${n}`);
  return stemOf(prefix, objectId) + ending;
}

/** Bounds, `from` included and `to` not, of all {@link idBelongingTo} one object. */
export function idsBelongingTo(prefix: IdPrefix, objectId: string): { from: string; to: string } {
  const stem = stemOf(prefix, objectId);
  return { from: stem, to: `${stem}~` };
}

/** All but the last two characters: 70 of the 80 random bits stay. */
const stemOf = (prefix: IdPrefix, objectId: string): string => {
  const from = objectId.indexOf("_");
  return prefix + objectId.slice(from, from + 25);
};

/** Sorts before every id that was made at most so many milliseconds before this one. */
export function idsSinceBefore(id: string, ms: number): string {
  const at = id.indexOf("_") + 1;
  let made = 0;
  for (const digit of id.slice(at, at + 10)) made = made * 32 + alphabet.indexOf(digit);
  return id.slice(0, at) + timePartOf(Math.max(0, made - ms));
}

/** JSON Schema pattern of an id with one of these prefixes. */
export const idPattern = (...prefixes: IdPrefix[]): string => `^(${prefixes.join("|")})_[0-9a-hjkmnp-tv-z]{26}$`;
