import { first, plainArray, type Queryable, rowArray, run, sql, type Transaction, textArray } from "#kit/db.ts";
import type { Payment } from "./payment.ts";
import type { Next, PaymentStatus } from "./states.ts";

export const paymentColumns = `p.id, p.merchant_id as "merchantId", p.livemode, p.status, p.amount, p.amount_captured as "amountCaptured",
  p.amount_refunded as "amountRefunded", p.fee, p.fee_bearer as "feeBearer", p.plan_id as "planId",
  p.fee_returned as "feeReturned", p.currency, p.out_trade_no as "outTradeNo",
  p.subject, p.method, p.channel, p.payer_id as "payerId", p.store_id as "storeId", p.terminal_id as "terminalId",
  p.code_hash::text as "codeHash", p.failure_code as "failureCode", p.metadata, p.created_at as "createdAt",
  p.succeeded_at as "succeededAt", p.expires_at as "expiresAt", p.qr_code_id as "qrCodeId", p.capture, p.methods, p.notify,
  p.profit_sharing as "profitSharing", p.hold_until as "holdUntil"`;

const insertPaymentsStatement = sql(
  "payments.insert",
  `insert into payments (merchant_id, livemode, id, status, amount, amount_captured, fee, fee_bearer, currency,
       out_trade_no, subject, method, payer_id, store_id, terminal_id, code_hash, failure_code, metadata,
       plan_id, expires_at, capture, hold_until, created_at, succeeded_at)
   select p.merchant_id, p.livemode, p.id, p.status, p.amount,
          case p.status when 'succeeded' then p.amount else 0 end,
          p.fee, p.fee_bearer, p.currency, p.out_trade_no, p.subject, p.method, p.payer_id, p.store_id, p.terminal_id,
          p.code_hash, p.failure_code, p.metadata, p.plan_id, p.expires_at, p.capture, p.hold_until,
          $1::timestamptz,
          case p.status when 'succeeded' then $1::timestamptz end
     from unnest($2::new_payment[]) p`,
);

/** Inserts new payments of one moment; a taken order number raises 23505. */
export const insertPayments = (tx: Transaction, payments: readonly Payment[], createdAt: Date): Promise<unknown> =>
  run(tx, insertPaymentsStatement, [
    createdAt,
    rowArray(payments, (p) => [
      p.merchantId,
      p.livemode,
      p.id,
      p.status,
      p.amount,
      p.fee,
      p.feeBearer,
      p.currency,
      p.outTradeNo,
      p.subject,
      p.method,
      p.payerId,
      p.storeId,
      p.terminalId,
      p.codeHash,
      p.failureCode,
      JSON.stringify(p.metadata),
      p.planId,
      p.expiresAt?.toISOString() ?? null,
      p.capture,
      p.holdUntil?.toISOString() ?? null,
    ]),
  ]);

const insertConfirmationsStatement = sql(
  "payments.insert_confirmations",
  `insert into payment_confirmations (payer_id, payment_id, merchant_id, livemode)
   select * from unnest($1::text[], $2::text[], $3::text[], $4::bool[])
   on conflict (payer_id, payment_id) do nothing`,
);

/** Notes which payments were given to which payer, to confirm or to pay. */
export const insertConfirmations = (on: Queryable, payments: readonly Payment[]): Promise<unknown> =>
  run(on, insertConfirmationsStatement, [
    plainArray(payments.map((p) => p.payerId)),
    plainArray(payments.map((p) => p.id)),
    plainArray(payments.map((p) => p.merchantId)),
    plainArray(payments.map((p) => p.livemode)),
  ]);

const findOrdersStatement = sql<Payment>(
  "payments.find_orders",
  `with orders as (select * from unnest($1::text[], $2::bool[], $3::text[]) as o(merchant_id, livemode, out_trade_no))
   select ${paymentColumns} from orders o join payments p using (merchant_id, livemode, out_trade_no)
    where p.status not in ('failed', 'closed')
   union all
   select ${paymentColumns} from orders o join payments p using (merchant_id, livemode, out_trade_no)
    where p.status in ('failed', 'closed')`,
);

/** All payments, live and given up, of these order numbers. */
export const findOrders = (
  on: Queryable,
  orders: readonly Pick<Payment, "merchantId" | "livemode" | "outTradeNo">[],
): Promise<Payment[]> =>
  run(on, findOrdersStatement, [
    plainArray(orders.map((o) => o.merchantId)),
    plainArray(orders.map((o) => o.livemode)),
    textArray(orders.map((o) => o.outTradeNo)),
  ]);

const findPaymentStatement = sql<Payment>(
  "payments.find",
  `select ${paymentColumns} from payments p where p.merchant_id = $1 and p.livemode = $2 and p.id = $3`,
);

/** One payment of a merchant, or nothing. */
export const findPayment = async (
  on: Queryable,
  merchantId: string,
  livemode: boolean,
  id: string,
): Promise<Payment | undefined> => (await run(on, findPaymentStatement, [merchantId, livemode, id]))[0];

const findPaymentsStatement = sql<Payment>(
  "payments.find_many",
  `select ${paymentColumns} from payments p where p.merchant_id = $1 and p.livemode = $2 and p.id = any($3::text[])`,
);

/** Those of a merchant's payments that exist, in any order. */
export const findPayments = async (
  on: Queryable,
  merchantId: string,
  livemode: boolean,
  ids: readonly string[],
): Promise<Payment[]> =>
  ids.length === 0 ? [] : run(on, findPaymentsStatement, [merchantId, livemode, plainArray(ids)]);

const lockPaymentStatement = sql<Payment>(
  "payments.lock",
  `select ${paymentColumns} from payments p where p.merchant_id = $1 and p.livemode = $2 and p.id = $3 for no key update`,
);

/** One payment of a merchant, held until the end of the transaction, or nothing. */
export const lockPayment = (
  tx: Transaction,
  { merchantId, livemode }: Pick<Payment, "merchantId" | "livemode">,
  id: string,
): Promise<Payment | undefined> => first(tx, lockPaymentStatement, [merchantId, livemode, id]);

const findConfirmationStatement = sql<{ merchantId: string; livemode: boolean }>(
  "payments.find_confirmation",
  `select merchant_id as "merchantId", livemode from payment_confirmations where payer_id = $1 and payment_id = $2`,
);

/** Where the payment lies that was given to this payer, or nothing. */
export const findConfirmation = async (
  on: Queryable,
  payerId: string,
  paymentId: string,
): Promise<{ merchantId: string; livemode: boolean } | undefined> =>
  (await run(on, findConfirmationStatement, [payerId, paymentId]))[0];

const movePaymentStatement = sql<Payment>(
  "payments.move",
  `update payments p
      set status = $5, failure_code = $6,
          amount_captured = case $5 when 'succeeded' then p.amount else p.amount_captured end,
          fee = case when $5 in ('failed', 'closed') then 0 else p.fee end,
          succeeded_at = case $5 when 'succeeded' then clock_now() end
    where p.merchant_id = $1 and p.livemode = $2 and p.id = $3 and p.status = $4
   returning ${paymentColumns}`,
);

/**
 * Compare-and-set of a payment's state along the table of moves; gives the payment as it is then, or nothing when it was no longer in
 * `from`.
 */
export const movePayment = async <From extends PaymentStatus>(
  tx: Transaction,
  payment: Pick<Payment, "merchantId" | "livemode" | "id">,
  from: From,
  to: Next<From>,
  failureCode: string | null = null,
): Promise<Payment | undefined> =>
  (await run(tx, movePaymentStatement, [payment.merchantId, payment.livemode, payment.id, from, to, failureCode]))[0];

const databaseTimeStatement = sql<{ now: Date }>("payments.database_time", "select clock_now() as now");

/** Now, by the database's clock. */
export const databaseTime = async (tx: Transaction): Promise<Date> =>
  ((await run(tx, databaseTimeStatement))[0] as { now: Date }).now;

const listStatement = (order: "asc" | "desc") =>
  sql<Payment>(
    `payments.list_${order}`,
    `select ${paymentColumns} from payments p
      where p.merchant_id = $1 and p.livemode = $2
        and ($3::text is null or p.id < $3) and ($4::text is null or p.id > $4)
        and ($5::timestamptz is null or p.created_at >= $5) and ($6::timestamptz is null or p.created_at < $6)
        and ($7::text is null or p.status = $7)
      order by p.id ${order} limit $8`,
  );
const listNewest = listStatement("desc");
const listOldest = listStatement("asc");

export interface PaymentFilter {
  after: string | null;
  before: string | null;
  createdGte: string | null;
  createdLt: string | null;
  status: string | null;
  ascending: boolean;
  limit: number;
}

/** A window of a merchant's payments in the order of their ids. */
export const listPayments = (
  on: Queryable,
  merchantId: string,
  livemode: boolean,
  f: PaymentFilter,
): Promise<Payment[]> =>
  run(on, f.ascending ? listOldest : listNewest, [
    merchantId,
    livemode,
    f.after,
    f.before,
    f.createdGte,
    f.createdLt,
    f.status,
    f.limit,
  ]);
