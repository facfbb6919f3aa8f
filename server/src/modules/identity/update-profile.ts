import { type Origin, recordAct } from "#kit/audit.ts";
import { first, inTransaction } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { subjectKey } from "#kit/subject-keys.ts";
import { updateUser } from "./sql.ts";
import { normalizeName, openUser, sealName, type User } from "./user.ts";

export interface Profile {
  /** `null` removes it. */
  name?: string | null;
  locale?: Language;
}

/** Changes what is given and leaves the rest. */
export async function updateProfile(userId: string, { name, locale }: Profile, from: Origin): Promise<User> {
  const plain = typeof name === "string" ? normalizeName(name) : null;
  return inTransaction(async (tx) => {
    const sealed = plain && sealName(await subjectKey(tx, userId), plain);
    const row = await first(tx, updateUser, [userId, name !== undefined, sealed, locale ?? null]);
    if (!row) throw kitErrors.not_found();
    const user = openUser(row);
    const object = { type: "user", id: userId };
    await recordAct(tx, from, { action: "user.updated", object, after: { name, locale } });
    return user;
  });
}
