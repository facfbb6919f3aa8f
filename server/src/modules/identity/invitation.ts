import { randomBytes } from "node:crypto";
import { type Origin, recordAct } from "#kit/audit.ts";
import { seal, unseal } from "#kit/crypto.ts";
import { database, first, inTransaction, type Transaction } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { canDeliver, sendMessage } from "#kit/messages.ts";
import { sealSecret } from "./argon2.ts";
import { identityErrors } from "./errors.ts";
import { letters } from "./letters.ts";
import { checkNewPassword } from "./password-rules.ts";
import { digestOf } from "./session.ts";
import { openStaff, presentStaff, type Staff, staffPasswordContext, totpContext } from "./staff.ts";
import {
  type InvitationRow,
  putInvitation,
  selectAnyStaff,
  selectInvitation,
  setCredentials,
  useInvitation,
} from "./staff-sql.ts";
import { newTotpSecret, totpStep, totpUrl } from "./totp.ts";
import { livemode } from "./user.ts";

/**
 * How a member of staff gets credentials that nobody else has ever seen: whoever bears the invitation sets password and authenticator app.
 * It goes by mail to the invited alone; where no mail can be sent it is handed to who asked for it, once.
 */
const hours = 72;

export const invitedTotpContext = (staffId: string): string => `staff_invitations.totp ${staffId}`;

/** Makes an invitation; an earlier one dies. */
export async function invite(tx: Transaction, { id, email }: Staff, language: Language) {
  const secret = randomBytes(32);
  const sealed = seal(newTotpSecret(), invitedTotpContext(id));
  const row = await first(tx, putInvitation, [id, digestOf(secret), sealed, hours]);
  const token = `inv_${id}_${secret.toString("base64url")}`;
  const to = { email };
  const mailed = canDeliver(to);
  const usefulSeconds = hours * 3_600;
  if (mailed)
    await sendMessage(tx, {
      to,
      ...letters.staff_invitation(language, { token }),
      livemode: livemode(),
      usefulSeconds,
    });
  return {
    object: "staff_invitation" as const,
    sent_by: mailed ? ("email" as const) : null,
    token: mailed ? null : token,
    expires_at: (row as { expiresAt: Date }).expiresAt.toISOString(),
  };
}

interface Bearer {
  staffId: string;
  tokenHash: Buffer;
}

/** Throws `invitation_invalid`. */
function readToken(token: string): Bearer {
  const [, staffId, secret] = /^inv_(stf_[0-9a-z]{26})_([\w-]{43})$/.exec(token) ?? [];
  if (!staffId || !secret) throw identityErrors.invitation_invalid();
  return { staffId, tokenHash: digestOf(Buffer.from(secret, "base64url")) };
}

/** Throws `invitation_invalid`, as for one that was used, is too old, or whose bearer may not work here any more. */
async function readInvitation({ staffId, tokenHash }: Bearer) {
  const invitation = await first(database(), selectInvitation, [staffId, tokenHash]);
  const row = await first(database(), selectAnyStaff, [staffId]);
  if (!invitation || !row || row.status === "disabled") throw identityErrors.invitation_invalid();
  return { staff: openStaff(row), totpSecret: secretOf(staffId, invitation), expiresAt: invitation.expiresAt };
}

const secretOf = (staffId: string, { sealedTotpSecret }: InvitationRow): string =>
  unseal(sealedTotpSecret, invitedTotpContext(staffId)).toString("utf8");

/** What the invited needs to set up an authenticator app; as often as it takes. Throws `invitation_invalid`. */
export async function openInvitation(token: string) {
  const { staff, totpSecret, expiresAt } = await readInvitation(readToken(token));
  return {
    object: "opened_invitation" as const,
    email: staff.email,
    role: staff.role,
    totp_secret: totpSecret,
    totp_url: totpUrl(totpSecret, staff.email),
    expires_at: expiresAt.toISOString(),
  };
}

export interface Acceptance {
  token: string;
  password: string;
  /** Six digits: the app is set up. */
  totp: string;
}

/**
 * Sets password and authenticator app, and uses the invitation up. Throws `invitation_invalid`, `credentials_invalid` for a code that is not
 * the app's, and what {@link checkNewPassword} throws.
 */
export async function acceptInvitation(from: Origin, { token, password, totp }: Acceptance) {
  const bearer = readToken(token);
  const { staffId, tokenHash } = bearer;
  const { staff, totpSecret } = await readInvitation(bearer);
  checkNewPassword(password, { email: staff.email }, { kind: "staff" });
  const step = totpStep(totpSecret, totp);
  if (step === undefined) throw identityErrors.credentials_invalid({ param: "/totp" });
  const sealedPassword = await sealSecret("password", password, staffPasswordContext(staffId));
  return inTransaction(async (tx) => {
    const used = await first(tx, useInvitation, [staffId, tokenHash]);
    if (!used) throw identityErrors.invitation_invalid();
    const sealedTotp = seal(secretOf(staffId, used), totpContext(staffId));
    const row = await first(tx, setCredentials, [staffId, sealedPassword, sealedTotp, step]);
    if (!row) throw identityErrors.invitation_invalid();
    await recordAct(tx, from, { action: "staff.invitation_accepted", object: { type: "staff", id: staffId } });
    return presentStaff(openStaff(row));
  });
}
