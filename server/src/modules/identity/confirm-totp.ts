import type { StaffActor } from "#kit/actor.ts";
import { type Origin, recordAct } from "#kit/audit.ts";
import { unseal } from "#kit/crypto.ts";
import { database, first, inTransaction, type Queryable } from "#kit/db.ts";
import { signal } from "#kit/security-signals.ts";
import { identityErrors } from "./errors.ts";
import { selectStaffTotp, useTotpStep } from "./sql.ts";
import { openStaff, type Staff, totpContext } from "./staff.ts";
import { noteTotp, selectFreshTotp } from "./staff-sql.ts";
import { attemptKeys, forgiveAttempt, takeAttempt } from "./throttle.ts";
import { totpStep } from "./totp.ts";

/**
 * Step-up: a session that was left open, or a stolen token, is not enough for what is dangerous. Who does that has given a code of the
 * authenticator app within this time, at the sign-in or since.
 */
const freshSeconds = 15 * 60;

/** Throws `mfa_required` when the session's last code is too old. */
export async function requireFreshTotp(on: Queryable, { staffId, sessionId }: StaffActor): Promise<void> {
  if (await first(on, selectFreshTotp, [staffId, sessionId, freshSeconds])) return;
  throw identityErrors.mfa_required({ details: { methods: ["totp"], confirm: "/v1/staff/me/confirm" } });
}

/** Takes a fresh code of who is signed in. Guessing is as slow as signing in. Throws `credentials_invalid`, `sign_in_throttled`. */
export async function confirmTotp(from: Origin, actor: StaffActor, code: string): Promise<Staff> {
  const { staffId, sessionId } = actor;
  const attempt = attemptKeys(staffId, from.ip);
  await takeAttempt(attempt);
  const stored = await first(database(), selectStaffTotp, [staffId]);
  const step = stored && totpStep(unseal(stored.sealedTotpSecret, totpContext(staffId)).toString("utf8"), code);
  if (step === undefined) throw wrong(staffId, from);
  return inTransaction(async (tx) => {
    const row = await first(tx, useTotpStep, [staffId, step]);
    if (!row) throw wrong(staffId, from);
    await first(tx, noteTotp, [staffId, sessionId]);
    await forgiveAttempt(tx, attempt);
    await recordAct(tx, from, { action: "session.confirmed", object: { type: "session", id: sessionId } });
    return openStaff(row);
  });
}

function wrong(staffId: string, { ip }: Origin) {
  signal("second_factor_wrong", { subject: staffId, address: ip });
  return identityErrors.credentials_invalid({ param: "/totp" });
}
