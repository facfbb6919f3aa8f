import { first, run, sql, type Transaction } from "#kit/db.ts";
import type { Payment } from "./payment.ts";
import { paymentColumns } from "./sql.ts";
import type { Next } from "./states.ts";

/** Statements about payments that wait for their payer. */

const insertOrderStatement = sql<Payment>(
  "payments.insert_order",
  `insert into payments as p (merchant_id, livemode, id, status, amount, amount_captured, fee, fee_bearer, plan_id, currency,
       out_trade_no, subject, store_id, terminal_id, metadata, created_at, expires_at, capture, methods, notify, profit_sharing)
   values ($1, $2, $3, 'requires_payment', $4, 0, $5, $6, $7, $8, $9, $10, $11, $12, $13, clock_now(), $14, $15, $16, $17, $18)
   on conflict (merchant_id, livemode, out_trade_no) where status not in ('failed', 'closed') do nothing
   returning ${paymentColumns}`,
);

/** Stores an order; gives nothing when its number is taken. */
export const insertOrder = (tx: Transaction, p: Payment): Promise<Payment | undefined> =>
  first(tx, insertOrderStatement, [
    p.merchantId,
    p.livemode,
    p.id,
    p.amount,
    p.fee,
    p.feeBearer,
    p.planId,
    p.currency,
    p.outTradeNo,
    p.subject,
    p.storeId,
    p.terminalId,
    JSON.stringify(p.metadata),
    p.expiresAt,
    p.capture,
    p.methods,
    p.notify,
    p.profitSharing && JSON.stringify(p.profitSharing),
  ]);

const payOrderStatement = sql<Payment>(
  "payments.pay_order",
  `update payments p
      set status = $4, payer_id = $5, method = $6, channel = $7,
          amount_captured = case $4 when 'succeeded' then p.amount else p.amount_captured end,
          succeeded_at = case $4 when 'succeeded' then clock_now() end,
          qr_code_id = $8, expires_at = coalesce($9, p.expires_at)
    where p.merchant_id = $1 and p.livemode = $2 and p.id = $3 and p.status = 'requires_payment'
   returning ${paymentColumns}`,
);

/** Compare-and-set of an order that its payer pays; the caller holds its row (`lockPayment`). `heldUntil`: of one that is authorised. */
export async function payOrder(
  tx: Transaction,
  order: Payment,
  to: Next<"requires_payment">,
  by: Pick<Payment, "payerId" | "method" | "channel"> & Partial<Pick<Payment, "qrCodeId">>,
  heldUntil: Date | null = null,
): Promise<Payment> {
  const paid = await first(tx, payOrderStatement, [
    order.merchantId,
    order.livemode,
    order.id,
    to,
    by.payerId,
    by.method,
    by.channel,
    by.qrCodeId ?? null,
    heldUntil,
  ]);
  if (!paid) throw new Error(`order ${order.id} left requires_payment while its row was held`);
  return paid;
}

/** `(select clock_now())` is one value for the statement, so that the index is searched by it. */
const expireStatement = (name: string, where: string, set: string, unless = "false") =>
  sql<Payment>(
    name,
    `with due as (
       select merchant_id, livemode, id from payments
        where ${where} and expires_at <= (select clock_now()) and not (${unless}) order by expires_at limit $1)
     update payments p set ${set}, fee = 0 from due
      where p.merchant_id = due.merchant_id and p.livemode = due.livemode and p.id = due.id and ${where}
     returning ${paymentColumns}`,
  );

const failUnconfirmedStatement = expireStatement(
  "payments.fail_unconfirmed",
  "status = 'processing' and methods is null",
  "status = 'failed', failure_code = 'confirmation_expired'",
);
const closeExpiredStatement = expireStatement(
  "payments.close_expired",
  "status = 'requires_payment'",
  "status = 'closed'",
  // Who agreed in time is waited for: the channel's answer settles it.
  `exists (select from payment_attempts a where a.merchant_id = payments.merchant_id and a.livemode = payments.livemode
      and a.payment_id = payments.id and a.status = 'pending')`,
);

/** Fails scans that their payer did not confirm in time; gives them as they are then. */
export const failUnconfirmed = (tx: Transaction, limit: number): Promise<Payment[]> =>
  run(tx, failUnconfirmedStatement, [limit]);

/** Closes orders that nobody paid in time; gives them as they are then. */
export const closeExpiredOrders = (tx: Transaction, limit: number): Promise<Payment[]> =>
  run(tx, closeExpiredStatement, [limit]);

/** An index holds the payments that name an address, and no others. */
export const notifyAddressesStatement = sql<{ id: string; notify: string }>(
  "payments.notify_addresses",
  `select p.id, p.notify
     from unnest($1::text[], $2::boolean[], $3::text[]) as k(merchant_id, livemode, id)
     join payments p using (merchant_id, livemode, id)
    where p.notify is not null`,
);
