import { sql } from "#kit/db.ts";
import { type SessionRow, sessionColumns, type UserRow, userColumns } from "./sql.ts";

/** Compare-and-set on the password that was compared (`$2`), unless that is null. */
export const setPassword = sql<{ id: string }>(
  "identity.set_password",
  `update users set sealed_password = $3, password_generation = password_generation + 1
    where id = $1 and ($2::int is null or password_generation = $2)
   returning id`,
);

/** All that live but `$2`, which may be null. */
export const endSessionsBut = sql<SessionRow>(
  "identity.end_sessions_but",
  `update sessions set ended_at = clock_now(), ended_for = $3
    where owner_id = $1 and id is distinct from $2 and ended_at is null and expires_at > clock_now()
   returning ${sessionColumns}`,
);

export const lockContacts = sql<UserRow>(
  "identity.lock_contacts",
  `select ${userColumns} from users where id = $1 for no key update of users`,
);

/** A code has proven the phone or email that `$2` names. */
export const verifyContact = sql<UserRow>(
  "identity.verify_contact",
  `update users set phone_verified_at = case when $2 = 'phone' then clock_now() else phone_verified_at end,
          email_verified_at = case when $2 = 'email' then clock_now() else email_verified_at end
    where id = $1
   returning ${userColumns}`,
);

export const replacePhone = sql<UserRow>(
  "identity.replace_phone",
  `update users set sealed_phone = $2, phone_verified_at = clock_now() where id = $1 returning ${userColumns}`,
);

export const replaceEmail = sql<UserRow>(
  "identity.replace_email",
  `update users set sealed_email = $2, email_verified_at = clock_now() where id = $1 returning ${userColumns}`,
);

export const releaseHandle = sql(
  "identity.release_handle",
  "delete from user_handles where handle = $1 and livemode = $2 and user_id = $3",
);
