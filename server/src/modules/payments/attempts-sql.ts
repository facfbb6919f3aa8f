import { first, type Queryable, run, sql, type Transaction } from "#kit/db.ts";
import type { Attempt } from "./attempt.ts";
import type { PaymentPlace } from "./payment-key.ts";
import type { NextAttempt } from "./states.ts";

const columns = `a.merchant_id as "merchantId", a.livemode, a.id, a.payment_id as "paymentId", a.method, a.channel,
  a.payer_id as "payerId", a.amount, a.account, a.status, a.failure_code as "failureCode", a.created_at as "createdAt",
  a.settled_at as "settledAt"`;

const insertAttemptStatement = sql(
  "payments.insert_attempt",
  `insert into payment_attempts (merchant_id, livemode, id, payment_id, method, channel, payer_id, amount, account, status)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending')`,
);

/** Stores an attempt that begins. The order's row is held by the caller, and it has no open attempt. */
export const insertAttempt = (
  tx: Transaction,
  a: Omit<Attempt, "status" | "failureCode" | "createdAt" | "settledAt">,
): Promise<unknown> =>
  run(tx, insertAttemptStatement, [
    a.merchantId,
    a.livemode,
    a.id,
    a.paymentId,
    a.method,
    a.channel,
    a.payerId,
    a.amount,
    a.account,
  ]);

const ofPaymentStatement = sql<Attempt>(
  "payments.attempts_of",
  `select ${columns} from payment_attempts a
    where a.merchant_id = $1 and a.livemode = $2 and a.payment_id = $3 order by a.created_at, a.id`,
);

/** All attempts at an order through channels, the first one first. */
export const attemptsAt = (on: Queryable, { merchantId, livemode, id }: PaymentPlace): Promise<Attempt[]> =>
  run(on, ofPaymentStatement, [merchantId, livemode, id]);

const openStatement = sql<Attempt>(
  "payments.open_attempt",
  `select ${columns} from payment_attempts a
    where a.merchant_id = $1 and a.livemode = $2 and a.payment_id = $3 and a.status = 'pending'`,
);

/** The attempt whose outcome is not known, if there is one. */
export const openAttempt = (on: Queryable, { merchantId, livemode, id }: PaymentPlace): Promise<Attempt | undefined> =>
  first(on, openStatement, [merchantId, livemode, id]);

const moveAttemptStatement = sql<Attempt>(
  "payments.move_attempt",
  `update payment_attempts a set status = $4, failure_code = $5, settled_at = clock_now()
    where a.merchant_id = $1 and a.livemode = $2 and a.id = $3 and a.status = 'pending'
   returning ${columns}`,
);

/** Compare-and-set of an attempt that is settled; nothing when it was before. */
export const moveAttempt = (
  tx: Transaction,
  { merchantId, livemode, id }: Pick<Attempt, "merchantId" | "livemode" | "id">,
  to: NextAttempt<"pending">,
  failureCode: string | null = null,
): Promise<Attempt | undefined> => first(tx, moveAttemptStatement, [merchantId, livemode, id, to, failureCode]);
