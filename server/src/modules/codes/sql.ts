import { sql } from "#kit/db.ts";

/** A key as it is stored; `deviceId` null: the user's online key. */
export interface CodeKey {
  readonly userId: string;
  readonly id: string;
  readonly deviceId: string | null;
  readonly livemode: boolean;
  readonly sealedKey: string;
  /** The device's present alias; an online code has one of its own. */
  readonly alias: number | null;
}

const keyColumns = `k.user_id as "userId", k.id, k.device_id as "deviceId", k.livemode, k.sealed_key as "sealedKey", k.alias`;

/** Milliseconds since 1970. */
const ms = (time: string): string => `floor(extract(epoch from ${time}) * 1000)::bigint`;

/** Only one transaction at a time gives a device codes or takes them away. */
export const lockDevice = sql("codes.lock_device", "select pg_advisory_xact_lock(hashtextextended('codes ' || $1, 0))");

export const selectOnlineKey = sql<CodeKey>(
  "codes.select_online_key",
  `select ${keyColumns} from code_keys k where k.user_id = $1 and k.device_id is null and k.revoked_at is null`,
);

/** Locks the key, so that its alias has one successor. */
export const selectDeviceKey = sql<CodeKey>(
  "codes.select_device_key",
  `select ${keyColumns} from code_keys k where k.user_id = $1 and k.device_id = $2 and k.revoked_at is null
      for update`,
);

export const selectKeys = sql<{ id: string; sealedKey: string }>(
  "codes.select_keys",
  `select k.id, k.sealed_key as "sealedKey"
     from unnest($1::text[], $2::text[]) as w(user_id, id)
     join code_keys k on k.user_id = w.user_id and k.id = w.id
    where k.revoked_at is null`,
);

/** Gives the ids of those whose place was free: a device or user that has a key keeps it. */
export const insertKeys = sql<{ id: string }>(
  "codes.insert_keys",
  `insert into code_keys (user_id, id, device_id, livemode, sealed_key, alias)
   select * from unnest($1::text[], $2::text[], $3::text[], $4::bool[], $5::text[], $6::int[])
   on conflict do nothing returning id`,
);

export const setAlias = sql("codes.set_alias", "update code_keys set alias = $3 where user_id = $1 and id = $2");

export const revokeKeys = sql<{ userId: string; id: string }>(
  "codes.revoke_keys",
  `update code_keys k set revoked_at = (select clock_now())
     from unnest($1::text[], $2::text[]) as d(user_id, device_id)
    where k.user_id = d.user_id and k.device_id = d.device_id and k.revoked_at is null
   returning k.user_id as "userId", k.id`,
);

/** Gives those that were free. One that is for one code only ends with the code. */
export const insertAliases = sql<{ alias: number; keyId: string; atMs: number }>(
  "codes.insert_aliases",
  `with t as materialized (select clock_now() as at)
   insert into code_aliases (alias, code_key_id, user_id, device_id, livemode, valid_until, created_at)
   select c.alias, c.code_key_id, c.user_id, c.device_id, c.livemode,
          case when c.once then to_timestamp((floor(extract(epoch from t.at) / 30) + 2) * 30) end, t.at
     from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::bool[])
       as c(alias, code_key_id, user_id, device_id, livemode, once), t
   on conflict do nothing
   returning alias, code_key_id as "keyId", ${ms("created_at")} as "atMs"`,
);

/** A rotated alias ends when the codes that are on screen have expired. */
export const endAlias = sql(
  "codes.end_alias",
  `update code_aliases set valid_until = clock_now() + interval '2 minutes'
    where alias = $1 and code_key_id = $2 and valid_until is null`,
);

const revoke = "revoked_at = t.at, valid_until = least(a.valid_until, t.at)";

export const revokeKeyAliases = sql(
  "codes.revoke_key_aliases",
  `with t as materialized (select clock_now() as at)
   update code_aliases a set ${revoke} from unnest($1::text[], $2::text[]) as k(user_id, id), t
    where a.user_id = k.user_id and a.code_key_id = k.id and a.revoked_at is null`,
);

/** Those of online codes too. */
export const revokeDeviceAliases = sql(
  "codes.revoke_device_aliases",
  `with t as materialized (select clock_now() as at)
   update code_aliases a set ${revoke} from t
    where a.user_id = $1 and a.device_id = $2 and a.revoked_at is null`,
);

export const revokeUserKeys = sql(
  "codes.revoke_user_keys",
  "update code_keys set revoked_at = clock_now() where user_id = $1 and revoked_at is null",
);

export const revokeUserAliases = sql(
  "codes.revoke_user_aliases",
  `with t as materialized (select clock_now() as at)
   update code_aliases a set ${revoke} from t where a.user_id = $1 and a.revoked_at is null`,
);

/** Whether a user's codes are refused because the user is frozen. */
export const freezeAliases = sql("codes.freeze_aliases", "update code_aliases set frozen = $2 where user_id = $1");

/** Aliases whose codes can be recognised: usable ones, and for a while those that have ended. */
export const selectAliasKeys = sql<{ alias: number; keyId: string; userId: string; livemode: boolean }>(
  "codes.select_alias_keys",
  `select a.alias, a.code_key_id as "keyId", a.user_id as "userId", a.livemode
     from code_aliases a
    where a.alias = any($1::int[]) and a.revoked_at is null
      and (a.valid_until is null or a.valid_until > (select clock_now()) - interval '15 minutes')`,
);

/** First a row with the time alone, then the aliases as they are at that time. */
export const judgeAliases = sql<{
  nowMs: number | null;
  alias: number;
  userId: string;
  livemode: boolean;
  state: "usable" | "ended" | "revoked" | "locked" | "frozen";
}>(
  "codes.judge_aliases",
  `with t as materialized (select clock_now() as at)
   select ${ms("t.at")} as "nowMs", null::int as alias, null as "userId", null::bool as livemode, null as state from t
   union all
   select null, a.alias, a.user_id, a.livemode,
          case when a.revoked_at is not null then 'revoked'
               when a.locked_until > t.at then 'locked'
               when a.valid_until <= t.at then 'ended'
               when a.frozen then 'frozen'
               else 'usable' end
     from code_aliases a, t where a.alias = any($1::int[])`,
);

export const insertUses = sql(
  "codes.insert_uses",
  `insert into code_uses (alias, step, n, merchant_id, livemode, payment_id, used_at)
   select u.*, $2::timestamptz from unnest($1::new_code_use[]) u`,
);

/** A code that was used, and by which payment. */
export interface CodeUse {
  readonly alias: number;
  readonly step: number;
  readonly n: number;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly paymentId: string;
}

export const selectUses = sql<CodeUse>(
  "codes.select_uses",
  `select u.alias, u.step, u.n, u.merchant_id as "merchantId", u.livemode, u.payment_id as "paymentId"
     from unnest($1::int[], $2::bigint[], $3::smallint[]) as c(alias, step, n)
     join code_uses u on u.alias = c.alias and u.step = c.step and u.n = c.n`,
);

/** The newest `most` of `times` that lie in the ten minutes before `at`. */
const lately = (times: string, at: string, most: number): string =>
  `array(select w.at from unnest(${times}) as w(at) where w.at > ${at} - interval '10 minutes' order by w.at desc limit ${most})`;

const aliasTimes = lately("a.wrong_at || array_fill(t.at, array[g.times])", "t.at", 5);

/** Five in ten minutes lock an alias for ten; while it is locked nothing is counted. Gives those that are locked from now on. */
export const countWrongOfAliases = sql<{ alias: number; locked: boolean }>(
  "codes.count_wrong_of_aliases",
  `with t as materialized (select clock_now() as at),
        g as materialized (select * from unnest($1::int[], $2::int[]) as g(alias, times))
   update code_aliases a
      set wrong_at = ${aliasTimes},
          locked_until = case when cardinality(${aliasTimes}) = 5 then t.at + interval '10 minutes' end
     from g, t
    where a.alias = g.alias and (a.locked_until is null or a.locked_until <= t.at)
   returning a.alias, a.locked_until is not null as locked`,
);

const subjectTimes = lately("g.wrong_at || excluded.wrong_at", "excluded.wrong_at[1]", 20);

/** Twenty in ten minutes lock a subject for ten; while it is locked nothing is counted. Gives those that are locked from now on. */
export const countWrongOfSubjects = sql<{ subject: string; locked: boolean }>(
  "codes.count_wrong_of_subjects",
  `with t as materialized (select clock_now() as at)
   insert into code_guesses as g (subject, wrong_at, locked_until)
   select w.subject, array_fill(t.at, array[least(w.times, 20)]),
          case when w.times >= 20 then t.at + interval '10 minutes' end
     from unnest($1::text[], $2::int[]) as w(subject, times), t
   on conflict (subject) do update
      set wrong_at = ${subjectTimes},
          locked_until = case when cardinality(${subjectTimes}) = 20
                              then excluded.wrong_at[1] + interval '10 minutes' end
    where g.locked_until is null or g.locked_until <= excluded.wrong_at[1]
   returning g.subject, g.locked_until is not null as locked`,
);

export const selectScanningLocks = sql<{ subject: string; untilMs: number }>(
  "codes.select_scanning_locks",
  `select g.subject, ${ms("g.locked_until")} as "untilMs" from code_guesses g
    where g.subject = any($1::text[]) and g.locked_until > (select clock_now())`,
);

const purge = (name: string, table: string, key: string, old: string) =>
  sql<{ purged: number }>(
    `codes.purge_${name}`,
    `with old as (select ${key} from ${table} where ${old} limit $1),
          gone as (delete from ${table} where (${key}) in (select ${key} from old) returning 1)
     select count(*)::int as purged from gone`,
  );
const twoDaysAgo = "(select clock_now()) - interval '2 days'";

/** What ended more than two days ago, a batch at a time. Aliases go before the keys they name. */
export const purges = [
  purge("aliases", "code_aliases", "alias", `valid_until < ${twoDaysAgo}`),
  purge("keys", "code_keys", "user_id, id", `revoked_at < ${twoDaysAgo}`),
  purge("uses", "code_uses", "step, alias, n", `step < floor(extract(epoch from ${twoDaysAgo}) / 30)::bigint`),
  purge("guesses", "code_guesses", "subject", `wrong_at[1] < ${twoDaysAgo}`),
];
