import type { StaffActor } from "#kit/actor.ts";
import { type Origin, recordAct, recordRefusal } from "#kit/audit.ts";
import { seal, unseal } from "#kit/crypto.ts";
import { database, first, inTransaction, run } from "#kit/db.ts";
import { signal } from "#kit/security-signals.ts";
import { checkSecret, sealedNothing, sealSecret } from "./argon2.ts";
import { identityErrors } from "./errors.ts";
import { permissionsOf } from "./roles.ts";
import { openSession, tokenAnswer } from "./session.ts";
import { replaceStaffPassword, type StaffCredentialsRow, selectStaffCredentials, useTotpStep } from "./sql.ts";
import { openStaff, presentStaff, type Staff, staffHandle, staffPasswordContext, totpContext } from "./staff.ts";
import { attemptKeys, forgiveAttempt, takeAttempt } from "./throttle.ts";
import { newTotpSecret, totpStep } from "./totp.ts";
import { livemode } from "./user.ts";

export interface StaffSignIn {
  email: string;
  password: string;
  /** Six digits of RFC 6238. */
  totp: string;
}

/**
 * Signs a member of staff in. Throws `credentials_invalid`, which does not tell what was wrong, and `sign_in_throttled`.
 * A code works once, also when two requests bring it at once.
 */
export async function signInStaff({ email, password, totp }: StaffSignIn, from: Origin) {
  const address = from.ip;
  const handle = staffHandle(email);
  const attempt = attemptKeys(handle, address);
  await takeAttempt(attempt);
  const stored = (await first(database(), selectStaffCredentials, [handle])) ?? nobody();
  const context = staffPasswordContext(stored.id);
  const { right, outdated } = await checkSecret("password", password, stored.sealedPassword, context);
  const step = stepOf(stored, totp);
  if (!right || step === undefined) {
    signal("staff_sign_in_failed", { subject: handle, address, objectId: stored.id === "nobody" ? null : stored.id });
    // Also of nobody, so that it takes as long.
    const object = { type: "staff", id: stored.id };
    await recordRefusal(from, { action: "staff_session.refused", object, reason: "credentials_invalid" });
    throw identityErrors.credentials_invalid();
  }

  const { staff, session, token } = await inTransaction(async (tx) => {
    const row = await first(tx, useTotpStep, [stored.id, step]);
    if (!row) throw identityErrors.credentials_invalid();
    const owner = { ownerId: stored.id, ownerKind: "staff", deviceId: null } as const;
    const opened = await openSession(tx, { ...owner, livemode: livemode(), address });
    await forgiveAttempt(tx, attempt);
    const staff = openStaff(row);
    await recordAct(tx, from, {
      action: "staff_session.opened",
      object: { type: "session", id: opened.session.id },
      actor: actingAs(staff, opened.session.id),
    });
    return { ...opened, staff };
  });
  if (outdated) {
    const renewed = await sealSecret("password", password, context);
    await run(database(), replaceStaffPassword, [stored.id, stored.sealedPassword, renewed]);
  }
  return { ...(await tokenAnswer(session, token)), session: session.id, staff: presentStaff(staff) };
}

const actingAs = ({ id, role }: Staff, sessionId: string): StaffActor => ({
  kind: "staff",
  staffId: id,
  sessionId,
  role,
  permissions: permissionsOf(role),
});

const stepOf = ({ id, sealedTotpSecret }: StaffCredentialsRow, code: string): number | undefined =>
  totpStep(unseal(sealedTotpSecret, totpContext(id)).toString("utf8"), code);

/** What an unknown email is compared with, so that it takes as long. */
const nobody = (): StaffCredentialsRow => ({
  id: "nobody",
  sealedPassword: sealedNothing(staffPasswordContext("nobody")),
  sealedTotpSecret: seal(newTotpSecret(), totpContext("nobody")),
});
