import { hash } from "node:crypto";
import type { Static } from "typebox";
import type { StaffActor } from "#kit/actor.ts";
import { type ApprovalObject, type Asked, actOfKind } from "#kit/approvable.ts";
import { seal, UnsealError, unseal } from "#kit/crypto.ts";
import { database, first, type Queryable, run } from "#kit/db.ts";
import { ApiError, type Language, presentFailure } from "#kit/errors.ts";
import { canonical } from "#kit/idempotency.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, type ListQuery, page, valuesOf } from "#kit/lists.ts";
import { signal } from "#kit/security-signals.ts";
import { type ApprovalRow, forgetOutcomes, listApprovals, selectApproval } from "./approvals-sql.ts";
import { identityErrors } from "./errors.ts";

/** What may become of a request for approval. A move that is not listed is refused as `state_conflict`. */
export const approvalMoves = {
  pending: ["approved", "failed", "refused", "canceled", "lapsed", "expired"],
  approved: [],
  failed: [],
  refused: [],
  canceled: [],
  lapsed: [],
  expired: [],
} as const;

export type ApprovalStatus = keyof typeof approvalMoves;

/** A request for approval, opened. */
export interface Approval extends Omit<ApprovalRow, "sealedContent" | "status"> {
  readonly status: ApprovalStatus | "tampered";
  readonly content: Asked<unknown>;
  readonly digest: string;
}

/** For how long a secret result waits for its maker. */
export const secretHours = 24;

/** Whoever changes kind or maker in the database makes the content unreadable. */
export const contentContext = ({ id, kind, makerId }: Pick<ApprovalRow, "id" | "kind" | "makerId">): string =>
  `approvals.content ${id} ${kind} ${makerId}`;
export const outcomeContext = (id: string): string => `approvals.outcome ${id}`;
export const reasonContext = (id: string): string => `approvals.reason ${id}`;

export const sealContent = (named: Pick<ApprovalRow, "id" | "kind" | "makerId">, content: Asked<unknown>): string =>
  seal(canonical(content), contentContext(named));

/** Opens what is stored of a request. Throws `approval_tampered`, and alarms: of one that was changed nothing is believed. */
function unsealOf(id: string, sealed: string, context: string): string {
  try {
    return unseal(sealed, context).toString("utf8");
  } catch (error) {
    if (!(error instanceof UnsealError)) throw error;
    signal("approval_tampered", { subject: id, objectId: id });
    throw identityErrors.approval_tampered();
  }
}

/** Throws `approval_tampered`. */
export const openApproval = (row: ApprovalRow): Approval => {
  const content = unsealOf(row.id, row.sealedContent, contentContext(row));
  const digest = hash("sha256", `${row.id}\n${row.kind}\n${content}`, "hex");
  return { ...row, content: JSON.parse(content) as Asked<unknown>, digest };
};

export const sealReason = (id: string, reason: string): string => seal(reason, reasonContext(id));

/** What was answered. */
export const sealResult = (id: string, result: object): string => seal(JSON.stringify(result), outcomeContext(id));
export const openResult = (id: string, sealed: string): object =>
  JSON.parse(unsealOf(id, sealed, outcomeContext(id))) as object;

interface Failure {
  code: string;
  param: string | null;
  details?: Record<string, unknown>;
}

/** Why what was approved could not be done. */
export const sealFailure = (id: string, { code, param, details }: ApiError): string =>
  sealResult(id, { code, param, ...(details && { details }) } satisfies Failure);

/** Whose requests a member of staff sees: everybody's, or the own ones. */
export const reachOfStaff = ({ staffId, permissions }: StaffActor): string | null =>
  permissions.has("approvals:read") || permissions.has("approvals:write") ? null : staffId;

/** A request within somebody's sight. Throws `not_found` and `approval_tampered`. */
export async function getApproval(on: Queryable, actor: StaffActor, id: string): Promise<Approval> {
  const row = await first(on, selectApproval, [id, reachOfStaff(actor)]);
  if (!row) throw kitErrors.not_found();
  return openApproval(row);
}

/** Who decides too late is told what became of it. */
export async function alreadyDecided(on: Queryable, id: string): Promise<ApiError> {
  const now = await first(on, selectApproval, [id, null]);
  // Still pending: its maker is no longer who they were when they asked.
  const status = now?.status === "pending" ? "lapsed" : now?.status;
  return kitErrors.state_conflict({ details: { status } });
}

export const approvalsFor = (
  actor: StaffActor,
  query: ListQuery & { status?: ApprovalStatus; kind?: string },
  language: Language,
): Promise<List<Static<typeof ApprovalObject>>> =>
  page(
    "/v1/approvals",
    query,
    (window) =>
      run(database(), listApprovals, [
        reachOfStaff(actor),
        ...valuesOf(window),
        query.status ?? null,
        query.kind ?? null,
      ]),
    (row) => presentListed(row, language),
  );

export function presentApproval(approval: Approval, language: Language): Static<typeof ApprovalObject> {
  const { id, kind, status, content, sealedOutcome, sealedReason } = approval;
  const act = actOfKind(kind);
  return {
    id,
    object: "approval",
    kind,
    text: (language === "zh-CN" ? act?.zh : act?.en) ?? kind,
    status,
    content: { params: { ...content.params }, body: content.body },
    digest: approval.digest,
    maker: approval.makerId,
    decided_by: approval.decidedBy,
    reason: sealedReason && unsealOf(id, sealedReason, reasonContext(id)),
    result: status === "approved" && sealedOutcome && !approval.secret ? openResult(id, sealedOutcome) : null,
    secret: approval.secret,
    failure: status === "failed" && sealedOutcome ? presentFailureOf(id, sealedOutcome, language) : null,
    created_at: approval.createdAt.toISOString(),
    expires_at: approval.expiresAt.toISOString(),
    decided_at: approval.decidedAt?.toISOString() ?? null,
  };
}

/** In a list one that was changed stands among the others, so that nothing is missing, and shows nothing that it might be approved by. */
function presentListed(row: ApprovalRow, language: Language): Static<typeof ApprovalObject> {
  try {
    return presentApproval(openApproval(row), language);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "approval_tampered") throw error;
    const content = { params: {}, body: null };
    const bare = { ...row, status: "tampered" as const, content, digest: "", sealedReason: null, sealedOutcome: null };
    return { ...presentApproval(bare, language), failure: { ...presentFailure(error.code, language), param: null } };
  }
}

function presentFailureOf(id: string, sealed: string, language: Language) {
  const { code, param, details } = openResult(id, sealed) as Failure;
  return { ...presentFailure(code, language), param, ...(details && { details }) };
}

/** Secrets that nobody fetched in time are gone; run hourly by the worker. */
export async function forgetSecretResults(): Promise<void> {
  await run(database(), forgetOutcomes, [secretHours]);
}
