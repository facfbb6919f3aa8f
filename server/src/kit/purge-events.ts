import { database, run, sql } from "./db.ts";

/** A day longer than answers to idempotency keys, some of which are events. */
const keptDays = 31;
const batch = 5_000;

/** Looks at the first of them only, so that nothing is searched when nothing is old. */
const deleteOldest = sql<{ id: string }>(
  "events.delete_oldest",
  `delete from events e
    using (select owner_id, livemode, id, created_at from events order by position limit $2) oldest
    where e.owner_id = oldest.owner_id and e.livemode = oldest.livemode and e.id = oldest.id
      and oldest.created_at < clock_now() - $1 * interval '1 day'
   returning e.id`,
);

/** Forgets events older than 31 days, in batches so that no transaction is long. Gives how many. */
export async function purgeEvents(): Promise<number> {
  for (let purged = 0; ; ) {
    const deleted = await run(database(), deleteOldest, [keptDays, batch]);
    purged += deleted.length;
    if (deleted.length < batch) return purged;
  }
}
