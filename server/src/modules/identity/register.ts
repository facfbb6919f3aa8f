import { type Origin, recordAct } from "#kit/audit.ts";
import { first, inTransaction, plainArray, run, type Transaction } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { subjectKey } from "#kit/subject-keys.ts";
import { sealSecret } from "./argon2.ts";
import { identityErrors } from "./errors.ts";
import { afterRegistration } from "./hooks.ts";
import { checkOneTimeCode, type RightCode, useOneTimeCode } from "./one-time-code.ts";
import { checkNewPassword } from "./password-rules.ts";
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
  /** What was sent to the phone or email. */
  code?: string;
}

/**
 * Registers a user and runs what the role composed for it (wallets) in the same transaction. A one-time code proves the phone or email, and who has
 * none learns nothing about accounts; test mode does without, then by phone, email or both. Throws `one_time_code_missing`, `one_time_code_invalid`,
 * `phone_taken`, `email_taken`, what {@link checkNewPassword} throws, and `overloaded` while too many passwords are being hashed.
 */
export async function register(input: Registration, from: Origin): Promise<User> {
  const { phone, email, password } = input;
  if (phone === undefined && email === undefined) throw kitErrors.parameter_missing({ param: "/phone" });
  const name = input.name === undefined ? null : normalizeName(input.name);
  checkNewPassword(password, { phone, email, name });
  const right = await proofOf(input, from);
  const id = newId("usr");
  // Hashed before the transaction: it takes a while and must hold no connection.
  const sealedPassword = await sealSecret("password", password, passwordContext(id));

  return inTransaction(async (tx) => {
    if (right) await useOneTimeCode(tx, right);
    await claim(tx, id, input);
    const key = await subjectKey(tx, id);
    const row = (await first(tx, insertUser, [
      id,
      livemode(),
      phone === undefined ? null : sealPhone(key, phone),
      email === undefined ? null : sealEmail(key, normalizeEmail(email)),
      name && sealName(key, name),
      input.locale,
      sealedPassword,
      right !== undefined && phone !== undefined,
      right !== undefined && email !== undefined,
    ])) as UserRow;
    const user = openUser(row);
    await afterRegistration(tx, user);
    await emit(tx, [
      { ownerId: id, livemode: user.livemode, type: "user.created", objectId: id, object: presentMaskedUser(user) },
    ]);
    await recordAct(tx, from, {
      action: "user.created",
      object: { type: "user", id },
      owner: user,
      after: presentMaskedUser(user),
    });
    return user;
  });
}

/** A code proves one phone or email, so it goes with one. */
async function proofOf({ phone, email, code }: Registration, { ip }: Origin): Promise<RightCode | undefined> {
  if (code === undefined) {
    if (livemode()) throw identityErrors.one_time_code_missing();
    return undefined;
  }
  return checkOneTimeCode({ phone, email, purpose: "register", code }, ip);
}

/** Makes the phone and email this user's. Throws `phone_taken`, `email_taken`. */
async function claim(tx: Transaction, userId: string, { phone, email }: PhoneOrEmail): Promise<void> {
  const handles = {
    phone: phone === undefined ? undefined : handleOfPhone(phone),
    email: email === undefined ? undefined : handleOfEmail(email),
  };
  const wanted = Object.values(handles).filter((handle) => handle !== undefined);
  const claimed = await run(tx, claimHandles, [plainArray(wanted), livemode(), userId]);
  const got = new Set(claimed.map(({ handle }) => handle));
  if (handles.phone && !got.has(handles.phone)) throw identityErrors.phone_taken();
  if (handles.email && !got.has(handles.email)) throw identityErrors.email_taken();
}
