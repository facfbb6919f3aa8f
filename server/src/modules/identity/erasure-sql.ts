import { run, sql, type Transaction } from "#kit/db.ts";
import { type UserRow, userColumns } from "./sql.ts";

export interface RowToErase extends UserRow {
  frozen: boolean;
}

/** Nobody registers a device or moves a contact of the user meanwhile. */
export const lockUserToErase = sql<RowToErase>(
  "identity.lock_user_to_erase",
  `select ${userColumns}, frozen_at is not null as frozen from users where id = $1 and erased_at is null for update of users`,
);

export const eraseUserRow = sql(
  "identity.erase_user",
  `update users
      set sealed_phone = null, sealed_email = null, sealed_name = null, sealed_password = null, phone_verified_at = null,
          email_verified_at = null, password_generation = password_generation + 1, erased_at = clock_now()
    where id = $1`,
);

/** What a person proves an identity with, and whatever else tells who it was. */
const forgotten = [
  "user_handles",
  "payment_pins",
  "totps",
  "recovery_codes",
  "passkeys",
  "passkey_credentials",
  "sign_in_challenges",
  "devices",
].map((table) => sql(`identity.forget_${table}`, `delete from ${table} where user_id = $1`));

export async function forgetUser(tx: Transaction, userId: string): Promise<void> {
  for (const statement of forgotten) await run(tx, statement, [userId]);
}
