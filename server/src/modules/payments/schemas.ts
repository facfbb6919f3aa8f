import { Type } from "typebox";
import { Amount, ById, Currency, Id, ListOf, listQuery, Metadata, Strict, Text, Time } from "#kit/schemas.ts";
import { TransferObject } from "#modules/ledger";
import { expandable } from "./expand.ts";
import { RefundObject } from "./refund-schemas.ts";
import { FeeBearer, IdempotencyHeader, Nullable, OutTradeNo } from "./shapes.ts";
import { type PaymentStatus, paymentMoves } from "./states.ts";

const Status = Type.Enum(Object.keys(paymentMoves) as PaymentStatus[]);

const PaymentObject = Type.Object(
  {
    id: Id("pay"),
    object: Type.Literal("payment"),
    status: Status,
    amount: Amount,
    amount_captured: Type.Integer(),
    amount_refunded: Type.Integer(),
    fee: Type.Integer(),
    fee_bearer: FeeBearer,
    total: Type.Integer({ description: "What the payer gives: amount + fee when the payer bears it" }),
    net: Type.Integer({ description: "What the merchant gets: amount − fee when the merchant bears it" }),
    currency: Currency,
    out_trade_no: OutTradeNo,
    subject: Nullable(Type.String()),
    method: Nullable(Type.String()),
    channel: Nullable(Type.String()),
    payer: Nullable(Id("usr")),
    merchant: Id("mch"),
    store: Nullable(Id("sto")),
    terminal: Nullable(Id("trm")),
    failure: Nullable(Type.Object({ code: Type.String(), message: Type.String() })),
    action: Nullable(Type.Object({ type: Type.Literal("confirm_on_device"), expires_at: Nullable(Time) })),
    receipt: Type.Union([Type.String(), Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
      description: "Once it succeeded: the receipt's id, or the receipt where it was asked for",
    }),
    livemode: Type.Boolean(),
    created_at: Time,
    succeeded_at: Nullable(Time),
    expires_at: Nullable(Time),
    metadata: Metadata,
  },
  { description: "A payment" },
);

export const CreatePayment = {
  tags: ["Payments"],
  summary: "Scan to pay",
  description: "Takes money for a payment code that the customer shows, in one call.",
  headers: IdempotencyHeader,
  body: Strict({
    amount: Amount,
    currency: Currency,
    out_trade_no: OutTradeNo,
    code: Type.String({
      minLength: 1,
      maxLength: 64,
      pattern: "^[\\x21-\\x7e]*$",
      description: "The scanned payment code",
    }),
    subject: Type.Optional(Text(128)),
    capture: Type.Optional(Type.Literal("automatic")),
    fee_bearer: Type.Optional(FeeBearer),
    store: Type.Optional(Id("sto")),
    terminal: Type.Optional(Id("trm")),
    metadata: Type.Optional(Metadata),
  }),
  response: { 200: PaymentObject },
};

const Expand = Type.Optional(
  Type.Array(Type.Enum([...expandable]), {
    maxItems: 20,
    description: "What to read together with the payment; repeat it for several. For the merchant",
  }),
);
const Loaded = (description: string) =>
  Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()), { description }));

const ExpandedPayment = Type.Object(
  {
    ...PaymentObject.properties,
    refunds: Type.Optional(Type.Array(RefundObject, { description: "The first first" })),
    transitions: Type.Optional(
      Type.Array(
        Type.Object(
          { from: Nullable(Status), to: Status, at: Time, event: Id("evt") },
          { description: "A change of state" },
        ),
      ),
    ),
    attempts: Type.Optional(
      Type.Array(
        Type.Object({
          object: Type.Literal("payment_attempt"),
          kind: Type.Enum(["payment_code", "order"]),
          method: Nullable(Type.String()),
          payer: Nullable(Id("usr")),
          status: Status,
          failure_code: Nullable(Type.String()),
          created_at: Time,
          succeeded_at: Nullable(Time),
        }),
      ),
    ),
    ledger_transfers: Type.Optional(Type.Array(TransferObject)),
    events: Loaded("Event objects, the first first"),
    deliveries: Loaded("Deliveries of the payment's events to webhook endpoints"),
    risk_decision: Type.Optional(Type.Null({ description: "No risk decisions are made yet" })),
    route: Type.Optional(Type.Null({ description: "No payment is routed to a channel yet" })),
  },
  { description: "A payment with what was asked for" },
);

export const ReadPayment = {
  tags: ["Payments"],
  summary: "Read a payment, with `expand[]` everything about it",
  params: ById,
  querystring: Strict({ "expand[]": Expand, expand: Expand }),
  response: { 200: ExpandedPayment },
};

export const ListPayments = {
  tags: ["Payments"],
  summary: "List payments, or find one by its order number",
  querystring: Strict({
    ...listQuery,
    out_trade_no: Type.Optional(OutTradeNo),
    status: Type.Optional(Status),
  }),
  response: { 200: ListOf(PaymentObject) },
};

export const ConfirmOnDevice = {
  tags: ["Payer"],
  summary: "Agree to a larger scanned payment",
  params: ById,
  headers: IdempotencyHeader,
  body: Strict({ pin: Type.String({ pattern: "^[0-9]{6}$", description: "The payment PIN" }) }),
  response: { 200: PaymentObject },
};
