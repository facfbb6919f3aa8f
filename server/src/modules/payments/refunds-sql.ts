import { first, type Queryable, run, sql, type Transaction } from "#kit/db.ts";
import type { Refund } from "./refund.ts";
import type { NextRefund, RefundStatus } from "./states.ts";

/** Statements about refunds, and about what payments keep for them. */

interface Owner {
  readonly merchantId: string;
  readonly livemode: boolean;
}

const columns = `r.id, r.merchant_id as "merchantId", r.livemode, r.payment_id as "paymentId", r.status, r.amount,
  r.whole_rest as "wholeRest", r.fee_returned as "feeReturned", r.from_pending as "fromPending",
  r.from_available as "fromAvailable", r.from_debt as "fromDebt", r.out_refund_no as "outRefundNo", r.reason,
  r.failure_code as "failureCode", r.metadata, r.created_at as "createdAt", r.succeeded_at as "succeededAt",
  p.currency, p.fee_bearer as "feeBearer", p.method, p.out_trade_no as "outTradeNo", p.payer_id as "payerId",
  p.store_id as "storeId", p.terminal_id as "terminalId", p.amount_refunded as "paymentAmountRefunded"`;

const withPayment = `join payments p on p.merchant_id = r.merchant_id and p.livemode = r.livemode and p.id = r.payment_id`;

const findStatement = sql<Refund>(
  "refunds.find",
  `select ${columns} from refunds r ${withPayment} where r.merchant_id = $1 and r.livemode = $2 and r.id = $3`,
);

/** One refund of a merchant, or nothing. */
export const findRefund = (on: Queryable, { merchantId, livemode }: Owner, id: string): Promise<Refund | undefined> =>
  first(on, findStatement, [merchantId, livemode, id]);

const findNumberStatement = sql<Refund>(
  "refunds.find_number",
  `select ${columns} from refunds r ${withPayment} where r.merchant_id = $1 and r.livemode = $2 and r.out_refund_no = $3`,
);

/** The refund that a merchant's number names, or nothing. */
export const findRefundNumber = (
  on: Queryable,
  { merchantId, livemode }: Owner,
  outRefundNo: string,
): Promise<Refund | undefined> => first(on, findNumberStatement, [merchantId, livemode, outRefundNo]);

const reserveStatement = sql<{ id: string }>(
  "refunds.reserve",
  `update payments set amount_refunded = amount_refunded + $4, fee_returned = fee_returned + $5
    where merchant_id = $1 and livemode = $2 and id = $3 and status = 'succeeded'
      and amount_refunded + $4 <= amount_captured and fee_returned + $5 <= fee
   returning id`,
);

/** Counts a refund against its payment; false when it no longer fits. Negative amounts give a failed refund's part back. */
export const reserveRefund = async (
  tx: Transaction,
  {
    merchantId,
    livemode,
    paymentId,
    amount,
    feeReturned,
  }: Owner & Pick<Refund, "paymentId" | "amount" | "feeReturned">,
): Promise<boolean> =>
  (await run(tx, reserveStatement, [merchantId, livemode, paymentId, amount, feeReturned])).length === 1;

const feesComingStatement = sql<{ sum: number }>(
  "refunds.fees_coming",
  `select coalesce(sum(r.fee_returned), 0)::bigint as sum from refunds r ${withPayment}
    where r.merchant_id = $1 and r.livemode = $2 and r.status = 'pending' and p.fee_bearer = 'merchant'`,
);

/** Fees that refunds in flight will bring back to a merchant, minor units. */
export const feesComingBack = async (tx: Transaction, { merchantId, livemode }: Owner): Promise<number> =>
  (await first(tx, feesComingStatement, [merchantId, livemode]))?.sum ?? 0;

const insertStatement = sql<Refund>(
  "refunds.insert",
  `with r as (
     insert into refunds (merchant_id, livemode, id, payment_id, status, amount, whole_rest, fee_returned, from_pending,
         from_available, from_debt, out_refund_no, reason, metadata, created_at, succeeded_at, terminal_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
             case $5 when 'succeeded' then $15::timestamptz end, $16)
     returning *)
   select ${columns} from r ${withPayment}`,
);

export type NewRefund = Omit<Refund, "succeededAt" | "failureCode" | "paymentAmountRefunded">;

/** `till`: id of the terminal at which it is made. */
export const insertRefund = async (tx: Transaction, r: NewRefund, till: string | null): Promise<Refund> => {
  const values = [r.merchantId, r.livemode, r.id, r.paymentId, r.status, r.amount, r.wholeRest, r.feeReturned];
  const sources = [r.fromPending, r.fromAvailable, r.fromDebt];
  const texts = [r.outRefundNo, r.reason, JSON.stringify(r.metadata), r.createdAt];
  return (await first(tx, insertStatement, [...values, ...sources, ...texts, till])) as Refund;
};

/** What a till gave back since then and what is on its way, minor units. */
export const refundedAtTill = sql<{ amount: number }>(
  "refunds.refunded_at_till",
  `select coalesce(sum(amount), 0)::bigint as amount from refunds
    where merchant_id = $1 and livemode = $2 and terminal_id = $3 and created_at >= $4 and status <> 'failed'`,
);

const moveStatement = sql<{ id: string }>(
  "refunds.move",
  `update refunds
      set status = $5, failure_code = $6, succeeded_at = case $5 when 'succeeded' then clock_now() end
    where merchant_id = $1 and livemode = $2 and id = $3 and status = $4
   returning id`,
);

/** Compare-and-set of a refund's state along the table of moves; false when it was no longer in `from`. */
export const moveRefund = async <From extends RefundStatus>(
  tx: Transaction,
  { merchantId, livemode, id }: Owner & { id: string },
  from: From,
  to: NextRefund<From>,
  failureCode: string | null = null,
): Promise<boolean> => (await run(tx, moveStatement, [merchantId, livemode, id, from, to, failureCode])).length === 1;

const listStatement = (order: "asc" | "desc") =>
  sql<Refund>(
    `refunds.list_${order}`,
    `select ${columns} from refunds r ${withPayment}
      where r.merchant_id = $1 and r.livemode = $2
        and ($3::text is null or r.id < $3) and ($4::text is null or r.id > $4)
        and ($5::timestamptz is null or r.created_at >= $5) and ($6::timestamptz is null or r.created_at < $6)
        and ($7::text is null or r.payment_id = $7) and ($8::text is null or r.out_refund_no = $8)
        and ($9::text is null or r.status = $9)
      order by r.id ${order} limit $10`,
  );
const listNewest = listStatement("desc");
const listOldest = listStatement("asc");

export interface RefundFilter {
  created_gte?: string;
  created_lt?: string;
  payment?: string;
  out_refund_no?: string;
  status?: RefundStatus;
}

/** A window of a merchant's refunds in the order of their ids. */
export const listRefunds = (
  on: Queryable,
  { merchantId, livemode }: Owner,
  window: { after: string | null; before: string | null; limit: number; ascending: boolean },
  filter: RefundFilter,
): Promise<Refund[]> =>
  run(on, window.ascending ? listOldest : listNewest, [
    merchantId,
    livemode,
    window.after,
    window.before,
    filter.created_gte ?? null,
    filter.created_lt ?? null,
    filter.payment ?? null,
    filter.out_refund_no ?? null,
    filter.status ?? null,
    window.limit,
  ]);
