import { type Static, Type } from "typebox";
import { Amount, AnyId, ById, Currency, Id, ListOf, listQuery, Metadata, Strict, Text, Time } from "#kit/schemas.ts";
import { FeeBearer, IdempotencyHeader, Nullable, OutTradeNo } from "./shapes.ts";
import { type RefundStatus, refundMoves } from "./states.ts";

const OutRefundNo = Type.String({
  pattern: "^[A-Za-z0-9_*.-]{1,64}$",
  description: "The merchant's refund number: 1 to 64 letters, digits and `_ - * .`",
});
const Status = Type.Enum(Object.keys(refundMoves) as RefundStatus[]);

export const RefundObject = Type.Object(
  {
    id: Id("ref"),
    object: Type.Literal("refund"),
    status: Status,
    amount: Amount,
    fee_returned: Type.Integer({ description: "The part of the payment's fee that goes back to whoever bore it" }),
    fee_bearer: FeeBearer,
    total: Type.Integer({ description: "What the payer gets: amount + fee_returned when the payer bore the fee" }),
    currency: Currency,
    payment: Id("pay"),
    payment_amount_refunded: Type.Integer({ description: "Of all the payment's refunds that did not fail" }),
    out_trade_no: OutTradeNo,
    out_refund_no: OutRefundNo,
    reason: Nullable(Type.String()),
    method: Nullable(Type.String({ description: "Of the payment: the money goes back the way it came" })),
    failure: Nullable(Type.Object({ code: Type.String(), message: Type.String() })),
    payer: Nullable(Id("usr")),
    merchant: Id("mch"),
    store: Nullable(Id("sto")),
    terminal: Nullable(Id("trm")),
    livemode: Type.Boolean(),
    created_at: Time,
    succeeded_at: Nullable(Time),
    metadata: Metadata,
  },
  { description: "A refund" },
);

export const CreateRefund = {
  tags: ["Payments"],
  summary: "Refund a payment, whole or in part",
  description:
    "The sum of a payment's refunds never passes what it took; a pending one counts. The money comes from the merchant's pending balance, then from the available one.",
  headers: IdempotencyHeader,
  body: Strict({
    payment: AnyId({ description: "The payment's id" }),
    amount: Type.Optional({ ...Amount, description: "Minor units; left out: what is left of the payment" }),
    out_refund_no: OutRefundNo,
    reason: Type.Optional(Text(200)),
    metadata: Type.Optional(Metadata),
  }),
  response: { 200: RefundObject },
};
export type RefundInput = Static<typeof CreateRefund.body>;

export const ReadRefund = {
  tags: ["Payments"],
  summary: "Read a refund",
  params: ById,
  response: { 200: RefundObject },
};

export const ListRefunds = {
  tags: ["Payments"],
  summary: "List refunds, all or one payment's",
  querystring: Strict({
    ...listQuery,
    payment: Type.Optional(AnyId()),
    out_refund_no: Type.Optional(OutRefundNo),
    status: Type.Optional(Status),
  }),
  response: { 200: ListOf(RefundObject) },
};
