import { bySystem, platformOwner, recordAct } from "#kit/audit.ts";
import { now } from "#kit/clock.ts";
import { inTransaction, run } from "#kit/db.ts";
import { deletePastRows } from "./audit-sql.ts";
import { keptDays } from "./verify-audit-log.ts";

/**
 * Removes acts that were kept for their time, whole batches, oldest first; their links in the chain stay, so that the rest can be verified.
 * That it was done is an act. Works as the owner of the tables only. Gives how many.
 */
export const purgeAuditLog = (): Promise<number> =>
  inTransaction(async (tx) => {
    const before = new Date(now() - keptDays * 86_400_000).toISOString();
    const { length } = await run(tx, deletePastRows, [before]);
    const object = { type: "audit_log", id: platformOwner };
    if (length > 0)
      await recordAct(tx, bySystem("audit.purge"), {
        action: "audit_log.purged",
        object,
        after: { before, rows: length },
      });
    return length;
  });
