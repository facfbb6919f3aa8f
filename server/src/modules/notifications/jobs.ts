import { database, run } from "#kit/db.ts";
import { defineJob } from "#kit/jobs.ts";
import { deleteOldDeliveries } from "./deliveries-sql.ts";
import { deleteIdleLanes } from "./lanes-sql.ts";

const keptDays = 30;
const batch = 5_000;

/** Forgets deliveries older than 30 days, in batches so that no transaction is long, and lanes that nothing came through since. */
export async function purgeDeliveries(): Promise<number> {
  let purged = 0;
  for (;;) {
    const deleted = await run(database(), deleteOldDeliveries, [keptDays, batch]);
    purged += deleted.length;
    if (deleted.length < batch) break;
  }
  await run(database(), deleteIdleLanes);
  return purged;
}

defineJob("webhooks.purge", purgeDeliveries, { crontab: "7 4 * * *" });
