import { database, run } from "#kit/db.ts";
import { defineJob } from "#kit/jobs.ts";
import { signal } from "#kit/security-signals.ts";
import { unusualRefunds } from "#modules/records";
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

const leastRefundsADay = 10;

/** Signals merchants whose refunds are far above their past or their sales: by what they sold and gave back, not by single requests. */
export async function watchRefunds(): Promise<void> {
  for (const { merchantId, livemode, ...details } of await unusualRefunds(database(), leastRefundsADay)) {
    signal("refunds_unusual", { subject: merchantId, merchantId, livemode, details });
  }
}

defineJob("monitoring.watch_refunds", watchRefunds, { crontab: "*/10 * * * *" });
defineJob("monitoring.purge_signals", purgeSignals, { crontab: "13 * * * *" });
