import type { StaffActor } from "#kit/actor.ts";
import type { Keeper } from "#kit/approvable.ts";
import { recordAct } from "#kit/audit.ts";
import { first, rehearse } from "#kit/db.ts";
import { languageOf } from "#kit/http.ts";
import { newId } from "#kit/ids.ts";
import { openApproval, presentApproval, sealContent } from "./approval.ts";
import { type ApprovalRow, insertApproval } from "./approvals-sql.ts";

/**
 * Keeps what a member of staff asked for until another one decides. It is rehearsed first: what is impossible now is refused
 * to the maker's face, not to the one who approves.
 */
export const askApproval: Keeper = async (tx, request, act, asked, maker: StaffActor) => {
  await rehearse(tx, (part) => act.perform(part, asked, maker, request));
  const named = { id: newId("apr"), kind: act.kind, makerId: maker.staffId };
  const row = await first(tx, insertApproval, [
    named.id,
    named.kind,
    named.makerId,
    maker.role,
    maker.sessionId,
    request.ip,
    sealContent(named, asked),
    act.secret ?? false,
  ]);
  const action = { action: "approval.asked", object: { type: "approval", id: named.id } };
  await recordAct(tx, request, { ...action, after: { kind: act.kind } });
  return presentApproval(openApproval(row as ApprovalRow), languageOf(request));
};
