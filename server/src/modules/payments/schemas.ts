import { Type } from "typebox";
import { Amount, ById, Currency, Id, ListOf, listQuery, Metadata, Strict, Text, Time } from "#kit/schemas.ts";
import { TransferObject } from "#modules/ledger";
import { expandable } from "./expand.ts";
import { orderMethods } from "./order-methods.ts";
import { RefundObject } from "./refund-schemas.ts";
import { FeeBearer, IdempotencyHeader, Nullable, OutTradeNo } from "./shapes.ts";
import { type PaymentStatus, paymentMoves } from "./states.ts";

export const Status = Type.Enum(Object.keys(paymentMoves) as PaymentStatus[]);
export const Methods = Type.Array(Type.Enum([...orderMethods]), { minItems: 1, uniqueItems: true });
const Share = Type.Union([
  Strict({ receiver: Id("mch"), amount: Amount }),
  Strict({
    receiver: Id("mch"),
    share_bps: Type.Integer({ minimum: 1, maximum: 10_000, description: "Hundredths of a percent of the amount" }),
  }),
]);
const Notify = Type.String({ description: "Address to be told of this order: public, https" });
export const Pin = Type.String({ pattern: "^[0-9]{6}$", description: "The payment PIN" });

export const PaymentObject = Type.Object(
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
    capture: Type.Enum(["automatic", "manual"]),
    methods: Type.Optional(Methods),
    notify: Type.Optional(Nullable(Notify)),
    profit_sharing: Type.Optional(Nullable(Type.Array(Share))),
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
    payment_key: Type.Optional(
      Type.String({
        description:
          "Opens the order for its payer; shown when it is made, and when that request is repeated with its key",
      }),
    ),
    qr: Type.Optional(
      Type.String({
        description:
          "Text of the QR code by which the order is paid (EMVCo, `docs/collect-codes.md`); shown as `payment_key` is. `POST /v1/qr_codes` draws it",
      }),
    ),
    qr_code: Type.Optional(Id("qr")),
    checkout_url: Type.Optional(
      Type.String({
        description: "Page on which the payer pays; shown as `payment_key` is, which stands in its fragment",
      }),
    ),
  },
  {
    description:
      "A payment. `methods`, `notify` and `profit_sharing` are an order's; `qr_code` is the code that its payer scanned",
  },
);

export const CreatePayment = {
  tags: ["Payments"],
  summary: "Scan to pay, or make an order",
  description: [
    "With `code`: takes money for a payment code that the customer shows, in one call.",
    "Without: makes an order that waits for its payer, by default for half an hour. Hand `checkout_url`, or `payment_key`, to the payer. A refused attempt leaves the order waiting.",
    "One `out_trade_no` stands for one live payment: with the same amount, currency, capture and fee bearer it is the answer again, whether a scan or an order asks (a scan does not pay an order: close it first); otherwise 409.",
  ].join("\n\n"),
  headers: IdempotencyHeader,
  body: Strict({
    amount: Amount,
    currency: Currency,
    out_trade_no: OutTradeNo,
    code: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        pattern: "^[\\x21-\\x7e]*$",
        description: "The scanned payment code; without it the payment is an order",
      }),
    ),
    subject: Type.Optional(Text(128)),
    capture: Type.Optional(
      Type.Enum(["automatic", "manual"], {
        description: "manual: the money is held until it is captured, cancelled, or the hold ends",
      }),
    ),
    fee_bearer: Type.Optional(FeeBearer),
    store: Type.Optional(Id("sto")),
    terminal: Type.Optional(Id("trm")),
    metadata: Type.Optional(Metadata),
    methods: Type.Optional({ ...Methods, description: "How an order may be paid; preset: every way there is" }),
    expires_at: Type.Optional({
      ...Time,
      description:
        "When an unpaid order closes, at most 7 days ahead; with a code and manual capture, when the hold ends",
    }),
    notify: Type.Optional(Notify),
    profit_sharing: Type.Optional(
      Type.Array(Share, {
        minItems: 1,
        maxItems: 20,
        description:
          "Parts that belong to other merchants of this platform: at most the amount in all. Kept with the order",
      }),
    ),
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
          status: Type.Enum([...(Object.keys(paymentMoves) as PaymentStatus[]), "pending"], {
            description: "`pending`: the channel has not answered yet",
          }),
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
  body: Strict({ pin: Pin }),
  response: { 200: PaymentObject },
};

export const CapturePayment = {
  tags: ["Payments"],
  summary: "Take the money that an authorised payment holds",
  description:
    "All of it, or a part: the rest goes back to the payer at once. The fee is that of what is taken. A payment is captured once.",
  params: ById,
  headers: IdempotencyHeader,
  body: Strict({
    amount: Type.Optional({ ...Amount, description: "Minor units; left out: the whole amount" }),
  }),
  response: { 200: PaymentObject },
};

export const CancelPayment = {
  tags: ["Payments"],
  summary: "End a payment before it succeeds",
  description:
    "An authorised payment gives back what it holds; one that waits for its customer's confirmation is never paid. Cancelling a closed one changes nothing. 409 `state_conflict` names the state of any other, and in `details.instead` what to do: `refund` or `close`.",
  params: ById,
  headers: IdempotencyHeader,
  body: Strict({}),
  response: { 200: PaymentObject },
};
