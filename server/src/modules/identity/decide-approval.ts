import type { StaffActor } from "#kit/actor.ts";
import { type Act, actOfKind } from "#kit/approvable.ts";
import { type Origin, recordAct } from "#kit/audit.ts";
import { constantTimeEqual } from "#kit/crypto.ts";
import { first, nested, type Transaction } from "#kit/db.ts";
import { ApiError } from "#kit/errors.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { signal } from "#kit/security-signals.ts";
import {
  type Approval,
  alreadyDecided,
  getApproval,
  openApproval,
  openResult,
  sealFailure,
  sealReason,
  sealResult,
  secretHours,
} from "./approval.ts";
import {
  type ApprovalRow,
  approve as approveStatement,
  cancel as cancelStatement,
  noteOutcome,
  refuse as refuseStatement,
  takeOutcome,
} from "./approvals-sql.ts";
import { requireFreshTotp } from "./confirm-totp.ts";
import { identityErrors } from "./errors.ts";
import { permissionsOf } from "./roles.ts";

/**
 * Agrees to a request, which is done in this very transaction, exactly as it was asked and was shown (`digest`). What has become impossible
 * meanwhile is named by the approval, which is then `failed`. Throws `approval_own`, `approval_changed`, and `state_conflict` for a
 * request that is decided, expired, or whose maker is no longer who they were; `mfa_required` when the last code is too long ago.
 */
export async function approve(
  tx: Transaction,
  from: Origin,
  actor: StaffActor,
  id: string,
  digest: string,
): Promise<Approval> {
  await requireFreshTotp(tx, actor);
  const asked = await getApproval(tx, actor, id);
  if (concerns(asked, actor.staffId)) throw violation(actor, asked, identityErrors.approval_own());
  if (!constantTimeEqual(digest, asked.digest)) throw violation(actor, asked, identityErrors.approval_changed());
  const row = await first(tx, approveStatement, [id, actor.staffId]);
  if (!row) throw await alreadyDecided(tx, id);
  const approval = openApproval(row);
  const act = actOfKind(approval.kind);
  if (!act) throw new Error(`nobody knows how to do ${approval.kind}`);
  const done = openApproval(await carryOut(tx, from, act, approval));
  await record(tx, from, done);
  return done;
}

/** Nobody does that by mistake twice. */
function violation({ staffId }: StaffActor, { id }: Approval, error: ApiError): ApiError {
  signal("approval_violated", { subject: staffId, objectId: id, details: { code: error.code } });
  return error;
}

const record = (tx: Transaction, from: Origin, { id, kind, status }: Approval, reason?: string): Promise<void> =>
  recordAct(tx, from, {
    action: `approval.${status}`,
    object: { type: "approval", id },
    after: { kind, status },
    reason,
  });

async function carryOut(tx: Transaction, from: Origin, act: Act<unknown>, approval: Approval): Promise<ApprovalRow> {
  const { id, content } = approval;
  try {
    const maker = makerOf(act, approval);
    // In the audit log it is the maker's act; it names the approval, under which both stand.
    const origin = { id: from.id, ip: approval.makerAddress, actor: maker, approval: id };
    const result = await nested(tx, (part) => act.perform(part, content, maker, origin));
    return (await first(tx, noteOutcome, [id, false, sealResult(id, result)])) as ApprovalRow;
  } catch (error) {
    // A platform's failure is none of the request's: all is undone and may be approved again.
    if (!(error instanceof ApiError) || error.status >= 500) throw error;
    return (await first(tx, noteOutcome, [id, true, sealFailure(id, error)])) as ApprovalRow;
  }
}

/** The maker as they are now: the role is the one they asked with, but this version may grant it less. */
function makerOf({ permission }: Act<unknown>, { makerId, makerRole, makerSessionId }: Approval): StaffActor {
  const permissions = permissionsOf(makerRole);
  if (!permissions.has(permission)) throw kitErrors.scope_missing({ details: { scope: permission } });
  return { kind: "staff", staffId: makerId, sessionId: makerSessionId, role: makerRole, permissions };
}

/** Whether somebody asked for it, or is whom it is about. */
const concerns = ({ makerId, content }: Approval, staffId: string): boolean =>
  makerId === staffId || Object.values(content.params).includes(staffId);

/** Refuses a request. Throws as {@link approve} does; a maker takes back the own one with {@link cancel}. */
export async function refuse(
  tx: Transaction,
  from: Origin,
  actor: StaffActor,
  id: string,
  reason: string,
): Promise<Approval> {
  const asked = await getApproval(tx, actor, id);
  if (asked.makerId === actor.staffId) throw identityErrors.approval_own();
  const row = await first(tx, refuseStatement, [id, actor.staffId, sealReason(id, reason)]);
  if (!row) throw await alreadyDecided(tx, id);
  const refused = openApproval(row);
  await record(tx, from, refused, reason);
  return refused;
}

/** Takes the own request back. Throws `not_found` for somebody else's, `state_conflict` for one that is decided. */
export async function cancel(tx: Transaction, from: Origin, actor: StaffActor, id: string): Promise<Approval> {
  const asked = await getApproval(tx, actor, id);
  if (asked.makerId !== actor.staffId) throw kitErrors.not_found();
  const row = await first(tx, cancelStatement, [id, actor.staffId]);
  if (!row) throw await alreadyDecided(tx, id);
  const canceled = openApproval(row);
  await record(tx, from, canceled);
  return canceled;
}

/**
 * Hands a secret result to its maker, once and for a day. Throws `approval_result_withheld` to everybody else, and `state_conflict`
 * when there is nothing to be fetched (any more).
 */
export async function takeResult(tx: Transaction, from: Origin, actor: StaffActor, id: string): Promise<object> {
  const approval = await getApproval(tx, actor, id);
  if (approval.makerId !== actor.staffId) throw violation(actor, approval, identityErrors.approval_result_withheld());
  const taken = await first(tx, takeOutcome, [id, secretHours]);
  if (taken) {
    await recordAct(tx, from, { action: "approval.result_fetched", object: { type: "approval", id } });
    return { object: "approval_result", approval: id, result: openResult(id, taken.sealedOutcome) };
  }
  const status = approval.status === "approved" ? "result_gone" : approval.status;
  throw kitErrors.state_conflict({ details: { status } });
}
