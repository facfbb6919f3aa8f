import { first, inTransaction, plainArray, run } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { subjectKey } from "#kit/subject-keys.ts";
import { sealSecret } from "./argon2.ts";
import { identityErrors } from "./errors.ts";
import { afterRegistration } from "./hooks.ts";
import { claimHandles, insertUser, type UserRow } from "./sql.ts";
import {
  handleOfEmail,
  handleOfPhone,
  livemode,
  normalizeEmail,
  normalizeName,
  openUser,
  type PhoneOrEmail,
  passwordContext,
  presentMaskedUser,
  sealEmail,
  sealName,
  sealPhone,
  type User,
} from "./user.ts";

export interface Registration extends PhoneOrEmail {
  password: string;
  name?: string;
  locale: Language;
}

/**
 * Registers a user by phone, email or both, and runs what the role composed for it (wallets) in the same transaction.
 * Throws `phone_taken`, `email_taken`, and `overloaded` while too many passwords are being hashed.
 */
export async function register(input: Registration): Promise<User> {
  if (input.phone === undefined && input.email === undefined) throw kitErrors.parameter_missing({ param: "/phone" });
  const id = newId("usr");
  const phone = input.phone ?? null;
  const email = input.email === undefined ? null : normalizeEmail(input.email);
  const name = input.name === undefined ? null : normalizeName(input.name);
  const handles = {
    phone: phone === null ? null : handleOfPhone(phone),
    email: email === null ? null : handleOfEmail(email),
  };
  // Hashed before the transaction: it takes a while and must hold no connection.
  const sealedPassword = await sealSecret("password", input.password, passwordContext(id));

  return inTransaction(async (tx) => {
    const wanted = [handles.phone, handles.email].filter((handle) => handle !== null);
    const claimed = await run(tx, claimHandles, [plainArray(wanted), livemode(), id]);
    const got = new Set(claimed.map(({ handle }) => handle));
    if (handles.phone && !got.has(handles.phone)) throw identityErrors.phone_taken();
    if (handles.email && !got.has(handles.email)) throw identityErrors.email_taken();
    const key = await subjectKey(tx, id);
    const row = (await first(tx, insertUser, [
      id,
      livemode(),
      phone && sealPhone(key, phone),
      email && sealEmail(key, email),
      name && sealName(key, name),
      input.locale,
      sealedPassword,
    ])) as UserRow;
    const user = openUser(row);
    await afterRegistration(tx, user);
    await emit(tx, [
      { ownerId: id, livemode: user.livemode, type: "user.created", objectId: id, object: presentMaskedUser(user) },
    ]);
    return user;
  });
}
