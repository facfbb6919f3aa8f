import { type Asked, approvable } from "#kit/approvable.ts";
import { type Origin, recordAct, type SystemOrigin } from "#kit/audit.ts";
import { seal } from "#kit/crypto.ts";
import { first, inTransaction, run, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { lapseApprovals } from "./approvals-sql.ts";
import { endSessionsBut } from "./end-session.ts";
import { identityErrors } from "./errors.ts";
import { invite } from "./invitation.ts";
import type { Role } from "./roles.ts";
import type { StaffRow } from "./sql.ts";
import { openStaff, presentStaff, type Staff, staffEmailContext, staffHandle } from "./staff.ts";
import {
  changeStaffRole,
  clearCredentials,
  disableStaff as disableStatement,
  enableStaff,
  insertInvitedStaff,
  selectAnyStaff,
  withdrawInvitation,
} from "./staff-sql.ts";
import { normalizeEmail } from "./user.ts";

/** Who works here and as what. Whatever gives power takes two persons; taking it away takes one. */
interface NewStaff {
  email: string;
  role: Role;
  locale: "en" | "zh-CN";
}

const idOf = ({ params }: Asked<unknown>): string => params.id as string;

export const takesOnStaff = approvable<NewStaff>({
  kind: "staff.create",
  en: "Take on a member of staff",
  zh: "新增员工",
  permission: "staff:write",
  needs: () => "power",
  secret: true,
  perform: (tx, { body }, _actor, from) => takeOn(tx, body, from),
});

/** Takes somebody on, who sets password and authenticator app by an invitation. Throws `staff_email_taken`. */
export async function takeOn(tx: Transaction, wanted: NewStaff, from: Origin | SystemOrigin) {
  const id = newId("stf");
  const email = normalizeEmail(wanted.email);
  const row = await first(tx, insertInvitedStaff, [
    id,
    staffHandle(email),
    seal(email, staffEmailContext(id)),
    wanted.role,
  ]);
  if (!row) throw identityErrors.staff_email_taken();
  const staff = openStaff(row);
  await recordAct(tx, from, { ...about("staff.created", id), after: presentStaff(staff) });
  return { ...presentStaff(staff), invitation: await invite(tx, staff, wanted.locale) };
}

export const changesRole = approvable<{ role: Role }>({
  kind: "staff.update",
  en: "Give a member of staff another role",
  zh: "变更员工角色",
  permission: "staff:write",
  needs: () => "power",
  async perform(tx, asked, _actor, from) {
    const before = await anyStaff(tx, idOf(asked));
    const row = await first(tx, changeStaffRole, [before.id, asked.body.role]);
    if (!row) throw disabled();
    const after = openStaff(row);
    await cutOff(tx, after.id);
    const change = { before: presentStaff(before), after: presentStaff(after) };
    await recordAct(tx, from, { ...about("staff.role_changed", after.id), ...change });
    return presentStaff(after);
  },
});

export const enablesStaff = approvable<object>({
  kind: "staff.enable",
  en: "Let a disabled member of staff in again",
  zh: "恢复已停用的员工",
  permission: "staff:write",
  needs: () => "power",
  async perform(tx, asked, _actor, from) {
    const before = await anyStaff(tx, idOf(asked));
    const row = await first(tx, enableStaff, [before.id]);
    if (!row) throw kitErrors.state_conflict({ details: { status: before.status } });
    await recordAct(tx, from, { ...about("staff.enabled", before.id) });
    return presentStaff(openStaff(row));
  },
});

export const resetsCredentials = approvable<{ locale: "en" | "zh-CN" }>({
  kind: "staff.reset",
  en: "Take password and authenticator app of a member of staff back and invite them anew",
  zh: "重置员工的密码与身份验证器",
  permission: "staff:write",
  needs: () => "power",
  secret: true,
  async perform(tx, asked, _actor, from) {
    const before = await anyStaff(tx, idOf(asked));
    const row = await first(tx, clearCredentials, [before.id]);
    if (!row) throw disabled();
    const staff = openStaff(row);
    await cutOff(tx, staff.id);
    await recordAct(tx, from, { ...about("staff.reset", staff.id) });
    return { ...presentStaff(staff), invitation: await invite(tx, staff, asked.body.locale) };
  },
});

/** Takes somebody's access away: sessions, an open invitation, and what they asked for. Once more changes nothing. Throws `not_found`. */
export function disableStaff(from: Origin, id: string, reason: string): Promise<Staff> {
  return inTransaction(async (tx) => {
    const row = await first(tx, disableStatement, [id]);
    if (!row) return anyStaff(tx, id);
    await run(tx, withdrawInvitation, [id]);
    await cutOff(tx, id);
    await recordAct(tx, from, { ...about("staff.disabled", id), reason });
    return openStaff(row);
  });
}

/** Nobody goes on under a power that is no longer theirs, nor does what they asked for with it. */
async function cutOff(tx: Transaction, staffId: string): Promise<void> {
  await run(tx, lapseApprovals, [staffId]);
  await endSessionsBut(tx, staffId, null, "staff_changed");
}

async function anyStaff(tx: Transaction, id: string): Promise<Staff> {
  const row: StaffRow | undefined = await first(tx, selectAnyStaff, [id]);
  if (!row) throw kitErrors.not_found();
  return openStaff(row);
}

const disabled = () => kitErrors.state_conflict({ details: { status: "disabled" } });
const about = (action: string, id: string) => ({ action, object: { type: "staff", id } });
