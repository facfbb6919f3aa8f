import { database, run } from "#kit/db.ts";
import { defineJob } from "#kit/jobs.ts";
import { deleteOldSignals } from "./signals-sql.ts";

const keptDays = 3;
const batch = 5_000;

/** Forgets signals older than three days, in batches so that no transaction is long. Gives how many rows. */
export async function purgeSignals(): Promise<number> {
  for (let purged = 0; ; ) {
    const deleted = await run(database(), deleteOldSignals, [keptDays, batch]);
    purged += deleted.length;
    if (deleted.length < batch) return purged;
  }
}

defineJob("monitoring.purge_signals", purgeSignals, { crontab: "13 * * * *" });
