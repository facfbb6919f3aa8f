import type { UserActor } from "#kit/actor.ts";
import { config } from "#kit/config.ts";
import type { Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { Refused } from "#kit/idempotency.ts";
import { firstEventId, twinId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { findQrCode, type QrCode } from "#modules/codes";
import { checkPin } from "#modules/identity";
import { merchantStandings } from "#modules/merchants";
import type { CollectInput } from "./collect-schemas.ts";
import { insertCollected } from "./collect-sql.ts";
import { confirmByWallet } from "./confirm-by-wallet.ts";
import { paymentErrors } from "./errors.ts";
import { newPayment } from "./new-payment.ts";
import { payerDetails } from "./payer-details.ts";
import { type Payment, totalOf } from "./payment.ts";
import { paymentEvent } from "./payment-event.ts";
import { refusalError } from "./refusals.ts";
import { assertPayable, type ScannedCode, scanCollectCode } from "./scan-collect-code.ts";
import { databaseTime, insertConfirmations, lockPayment } from "./sql.ts";
import { takeFromWallet } from "./take-from-wallet.ts";

/** What somebody is about to pay; the PIN was checked if it was needed. */
export interface Collection {
  readonly scanned: ScannedCode;
  /** Of a static code: the payment that will be made. Of a dynamic one: the order. */
  readonly payment: Payment;
}

/**
 * What happens before the transaction: finds out what is to be paid, and judges the PIN, so that a wrong one counts even though nothing
 * else happens. Throws what `scanCollectCode` and `checkPin` throw, `parameter_missing`, `amount_mismatch`.
 */
export async function admitCollector(actor: UserActor, { qr, amount, pin }: CollectInput): Promise<Collection> {
  const scanned = await scanCollectCode(actor, qr);
  const fixed = scanned.type === "dynamic" ? scanned.order.amount : scanned.code.amount;
  if (fixed === null && amount === undefined) throw kitErrors.parameter_missing({ param: "/amount" });
  if (fixed !== null && amount !== undefined && amount !== fixed) {
    throw paymentErrors.amount_mismatch({ details: { amount: fixed } });
  }
  const payment = scanned.type === "dynamic" ? scanned.order : await paymentByCode(scanned.code, fixed ?? amount ?? 0);
  if (pin !== undefined) await checkPin(actor.userId, pin);
  else if (totalOf(payment) > config().smallPaymentLimit) throw kitErrors.parameter_missing({ param: "/pin" });
  return { scanned, payment };
}

/** The payment that a static code makes, as it will be when it succeeds; nothing is stored. Its order number is made from its id. */
export async function paymentByCode(code: QrCode, amount: number): Promise<Payment> {
  const { id: qrCodeId, merchantId, livemode, currency, storeId, terminalId, subject, metadata } = code;
  const place = { ...(storeId !== null && { store: storeId }), ...(subject !== null && { subject }) };
  const terms = { amount, currency, out_trade_no: "", metadata, ...place };
  const payment = await newPayment({ merchantId, livemode }, terms);
  const outTradeNo = `qr${payment.id.slice(payment.id.indexOf("_"))}`;
  return {
    ...payment,
    outTradeNo,
    terminalId,
    qrCodeId,
    status: "succeeded",
    amountCaptured: amount,
    method: "wallet",
  };
}

/**
 * Pays what was scanned from the user's wallet, in the caller's transaction. A wallet or a limit that does not allow it is refused (402) and
 * leaves no payment behind; an order goes on waiting. Throws what `assertPayable` throws.
 */
export const collect = (tx: Transaction, actor: UserActor, { scanned, payment }: Collection): Promise<Payment> =>
  scanned.type === "static"
    ? payByStaticCode(tx, actor, scanned, { ...payment, payerId: actor.userId })
    : payScannedOrder(tx, actor, scanned, payment);

async function payByStaticCode(
  tx: Transaction,
  actor: UserActor,
  { code: { id, merchantId } }: ScannedCode & { type: "static" },
  payment: Payment,
): Promise<Payment> {
  const merchant = (await merchantStandings(tx, [merchantId])).get(merchantId);
  assertPayable(actor, { merchant, code: await findQrCode(tx, payment, id) });
  const at = await databaseTime(tx);
  const refusal = await takeFromWallet(tx, payment, at);
  if (refusal) {
    const details = await payerDetails(tx, refusal, { ...payment, payerId: actor.userId }, at);
    throw new Refused(refusalError(refusal, { details }));
  }
  await faultPoint("payments.collect_after_ledger");
  const paid: Payment = { ...payment, createdAt: at, succeededAt: at };
  await insertCollected(tx, paid);
  await insertConfirmations(tx, [paid]);
  await emit(tx, [paymentEvent(firstEventId(paid.id), paid)]);
  await faultPoint("payments.collect_after_event");
  return paid;
}

/** The order's row is held first, so that of many payers one pays and the others learn what became of it. */
async function payScannedOrder(
  tx: Transaction,
  actor: UserActor,
  { merchant }: ScannedCode,
  payment: Payment,
): Promise<Payment> {
  const order = await lockPayment(tx, payment, payment.id);
  if (!order) throw kitErrors.not_found();
  const codeId = twinId("qr", order.id);
  assertPayable(actor, { merchant, code: await findQrCode(tx, order, codeId), order }, await databaseTime(tx));
  return confirmByWallet(tx, order, actor, codeId);
}
