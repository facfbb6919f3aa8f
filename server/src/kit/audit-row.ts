import { createHmac } from "node:crypto";
import { digestKey } from "./crypto.ts";

/** A row of the audit log as it was written. */
export interface AuditRow {
  readonly ownerId: string;
  readonly id: string;
  readonly livemode: boolean | null;
  readonly createdAt: Date;
  readonly actorKind: "staff" | "merchant" | "terminal" | "user" | "payer" | "system" | "anonymous";
  readonly actorId: string | null;
  readonly actorSession: string | null;
  readonly actorRole: string | null;
  readonly action: string;
  readonly outcome: "done" | "refused";
  readonly objectType: string;
  readonly objectId: string;
  /** JSON. */
  readonly before: string | null;
  /** JSON. */
  readonly after: string | null;
  readonly reason: string | null;
  readonly address: string | null;
  readonly addressHash: string | null;
  readonly requestId: string | null;
}

/** Its fields in the order of the table's columns. */
export const fieldsOfRow = (row: AuditRow): (string | boolean | null)[] => [
  row.ownerId,
  row.id,
  row.livemode,
  row.createdAt.toISOString(),
  row.actorKind,
  row.actorId,
  row.actorSession,
  row.actorRole,
  row.action,
  row.outcome,
  row.objectType,
  row.objectId,
  row.before,
  row.after,
  row.reason,
  row.address,
  row.addressHash,
  row.requestId,
];

/**
 * Keyed digest of a row, under a key that comes from the master key: who has the database alone can neither change a row nor write
 * one that passes for the platform's. HMAC-SHA-256 over the JSON array of the fields.
 */
export const macOfRow = (row: AuditRow): Buffer =>
  createHmac("sha256", digestKey("audit_log.row"))
    .update(JSON.stringify(fieldsOfRow(row)))
    .digest();
