import { blindIndex, seal, unseal } from "#kit/crypto.ts";
import { database, first } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { sealSecret } from "./argon2.ts";
import { identityErrors } from "./errors.ts";
import { checkNewPassword } from "./password-rules.ts";
import { permissionsOf, type Role } from "./roles.ts";
import { insertStaff, type StaffRow, selectStaff } from "./sql.ts";
import { newTotpSecret } from "./totp.ts";
import { normalizeEmail } from "./user.ts";

/** Somebody who runs the platform. */
export interface Staff {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly status: StaffRow["status"];
  readonly createdAt: Date;
}

export const staffHandle = (email: string): string => blindIndex(email.toLowerCase(), "staff.email");
export const staffPasswordContext = (id: string): string => `staff.password ${id}`;
export const staffEmailContext = (id: string): string => `staff.email ${id}`;
export const totpContext = (id: string): string => `staff.totp ${id}`;

/**
 * Takes somebody on. Gives the TOTP secret (base32), which is never shown again.
 * Throws `staff_email_taken`, and what {@link checkNewPassword} throws.
 */
export async function createStaff(input: {
  email: string;
  password: string;
  role: Role;
}): Promise<Staff & { totpSecret: string }> {
  const id = newId("stf");
  const email = normalizeEmail(input.email);
  checkNewPassword(input.password, { email }, { kind: "staff" });
  const totpSecret = newTotpSecret();
  const row = await first(database(), insertStaff, [
    id,
    staffHandle(email),
    seal(email, staffEmailContext(id)),
    input.role,
    await sealSecret("password", input.password, staffPasswordContext(id)),
    seal(totpSecret, totpContext(id)),
  ]);
  if (!row) throw identityErrors.staff_email_taken();
  return { ...openStaff(row), totpSecret };
}

/** Throws `not_found`. */
export async function getStaff(id: string): Promise<Staff> {
  const row = await first(database(), selectStaff, [id]);
  if (!row) throw kitErrors.not_found();
  return openStaff(row);
}

export const openStaff = ({ sealedEmail, ...row }: StaffRow): Staff => ({
  ...row,
  email: unseal(sealedEmail, staffEmailContext(row.id)).toString("utf8"),
});

export const presentStaff = (staff: Staff) => ({
  id: staff.id,
  object: "staff" as const,
  email: staff.email,
  role: staff.role,
  permissions: [...permissionsOf(staff.role)],
  status: staff.status,
  created_at: staff.createdAt.toISOString(),
});
