import { config } from "#kit/config.ts";
import { blindIndex } from "#kit/crypto.ts";
import { first, type Queryable, run, textArray } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { openSubjectKey, type SubjectKey, sealFor, unsealFor } from "#kit/subject-keys.ts";
import { maskEmail, maskName, maskPhone } from "./masks.ts";
import { selectHandle, selectUsers, type UserRow } from "./sql.ts";

/** A person with a wallet, opened: what only the user and our own code may see. */
export interface User {
  readonly id: string;
  readonly livemode: boolean;
  /** E.164. */
  readonly phone: string | null;
  readonly email: string | null;
  /** A one-time code reached it. */
  readonly phoneVerified: boolean;
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly locale: Language;
  readonly createdAt: Date;
}

/** What somebody else may see of a user. */
export interface MaskedUser {
  readonly id: string;
  readonly name: string | null;
  readonly phone: string | null;
}

/** Whether this server serves live users; the others don't exist for it. */
export const livemode = (): boolean => config().mode === "live";

/** Finds users by id; gives nothing when there is none. */
export async function findUser(on: Queryable, id: string): Promise<User | undefined> {
  const row = await first(on, selectUsers, [textArray([id])]);
  return row && openUser(row);
}

/** The user who signs in with this phone (E.164), or nothing. */
export const userByPhone = (on: Queryable, phone: string): Promise<User | undefined> =>
  userByHandle(on, handleOfPhone(phone));

/** Masked names of many users at once, by id; ids of nobody are left out. */
export async function userNames(on: Queryable, ids: readonly string[]): Promise<Map<string, MaskedUser>> {
  const rows = ids.length === 0 ? [] : await run(on, selectUsers, [textArray(ids)]);
  return new Map(rows.map((row) => [row.id, maskUser(openUser(row))]));
}

export const maskUser = ({ id, name, phone }: User): MaskedUser => ({
  id,
  name: name && maskName(name),
  phone: phone && maskPhone(phone),
});

/** Takes the same two look-ups whether or not there is such a user. */
export async function userByHandle(on: Queryable, handle: string): Promise<User | undefined> {
  const found = await first(on, selectHandle, [handle, livemode()]);
  const row = await first(on, selectUsers, [textArray([found?.userId ?? "nobody"])]);
  return row && openUser(row);
}

export interface PhoneOrEmail {
  phone?: string | undefined;
  email?: string | undefined;
}

/** What a user signs in with, as a keyed hash. Exactly one of the two must be given. */
export function handleOf({ phone, email }: PhoneOrEmail): string {
  if (phone !== undefined && email !== undefined)
    throw kitErrors.parameter_invalid({ param: "/email", details: { reason: "not together with phone" } });
  if (phone !== undefined) return handleOfPhone(phone);
  if (email !== undefined) return handleOfEmail(email);
  throw kitErrors.parameter_missing({ param: "/phone" });
}

export const handleOfPhone = (phone: string): string => blindIndex(phone, "users.phone");

/** Nobody means two accounts by `Ann@` and `ann@`, so the handle ignores case. */
export const handleOfEmail = (email: string): string => blindIndex(email.toLowerCase(), "users.email");

/** Lower-case domain; the local part is the mail server's own business. */
export function normalizeEmail(email: string): string {
  const at = email.lastIndexOf("@");
  return email.slice(0, at) + email.slice(at).toLowerCase();
}

/** Nothing but blanks is no name. */
export const normalizeName = (name: string): string | null => name.normalize("NFC").trim() || null;

export const phoneContext = (id: string): string => `users.phone ${id}`;
export const emailContext = (id: string): string => `users.email ${id}`;
export const nameContext = (id: string): string => `users.name ${id}`;
export const sealPhone = (key: SubjectKey, phone: string): string => sealFor(key, phone, phoneContext(key.id));
export const sealEmail = (key: SubjectKey, email: string): string => sealFor(key, email, emailContext(key.id));
export const sealName = (key: SubjectKey, name: string): string => sealFor(key, name, nameContext(key.id));
export const passwordContext = (id: string): string => `users.password ${id}`;

export function openUser(row: UserRow): User {
  const key = openSubjectKey(row.id, row.sealedSubjectKey);
  const open = (sealed: string | null, context: string): string | null =>
    sealed === null ? null : unsealFor(key, sealed, context);
  return {
    id: row.id,
    livemode: row.livemode,
    phone: open(row.sealedPhone, phoneContext(row.id)),
    email: open(row.sealedEmail, emailContext(row.id)),
    name: open(row.sealedName, nameContext(row.id)),
    phoneVerified: row.phoneVerified,
    emailVerified: row.emailVerified,
    locale: row.locale,
    createdAt: row.createdAt,
  };
}

/** The user object of API.md, for the user alone. */
export const presentUser = (user: User) => ({
  id: user.id,
  object: "user" as const,
  phone: user.phone,
  phone_verified: user.phoneVerified,
  email: user.email,
  email_verified: user.emailVerified,
  name: user.name,
  locale: user.locale,
  livemode: user.livemode,
  created_at: user.createdAt.toISOString(),
});

/** The user object as events carry it: masked. */
export const presentMaskedUser = (user: User) => ({
  ...presentUser(user),
  phone: user.phone && maskPhone(user.phone),
  email: user.email && maskEmail(user.email),
  name: user.name && maskName(user.name),
});
