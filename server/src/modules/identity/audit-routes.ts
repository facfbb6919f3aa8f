import { actorOf, allow } from "#kit/access.ts";
import { platformOwner, recordAct } from "#kit/audit.ts";
import { database, first, inTransaction } from "#kit/db.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { sendFile } from "#kit/send-file.ts";
import { writeHead } from "./audit-chain.ts";
import { ExportAuditLog, ListAuditLog, ReadAuditHead } from "./audit-schemas.ts";
import { lastBatch } from "./audit-sql.ts";
import { exportAuditLog } from "./export-audit-log.ts";
import { readAuditLog } from "./read-audit-log.ts";

export function auditRoutes(app: Http): void {
  const read = allow(["staff", "merchant"], "audit:read");

  app.get("/v1/audit_log", { schema: ListAuditLog, config: read }, (request) =>
    readAuditLog(actorOf(request, "staff", "merchant"), request.query),
  );

  app.get("/v1/audit_log/export", { schema: ExportAuditLog, config: read }, async (request, reply) => {
    const reader = actorOf(request, "staff", "merchant");
    const { format, ...filter } = request.query;
    const file = exportAuditLog(reader, filter, languageOf(request));
    const id = reader.kind === "merchant" ? reader.merchantId : platformOwner;
    const act = { action: "audit_log.exported", object: { type: "audit_log", id }, after: { format, ...filter } };
    await inTransaction((tx) => recordAct(tx, request, act));
    return sendFile(reply, file);
  });

  app.get("/v1/audit_log/head", { schema: ReadAuditHead, config: allow("staff", "audit:read") }, async () => {
    const batch = await first(database(), lastBatch);
    return {
      object: "audit_head" as const,
      head: batch ? writeHead(batch) : null,
      batches: batch?.number ?? 0,
      sealed_at: batch?.sealedAt.toISOString() ?? null,
    };
  });
}
