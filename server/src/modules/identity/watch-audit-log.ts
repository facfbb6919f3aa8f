import { defineJob } from "#kit/jobs.ts";
import { log } from "#kit/log.ts";
import { signal } from "#kit/security-signals.ts";
import { type Verification, verifyAuditLog } from "./verify-audit-log.ts";

/** Compares the audit log with its chain every night: what was tampered with is a critical alert in the morning, not a find of the next audit. */
export async function watchAuditLog(): Promise<Verification> {
  const verification = await verifyAuditLog();
  const { tampering } = verification;
  if (tampering.length > 0) {
    log.error({ tampering: tampering.slice(0, 20), found: tampering.length }, "the audit log was tampered with");
    signal("audit_log_broken", {
      subject: "audit_log",
      details: { found: tampering.length, first: tampering[0]?.kind ?? null },
    });
  }
  return verification;
}

defineJob("identity.watch_audit_log", watchAuditLog, { crontab: "23 4 * * *" });
