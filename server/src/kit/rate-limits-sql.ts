import { database, run, sql } from "./db.ts";

/** Adds what each bucket has taken in since it was last told, after what has leaked out meanwhile. In the order of the buckets, so that processes do not wait for each other. */
export const addToLevels = sql<{ bucket: string; level: number }>(
  "rate_limits.add",
  `insert into rate_limits as r (bucket, level, leak, at)
   select u.bucket, u.taken, u.leak, moment.at
     from unnest($1::uuid[], $2::float8[], $3::float8[]) as u(bucket, taken, leak), (select clock_now() as at offset 0) moment
    order by u.bucket
   on conflict (bucket) do update
     set level = greatest(0, r.level - excluded.leak * greatest(0, extract(epoch from excluded.at - r.at))) + excluded.level,
         leak = excluded.leak, at = greatest(r.at, excluded.at)
   returning replace(bucket::text, '-', '') as bucket, level`,
);

const deleteEmpty = sql(
  "rate_limits.delete_empty",
  "delete from rate_limits where at < clock_now() - interval '1 hour'",
);

/** Forgets buckets that nobody has added to for an hour: no limit looks further back. Run by the worker. */
export async function purgeRateLimits(): Promise<void> {
  await run(database(), deleteEmpty);
}
