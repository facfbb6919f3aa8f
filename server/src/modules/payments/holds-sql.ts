import { first, plainArray, run, sql, type Transaction } from "#kit/db.ts";
import type { Payment } from "./payment.ts";
import { paymentColumns } from "./sql.ts";

/** Statements about payments whose money is held. */

const authorizeStatement = sql<Payment>(
  "payments.authorize",
  `update payments p set status = 'authorized', expires_at = $4
    where p.merchant_id = $1 and p.livemode = $2 and p.id = $3 and p.status = 'processing'
   returning ${paymentColumns}`,
);

/** Compare-and-set of a scan that its payer has confirmed: its money is held until `until`. Nothing when it was no longer `processing`. */
export const authorizePayment = (
  tx: Transaction,
  { merchantId, livemode, id }: Payment,
  until: Date,
): Promise<Payment | undefined> => first(tx, authorizeStatement, [merchantId, livemode, id, until]);

const captureStatement = sql<Payment>(
  "payments.capture",
  `update payments p set status = 'succeeded', amount_captured = $4, fee = $5, succeeded_at = clock_now()
    where p.merchant_id = $1 and p.livemode = $2 and p.id = $3 and p.status = 'authorized'
   returning ${paymentColumns}`,
);

/** Compare-and-set of an authorised payment that is captured; nothing when it was no longer `authorized`. */
export const capturePayment = (
  tx: Transaction,
  { merchantId, livemode, id }: Payment,
  amount: number,
  fee: number,
): Promise<Payment | undefined> => first(tx, captureStatement, [merchantId, livemode, id, amount, fee]);

/** `(select clock_now())` is one value for the statement, so that the index is searched by it. */
const lockOverStatement = sql<Payment>(
  "payments.lock_over",
  `select ${paymentColumns} from payments p
    where p.status = 'authorized' and p.expires_at <= (select clock_now())
    order by p.expires_at limit $1 for no key update skip locked`,
);

/** Authorised payments whose hold is over, locked; what another process has in hand is left out. */
export const lockOverdueHolds = (tx: Transaction, limit: number): Promise<Payment[]> =>
  run(tx, lockOverStatement, [limit]);

const closeHoldsStatement = sql<Payment>(
  "payments.close_holds",
  `update payments p set status = 'closed', fee = 0
     from unnest($1::text[], $2::boolean[], $3::text[]) as h(merchant_id, livemode, id)
    where p.merchant_id = h.merchant_id and p.livemode = h.livemode and p.id = h.id and p.status = 'authorized'
   returning ${paymentColumns}`,
);

/** Closes authorised payments; gives them as they are then. */
export const closeHolds = (tx: Transaction, payments: readonly Payment[]): Promise<Payment[]> =>
  run(tx, closeHoldsStatement, [
    plainArray(payments.map((p) => p.merchantId)),
    plainArray(payments.map((p) => p.livemode)),
    plainArray(payments.map((p) => p.id)),
  ]);
