import { first, type Queryable, rowArray, run, sql, type Transaction } from "#kit/db.ts";
import type { MoneyRecord } from "./record.ts";

/** How finely statistics are kept: every zone's hours and days consist of whole slots. */
export const slotMs = 15 * 60_000;

/** Records and what they add to the statistics, in one statement: a record that is there already counts no second time. */
const insertStatement = sql(
  "records.insert",
  `with noted as (
     insert into records (owner_id, livemode, id, time, type, direction, result, amount, fee, currency, failure_code,
         counterparty_id, counterparty_name, subject, source_id, payment_id, out_trade_no, store_id, terminal_id, method,
         metadata, created_at)
     select r.*, (select clock_now())
       from unnest($1::new_record[]) r
     on conflict do nothing
     returning owner_id, livemode, time, type, result, amount, currency, method, store_id
   )
   insert into statistics as s
          (merchant_id, livemode, slot, currency, method, store_id, succeeded, failed, volume, refunds, refunded)
   select owner_id, livemode, date_bin($2::bigint * interval '1 millisecond', time, timestamptz '2000-01-01 00:00Z') as slot,
          currency, coalesce(method, ''), coalesce(store_id, ''),
          count(*) filter (where type = 'payment' and result = 'succeeded'),
          count(*) filter (where type = 'payment' and result = 'failed'),
          coalesce(sum(amount) filter (where type = 'payment' and result = 'succeeded'), 0),
          count(*) filter (where type = 'refund' and result = 'succeeded'),
          coalesce(sum(amount) filter (where type = 'refund' and result = 'succeeded'), 0)
     from noted where owner_id < 'usr' and type in ('payment', 'refund')
    group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
   on conflict (merchant_id, livemode, slot, currency, method, store_id) do update
      set succeeded = s.succeeded + excluded.succeeded, failed = s.failed + excluded.failed,
          volume = s.volume + excluded.volume, refunds = s.refunds + excluded.refunds,
          refunded = s.refunded + excluded.refunded`,
);

/** Inserts records and counts them; one that is there already stays as it is. */
export const insertRecords = (tx: Transaction, records: readonly Omit<MoneyRecord, "createdAt">[]): Promise<unknown> =>
  run(tx, insertStatement, [
    rowArray(records, (r) => [
      r.ownerId,
      r.livemode,
      r.id,
      r.time,
      r.type,
      r.direction,
      r.result,
      r.amount,
      r.fee,
      r.currency,
      r.failureCode,
      r.counterpartyId,
      r.counterpartyName,
      r.subject,
      r.sourceId,
      r.paymentId,
      r.outTradeNo,
      r.storeId,
      r.terminalId,
      r.method,
      JSON.stringify(r.metadata),
    ]),
    slotMs,
  ]);

const columns = `owner_id as "ownerId", livemode, id, time, type, direction, result, amount, fee, currency,
  failure_code as "failureCode", counterparty_id as "counterpartyId", counterparty_name as "counterpartyName", subject,
  source_id as "sourceId", payment_id as "paymentId", out_trade_no as "outTradeNo", store_id as "storeId",
  terminal_id as "terminalId", method, metadata, created_at as "createdAt"`;

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
const within = "owner_id = $1 and livemode = $2 and id > $3 and id < $4";

const filtered = `
  ($5::timestamptz is null or time >= $5) and ($6::timestamptz is null or time < $6)
  and ($7::text is null or type = $7) and ($8::text is null or direction = $8) and ($9::text is null or result = $9)
  and ($10::bigint is null or amount >= $10) and ($11::bigint is null or amount <= $11)
  and ($12::text is null or counterparty_id = $12)
  and ($13::text is null or store_id = $13) and ($14::text is null or terminal_id = $14)`;

/** Only a merchant's records stand in the indexes besides the primary key. */
const isMerchants = "owner_id < 'usr'";
export const isMerchant = (ownerId: string): boolean => ownerId < "usr";

type Order = "asc" | "desc";

const listStatement = (order: Order) =>
  sql<MoneyRecord>(
    `records.list_${order}`,
    `select ${columns} from records where ${within} and ${filtered} order by id ${order} limit $15`,
  );

const listWithStatement = (order: Order) =>
  sql<MoneyRecord>(
    `records.list_with_${order}`,
    `select ${columns} from records
      where ${within} and ${isMerchants} and counterparty_id = $12 and ${filtered} order by id ${order} limit $15`,
  );

/** The text is in what people read of a record, whatever its case; or an id ends with it. */
const matches = `
  (strpos(lower(subject), lower($16)) > 0 or strpos(lower(counterparty_name), lower($16)) > 0
   or strpos(lower(out_trade_no), lower($16)) > 0
   or right(source_id, length($16)) = lower($16) or right(payment_id, length($16)) = lower($16)
   or id = lower($16) or counterparty_id = lower($16))`;

/** Of the records between the bounds, the first `$17` are looked through. */
const lookedThrough = (order: Order): string => `
  (select id from (select * from records where ${within} order by id ${order} limit $17) r
    where ${filtered} and ${matches} order by id ${order} limit $15)`;

/** However far back: what ends like this in one of the columns whose last four characters are indexed. */
const endsLike = (order: Order, column: string, text: string, also = ""): string => `
  (select id from records
    where ${within} and ${isMerchants} ${also} and right(${column}, 4) = right(${text}, 4)
      and right(${column}, length(${text})) = ${text} and ${filtered}
    order by id ${order} limit $15)`;

const searchStatement = (order: Order, ofMerchant: boolean) => {
  const branches = [lookedThrough(order)];
  if (ofMerchant) {
    branches.push(
      endsLike(order, "source_id", "lower($16)"),
      endsLike(order, "payment_id", "lower($16)", "and payment_id <> source_id"),
      endsLike(order, "out_trade_no", "$16::text", "and out_trade_no is not null"),
    );
  }
  return sql<MoneyRecord>(
    `records.search_${ofMerchant ? "merchant" : "user"}_${order}`,
    `select ${columns} from records
      where owner_id = $1 and livemode = $2 and id in (${branches.join(" union ")})
      order by id ${order} limit $15`,
  );
};

const statements = (order: Order) => ({
  list: listStatement(order),
  listWith: listWithStatement(order),
  searchUser: searchStatement(order, false),
  searchMerchant: searchStatement(order, true),
});
const newestFirst = statements("desc");
const oldestFirst = statements("asc");

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
  counterparty?: string;
  store?: string;
  terminal?: string;
  q?: string;
}

/** How many records a search looks through for what no index finds; a merchant's ids and order numbers are found however old. */
export const searchDepth = 20_000;

/** A window of an owner's records in the order of their ids, which is that of their times. */
export function listRecords(
  on: Queryable,
  ownerId: string,
  livemode: boolean,
  window: RecordWindow,
  filter: RecordFilter,
): Promise<MoneyRecord[]> {
  const known = window.ascending ? oldestFirst : newestFirst;
  const values = [
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
    filter.counterparty ?? null,
    filter.store ?? null,
    filter.terminal ?? null,
    window.limit,
  ];
  if (filter.q !== undefined) {
    const statement = isMerchant(ownerId) ? known.searchMerchant : known.searchUser;
    return run(on, statement, [...values, filter.q, searchDepth]);
  }
  const indexed = filter.counterparty !== undefined && isMerchant(ownerId);
  return run(on, indexed ? known.listWith : known.list, values);
}

const depthStatement = sql<{ id: string; time: Date }>(
  "records.depth",
  `select id, time from records where ${within} order by id desc offset $5 limit 1`,
);

/** The newest record between the bounds that a search from their upper end does not look through; nothing when it sees all. */
export const depthOf = (
  on: Queryable,
  ownerId: string,
  livemode: boolean,
  { above, below }: Pick<RecordWindow, "above" | "below">,
): Promise<{ id: string; time: Date } | undefined> =>
  first(on, depthStatement, [ownerId, livemode, above, below, searchDepth]);

const merchantOfPaymentStatement = sql<{ merchantId: string }>(
  "records.merchant_of_payment",
  `select counterparty_id as "merchantId" from records
    where owner_id = $1 and livemode = $2 and payment_id = $3 and type = 'payment' limit 1`,
);

/** The merchant of a payment that is among a user's records, or nothing. */
export const merchantOfPayment = async (
  on: Queryable,
  userId: string,
  livemode: boolean,
  paymentId: string,
): Promise<string | undefined> =>
  (await first(on, merchantOfPaymentStatement, [userId, livemode, paymentId]))?.merchantId;
