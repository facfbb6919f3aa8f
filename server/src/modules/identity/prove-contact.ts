import { type Origin, recordAct } from "#kit/audit.ts";
import { database, first, inTransaction, plainArray, run, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { subjectKey } from "#kit/subject-keys.ts";
import { lockContacts, releaseHandle, replaceEmail, replacePhone, verifyContact } from "./account-sql.ts";
import { confirmPassword } from "./check-password.ts";
import { identityErrors } from "./errors.ts";
import { letters } from "./letters.ts";
import { checkOneTimeCode, useOneTimeCode } from "./one-time-code.ts";
import { claimHandles } from "./sql.ts";
import { tellOwner } from "./tell-owner.ts";
import {
  findUser,
  handleOf,
  handleOfEmail,
  handleOfPhone,
  livemode,
  normalizeEmail,
  openUser,
  type PhoneOrEmail,
  presentMaskedUser,
  sealEmail,
  sealPhone,
  type User,
} from "./user.ts";

export type Contact = PhoneOrEmail & { code: string };

/**
 * Proves the phone or email that the user has, by the code that was sent there for `verify`; what is proven already stays so. Throws `not_found` when it is not the user's, and
 * `one_time_code_invalid`.
 */
export async function verifyOwnContact(userId: string, { code, ...contact }: Contact, from: Origin): Promise<User> {
  const user = await findUser(database(), userId);
  const handle = handleOf(contact);
  if (!user || ![handleOfContact(user, "phone"), handleOfContact(user, "email")].includes(handle))
    throw kitErrors.not_found({ param: contact.phone === undefined ? "/email" : "/phone" });
  if (contact.phone === undefined ? user.emailVerified : user.phoneVerified) return user;
  const right = await checkOneTimeCode({ ...contact, purpose: "verify", code }, from.ip);
  return inTransaction(async (tx) => {
    await useOneTimeCode(tx, right);
    const row = await first(tx, verifyContact, [userId, contact.phone === undefined ? "email" : "phone"]);
    if (!row) throw kitErrors.not_found();
    return recorded(tx, user, openUser(row), from, "user.contact_verified");
  });
}

export type NewContact = Contact & { password: string };

/**
 * Gives the user another phone or email, by the code that was sent there and the password. The old one stops signing in at once, and is told.
 * Throws `password_invalid`, `one_time_code_invalid`, `sign_in_throttled`; and `phone_taken`, `email_taken` to whom has the right code.
 */
export async function changeContact(
  userId: string,
  { code, password, ...contact }: NewContact,
  from: Origin,
): Promise<User> {
  await confirmPassword(userId, password, from.ip);
  const kind = contact.phone === undefined ? "email" : "phone";
  const right = await checkOneTimeCode({ ...contact, purpose: `change_${kind}`, code }, from.ip);
  return inTransaction(async (tx) => {
    const locked = await first(tx, lockContacts, [userId]);
    if (!locked) throw kitErrors.not_found();
    const before = openUser(locked);
    await useOneTimeCode(tx, right);
    const claimed = await run(tx, claimHandles, [plainArray([handleOf(contact)]), livemode(), userId]);
    if (claimed.length === 0) throw identityErrors[`${kind}_taken`]();
    const old = handleOfContact(before, kind);
    if (old !== undefined) await run(tx, releaseHandle, [old, livemode(), userId]);
    const after = await replaceContact(tx, userId, contact);
    await tellOwner(tx, before, letters[`${kind}_changed`]);
    return recorded(tx, before, after, from, `user.${kind}_changed`);
  });
}

function handleOfContact({ phone, email }: User, kind: "phone" | "email"): string | undefined {
  if (kind === "phone") return phone === null ? undefined : handleOfPhone(phone);
  return email === null ? undefined : handleOfEmail(email);
}

async function replaceContact(tx: Transaction, userId: string, { phone, email }: PhoneOrEmail): Promise<User> {
  const key = await subjectKey(tx, userId);
  const row =
    phone !== undefined
      ? await first(tx, replacePhone, [userId, sealPhone(key, phone)])
      : await first(tx, replaceEmail, [userId, sealEmail(key, normalizeEmail(email as string))]);
  if (!row) throw kitErrors.not_found();
  return openUser(row);
}

async function recorded(tx: Transaction, before: User, after: User, from: Origin, action: string): Promise<User> {
  const [old, young] = [presentMaskedUser(before), presentMaskedUser(after)];
  await recordAct(tx, from, {
    action,
    object: { type: "user", id: after.id },
    owner: after,
    before: old,
    after: young,
  });
  return after;
}
