import { sql } from "#kit/db.ts";

/** Takes the place of the code that this network asked for before; `$6`: seconds it is valid. */
export const insertCode = sql(
  "identity.insert_code",
  `insert into one_time_codes (handle, livemode, purpose, network, code_hash, expires_at)
   values ($1, $2, $3, $4, $5, clock_now() + $6 * interval '1 second')
   on conflict (handle, livemode, purpose, network) do update
      set code_hash = excluded.code_hash, guesses = 0, guesses_elsewhere = 0, expires_at = excluded.expires_at`,
);

/** Counts one guess at every code that it could be right for, and gives them: from the network `$4` up to `$5` at its own, up to `$6` at others'. */
export const countGuesses = sql<{ network: string; codeHash: string }>(
  "identity.count_guesses",
  `update one_time_codes
      set guesses = guesses + (network = $4)::int, guesses_elsewhere = guesses_elsewhere + (network <> $4)::int
    where handle = $1 and livemode = $2 and purpose = $3 and expires_at > clock_now()
      and case when network = $4 then guesses < $5 else guesses_elsewhere < $6 end
   returning network, code_hash as "codeHash"`,
);

/** Compare-and-set: of several that bring the same code, one gets it back. The others of its purpose are of no use any more. */
export const takeCode = sql<{ codeHash: string }>(
  "identity.take_code",
  `delete from one_time_codes where handle = $1 and livemode = $2 and purpose = $3 returning code_hash as "codeHash"`,
);

export const deleteOldCodes = sql(
  "identity.delete_old_codes",
  "delete from one_time_codes where expires_at < clock_now()",
);

/** Takes one of `$2` tokens, of which one comes back every `$3` seconds; gives nothing when none is left. */
export const takeToken = sql<{ level: number }>(
  "identity.take_token",
  `insert into sign_in_attempts as a (key, level, counted_at) values ($1, 1, clock_now())
   on conflict (key) do update
      set level = greatest(0, a.level - extract(epoch from excluded.counted_at - a.counted_at) / $3::int) + 1,
          counted_at = excluded.counted_at
    where greatest(0, a.level - extract(epoch from excluded.counted_at - a.counted_at) / $3::int) + 1 <= $2::int
   returning level`,
);

export const selectTokenWait = sql<{ seconds: number }>(
  "identity.select_token_wait",
  `select greatest(1, ceil((level + 1 - $2::int) * $3::int - extract(epoch from clock_now() - counted_at)))::int as seconds
     from sign_in_attempts where key = $1`,
);

/** One that fewer than `$5` guesses from there were made at. */
export const selectCode = sql<{ handle: string }>(
  "identity.select_one_time_code",
  `select handle from one_time_codes
    where handle = $1 and livemode = $2 and purpose = $3 and network = $4 and guesses < $5 and expires_at > clock_now()`,
);
