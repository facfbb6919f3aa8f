import { type Static, Type } from "typebox";
import { Amount, Id, Time } from "#kit/schemas.ts";
import { AnyText, bothSides, Failure, Nullable, projection, Sum, saleFields, timeOf } from "./projection.ts";

const FeeBearer = Type.Enum(["merchant", "payer"]);

const paymentFields = { ...saleFields, id: Id("pay"), subject: Nullable(AnyText) };
const refundFields = { ...saleFields, id: Id("ref"), payment: Id("pay"), amount: Amount, reason: Nullable(AnyText) };

const SucceededPayment = Type.Object({
  ...paymentFields,
  amount_captured: Amount,
  fee: Sum,
  fee_bearer: FeeBearer,
  succeeded_at: Time,
});
const FailedPayment = Type.Object({ ...paymentFields, amount: Amount, failure: Failure });
const SucceededRefund = Type.Object({
  ...refundFields,
  fee_returned: Sum,
  fee_bearer: FeeBearer,
  succeeded_at: Time,
});
const FailedRefund = Type.Object({ ...refundFields, failure: Failure });

/** Who bears how much of a fee. The other side's share is none of their business. */
const shares = (bearer: Static<typeof FeeBearer>, fee: number) => ({
  merchant: bearer === "merchant" ? fee : 0,
  payer: bearer === "payer" ? fee : 0,
});

const sidesOfPayment = (subject: string | null, fees: { merchant: number; payer: number }) => ({
  merchant: { direction: "in" as const, fee: fees.merchant, subject },
  payer: { direction: "out" as const, fee: fees.payer, subject },
});

/** The reason is the merchant's own note. */
const sidesOfRefund = (reason: string | null, fees: { merchant: number; payer: number }) => ({
  merchant: { direction: "out" as const, fee: fees.merchant, subject: reason },
  payer: { direction: "in" as const, fee: fees.payer, subject: null },
});

/** What was captured counts, not what was asked. The owner of a payment's or refund's event is the merchant. */
export const paymentSucceeded = projection(SucceededPayment, (payment, { ownerId }) => {
  const { id, amount_captured: amount, fee, fee_bearer: bearer, subject } = payment;
  const what = { type: "payment" as const, sourceId: id, paymentId: id, amount };
  const how = { time: timeOf(payment.succeeded_at), result: "succeeded" as const, failureCode: null };
  return bothSides(payment, ownerId, { ...what, ...how }, sidesOfPayment(subject, shares(bearer, fee)));
});

export const paymentFailed = projection(FailedPayment, (payment, { ownerId, createdAt: time }) => {
  const { id, amount, failure, subject } = payment;
  const what = { type: "payment" as const, sourceId: id, paymentId: id, amount };
  const how = { time, result: "failed" as const, failureCode: failure.code };
  return bothSides(payment, ownerId, { ...what, ...how }, sidesOfPayment(subject, { merchant: 0, payer: 0 }));
});

/** A fee that comes back to its bearer makes what goes out less and what comes in more. */
export const refundSucceeded = projection(SucceededRefund, (refund, { ownerId }) => {
  const { id, payment, amount, fee_returned: fee, fee_bearer: bearer, reason } = refund;
  const what = { type: "refund" as const, sourceId: id, paymentId: payment, amount };
  const how = { time: timeOf(refund.succeeded_at), result: "succeeded" as const, failureCode: null };
  return bothSides(refund, ownerId, { ...what, ...how }, sidesOfRefund(reason, shares(bearer, fee === 0 ? 0 : -fee)));
});

export const refundFailed = projection(FailedRefund, (refund, { ownerId, createdAt: time }) => {
  const { id, payment, amount, failure, reason } = refund;
  const what = { type: "refund" as const, sourceId: id, paymentId: payment, amount };
  const how = { time, result: "failed" as const, failureCode: failure.code };
  return bothSides(refund, ownerId, { ...what, ...how }, sidesOfRefund(reason, { merchant: 0, payer: 0 }));
});
