import { database, run, sql } from "./db.ts";

const keptDays = 30;
const batch = 5_000;

const deleteOld = sql<{ id: string }>(
  "idempotency.delete_old",
  `delete from idempotency_keys k
    using (select id from idempotency_keys
            where created_at < clock_now() - $1 * interval '1 day' limit $2) old
    where k.id = old.id
    returning k.id`,
);

/** Forgets the answers to keys older than 30 days, in batches so that no transaction is long. Gives how many. */
export async function purgeIdempotencyKeys(): Promise<number> {
  for (let purged = 0; ; ) {
    const deleted = await run(database(), deleteOld, [keptDays, batch]);
    purged += deleted.length;
    if (deleted.length < batch) return purged;
  }
}
