import type { Static } from "typebox";
import type { MerchantActor, StaffActor } from "#kit/actor.ts";
import { hashOfAddress, platformOwner } from "#kit/audit.ts";
import type { AuditRow } from "#kit/audit-row.ts";
import { database, run } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, page } from "#kit/lists.ts";
import type { ListAuditLog } from "./audit-schemas.ts";
import { listAudit } from "./audit-sql.ts";

export type AuditReader = MerchantActor | StaffActor;
type AuditQuery = Static<(typeof ListAuditLog)["querystring"]>;
export type AuditFilter = Omit<AuditQuery, "limit" | "starting_after" | "ending_before">;

export function readAuditLog(reader: AuditReader, query: AuditQuery): Promise<List<AuditEntry>> {
  requireOwn(reader, query);
  return page(
    "/v1/audit_log",
    query,
    (window) => readWindow(reader, query, window),
    (row) => presentEntry(row, reader),
  );
}

export interface AuditWindow {
  after: string | null;
  before: string | null;
  limit: number;
  ascending: boolean;
}

/** Throws `not_found` when a merchant asks for somebody else's. */
export function requireOwn(reader: AuditReader, { owner }: AuditFilter): void {
  if (reader.kind === "merchant" && owner !== undefined && owner !== reader.merchantId)
    throw kitErrors.not_found({ param: "owner" });
}

/** What the reader may see of it: staff everything, a merchant's key what is its own and of its mode. */
export function readWindow(reader: AuditReader, filter: AuditFilter, window: AuditWindow): Promise<AuditRow[]> {
  const { actor, action, about, outcome, request_id, address, created_gte, created_lt } = filter;
  const isMerchant = reader.kind === "merchant";
  const owner = isMerchant ? reader.merchantId : filter.owner;
  const way = request_id ? "ofRequest" : about ? "ofObject" : actor ? "ofActor" : owner ? "ofOwner" : "all";
  return run(database(), listAudit[way][window.ascending ? "asc" : "desc"], [
    window.after ?? "aud_~",
    window.before ?? "aud_",
    created_gte ?? null,
    created_lt ?? null,
    window.limit,
    owner ?? null,
    isMerchant ? reader.livemode : null,
    actor ?? null,
    action ?? null,
    about ?? null,
    outcome ?? null,
    request_id ?? null,
    address === undefined ? null : hashOfAddress(address),
  ]);
}

export type AuditEntry = ReturnType<typeof presentEntry>;

/** Who of the operator's people acted is not the merchant's to know. */
export function presentEntry(row: AuditRow, reader: AuditReader) {
  const isHidden = reader.kind === "merchant" && row.actorKind === "staff";
  return {
    id: row.id,
    object: "audit_entry" as const,
    created_at: row.createdAt.toISOString(),
    action: row.action,
    outcome: row.outcome,
    actor: {
      type: row.actorKind,
      id: isHidden ? null : row.actorId,
      session: isHidden ? null : row.actorSession,
      role: isHidden ? null : row.actorRole,
    },
    about: { type: row.objectType, id: row.objectId },
    owner: row.ownerId === platformOwner ? null : row.ownerId,
    livemode: row.livemode,
    before: fieldsOf(row.before),
    after: fieldsOf(row.after),
    reason: row.reason,
    address: isHidden ? null : row.address,
    request_id: isHidden ? null : row.requestId,
  };
}

const fieldsOf = (text: string | null): Record<string, unknown> | null => (text === null ? null : JSON.parse(text));
