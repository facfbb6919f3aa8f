import { first, type Queryable, run, sql } from "#kit/db.ts";

/** The level as it is by now: one look-up is forgotten every `$3` seconds. */
const leaked = "greatest(0, a.level - extract(epoch from excluded.counted_at - a.counted_at) / $3::float8)";

const countLookupStatement = sql<{ level: number }>(
  "wallets.count_lookup",
  `insert into recipient_lookups as a (user_id, level, counted_at) values ($1, 1, clock_now())
   on conflict (user_id) do update set level = ${leaked} + 1, counted_at = excluded.counted_at
    where ${leaked} + 1 <= $2::float8
   returning level`,
);
const readLookupsStatement = sql<{ level: number }>(
  "wallets.read_lookups",
  `select greatest(0, level - extract(epoch from clock_now() - counted_at) / $2::float8)::float8 as level
     from recipient_lookups where user_id = $1`,
);
const forgiveLookupStatement = sql(
  "wallets.forgive_lookup",
  "update recipient_lookups set level = greatest(0, level - 1) where user_id = $1",
);
const purgeLookupsStatement = sql(
  "wallets.purge_lookups",
  "delete from recipient_lookups where counted_at < clock_now() - interval '1 day'",
);

/** Counts one look-up and gives the level with it; nothing when that would pass `most`. */
export const countLookup = async (
  on: Queryable,
  userId: string,
  { most, forgetSeconds }: { most: number; forgetSeconds: number },
): Promise<number | undefined> => (await first(on, countLookupStatement, [userId, most, forgetSeconds]))?.level;

/** The level now. */
export const readLookups = async (on: Queryable, userId: string, forgetSeconds: number): Promise<number> =>
  (await first(on, readLookupsStatement, [userId, forgetSeconds]))?.level ?? 0;

/** Takes one back. */
export const forgiveLookup = (on: Queryable, userId: string): Promise<unknown> =>
  run(on, forgiveLookupStatement, [userId]);

/** Look-ups of a day ago tell nothing any more. */
export const purgeLookups = (on: Queryable): Promise<unknown> => run(on, purgeLookupsStatement);
