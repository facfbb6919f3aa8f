import { sql } from "./db.ts";
import type { SealedTable } from "./sealed-columns.ts";

export const planResealing = sql(
  "reseal.plan",
  `insert into resealings (data_key_id, table_name) select $1, unnest($2::text[]) on conflict do nothing`,
);

export interface ResealingRow {
  dataKeyId: string;
  tableName: string;
  position: string[] | null;
}

/** A table that is not done, once the newest data key is known to every process: `$1` milliseconds old. Another worker's is left alone. */
export const claimResealing = sql<ResealingRow>(
  "reseal.claim",
  `select r.data_key_id as "dataKeyId", r.table_name as "tableName", r.position
     from resealings r
    where r.finished_at is null and not r.paused
      and r.data_key_id = (select id from data_keys where purpose = 'seal' order by created_at desc, id desc limit 1)
      and (select created_at from data_keys k where k.id = r.data_key_id)
          <= clock_now() - $1::float8 * interval '1 millisecond'
    order by r.table_name limit 1
      for update skip locked`,
);

export const moveResealing = sql(
  "reseal.move",
  `update resealings
      set position = $3::text[], resealed = resealed + $4, unreadable = unreadable + $5,
          finished_at = case when $6 then clock_now() end
    where data_key_id = $1 and table_name = $2`,
);

export const pauseResealings = sql(
  "reseal.pause",
  "update resealings set paused = $1 where finished_at is null and paused <> $1",
);

export const readResealings = sql<{
  data_key_id: string;
  table_name: string;
  resealed: number;
  unreadable: number;
  state: string;
}>(
  "reseal.read",
  `select data_key_id, table_name, resealed, unreadable,
          case when finished_at is not null then 'finished' when paused then 'paused' else 'running' end as state
     from resealings order by data_key_id, table_name`,
);

export const deleteDataKey = sql("reseal.delete_data_key", "delete from data_keys where id = $1");

/** What is read and written of one table: its names are constants of the code, the statements are made once. */
export interface ResealStatements {
  readonly first: ReturnType<typeof sql<Record<string, string | null>>>;
  readonly next: ReturnType<typeof sql<Record<string, string | null>>>;
  /** By column: `$1` new values, `$2` the old ones that they replace, then the columns of the key. */
  readonly replace: ReadonlyMap<string, ReturnType<typeof sql>>;
  /** By column: whether a value of it begins with `$1`. */
  readonly uses: ReadonlyMap<string, ReturnType<typeof sql<{ used: boolean }>>>;
}

export function resealStatements(name: string, { table, key, reads, columns }: SealedTable): ResealStatements {
  const names = Object.keys(key);
  const sealed = Object.keys(columns);
  const label = name.replace(".", "_");
  const selected = [...names, ...reads, ...sealed].map((column) => `${column}::text`).join(", ");
  const page = (where: string) => `select ${selected} from ${table} ${where} order by ${names.join(", ")} limit $1`;
  const bounds = names.map((column, n) => `$${n + 2}::${key[column]}`).join(", ");
  const arrays = names.map((column, n) => `$${n + 3}::${key[column]}[]`).join(", ");
  const same = names.map((column) => `t.${column} = v.${column}`).join(" and ");
  return {
    first: sql(`reseal.first_${label}`, page("")),
    next: sql(`reseal.next_${label}`, page(`where (${names.join(", ")}) > (${bounds})`)),
    replace: new Map(
      sealed.map((column) => [
        column,
        sql(
          `reseal.replace_${table}_${column}`,
          `update ${table} t set ${column} = v.fresh
             from unnest($1::text[], $2::text[], ${arrays}) as v(fresh, stale, ${names.join(", ")})
            where ${same} and t.${column} = v.stale`,
        ),
      ]),
    ),
    uses: new Map(
      sealed.map((column) => [
        column,
        sql<{ used: boolean }>(
          `reseal.uses_${table}_${column}`,
          `select exists (select from ${table} where starts_with(${column}, $1)) as used`,
        ),
      ]),
    ),
  };
}
