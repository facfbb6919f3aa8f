import { first, plainArray, type Queryable, run, sql, type Transaction, textArray } from "#kit/db.ts";
import type { MoneyRecord } from "./record.ts";

const insertStatement = sql(
  "records.insert",
  `insert into records (owner_id, livemode, id, time, type, direction, result, amount, fee, currency, failure_code,
       counterparty_id, counterparty_name, subject, payment_id, out_trade_no, store_id, terminal_id, metadata, created_at)
   select r.*, (select clock_now())
     from unnest($1::text[], $2::bool[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                 $9::bigint[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
                 $17::text[], $18::text[], $19::json[]) r
   on conflict do nothing`,
);

/** Inserts records; one that is there already stays as it is. */
export const insertRecords = (tx: Transaction, records: readonly Omit<MoneyRecord, "createdAt">[]): Promise<unknown> =>
  run(tx, insertStatement, [
    plainArray(records.map((r) => r.ownerId)),
    plainArray(records.map((r) => r.livemode)),
    plainArray(records.map((r) => r.id)),
    plainArray(records.map((r) => r.time.toISOString())),
    plainArray(records.map((r) => r.type)),
    plainArray(records.map((r) => r.direction)),
    plainArray(records.map((r) => r.result)),
    plainArray(records.map((r) => r.amount)),
    plainArray(records.map((r) => r.fee)),
    plainArray(records.map((r) => r.currency)),
    textArray(records.map((r) => r.failureCode)),
    plainArray(records.map((r) => r.counterpartyId)),
    textArray(records.map((r) => r.counterpartyName)),
    textArray(records.map((r) => r.subject)),
    plainArray(records.map((r) => r.paymentId)),
    textArray(records.map((r) => r.outTradeNo)),
    plainArray(records.map((r) => r.storeId)),
    plainArray(records.map((r) => r.terminalId)),
    textArray(records.map((r) => JSON.stringify(r.metadata))),
  ]);

const columns = `owner_id as "ownerId", livemode, id, time, type, direction, result, amount, fee, currency,
  failure_code as "failureCode", counterparty_id as "counterpartyId", counterparty_name as "counterpartyName", subject,
  payment_id as "paymentId", out_trade_no as "outTradeNo", store_id as "storeId", terminal_id as "terminalId", metadata,
  created_at as "createdAt"`;

const findStatement = sql<MoneyRecord>(
  "records.find",
  `select ${columns} from records where owner_id = $1 and livemode = $2 and id = $3`,
);

/** One record of an owner, or nothing. */
export const findRecord = (
  on: Queryable,
  ownerId: string,
  livemode: boolean,
  id: string,
): Promise<MoneyRecord | undefined> => first(on, findStatement, [ownerId, livemode, id]);

/** The bounds on `id` are always there, so that the index serves every page however deep it lies. */
const listStatement = (order: "asc" | "desc") =>
  sql<MoneyRecord>(
    `records.list_${order}`,
    `select ${columns} from records
      where owner_id = $1 and livemode = $2 and id > $3 and id < $4
        and ($5::timestamptz is null or time >= $5) and ($6::timestamptz is null or time < $6)
        and ($7::text is null or type = $7) and ($8::text is null or direction = $8) and ($9::text is null or result = $9)
        and ($10::bigint is null or amount >= $10) and ($11::bigint is null or amount <= $11)
      order by id ${order} limit $12`,
  );
const listNewest = listStatement("desc");
const listOldest = listStatement("asc");

export interface RecordWindow {
  /** Ids that all shown ones lie between. */
  above: string;
  below: string;
  ascending: boolean;
  limit: number;
}

export interface RecordFilter {
  created_gte?: string;
  created_lt?: string;
  type?: string;
  direction?: string;
  result?: string;
  amount_gte?: number;
  amount_lte?: number;
}

/** A window of an owner's records in the order of their ids, which is that of their times. */
export const listRecords = (
  on: Queryable,
  ownerId: string,
  livemode: boolean,
  window: RecordWindow,
  filter: RecordFilter,
): Promise<MoneyRecord[]> =>
  run(on, window.ascending ? listOldest : listNewest, [
    ownerId,
    livemode,
    window.above,
    window.below,
    filter.created_gte ?? null,
    filter.created_lt ?? null,
    filter.type ?? null,
    filter.direction ?? null,
    filter.result ?? null,
    filter.amount_gte ?? null,
    filter.amount_lte ?? null,
    window.limit,
  ]);
