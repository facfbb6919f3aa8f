import { run, sql, type Transaction } from "#kit/db.ts";
import type { Payment } from "./payment.ts";

const insertStatement = sql(
  "payments.insert_collected",
  `insert into payments (merchant_id, livemode, id, status, amount, amount_captured, fee, fee_bearer, plan_id, currency,
       out_trade_no, subject, method, payer_id, store_id, terminal_id, qr_code_id, metadata, created_at, succeeded_at)
   values ($1, $2, $3, 'succeeded', $4, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)`,
);

/** Stores a payment that a static QR code made; it has succeeded. */
export const insertCollected = (tx: Transaction, p: Payment): Promise<unknown> =>
  run(tx, insertStatement, [
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
    p.method,
    p.payerId,
    p.storeId,
    p.terminalId,
    p.qrCodeId,
    JSON.stringify(p.metadata),
    p.createdAt,
  ]);
