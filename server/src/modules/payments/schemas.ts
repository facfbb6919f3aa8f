import { Type } from "typebox";
import { Amount, ById, Currency, Id, ListOf, listQuery, Metadata, Strict, Text, Time } from "#kit/schemas.ts";
import { TransferObject } from "#modules/ledger";
import { BankAccount } from "#modules/wallets";
import { expandable } from "./expand.ts";
import { orderMethods } from "./order-methods.ts";
import { RefundObject } from "./refund-schemas.ts";
import { FeeBearer, IdempotencyHeader, Nullable, OutTradeNo } from "./shapes.ts";
import { type AttemptStatus, attemptMoves, type PaymentStatus, paymentMoves } from "./states.ts";

const Status = Type.Enum(Object.keys(paymentMoves) as PaymentStatus[]);
const Methods = Type.Array(Type.Enum([...orderMethods]), { minItems: 1, uniqueItems: true });
const Share = Type.Union([
  Strict({ receiver: Id("mch"), amount: Amount }),
  Strict({
    receiver: Id("mch"),
    share_bps: Type.Integer({ minimum: 1, maximum: 10_000, description: "Hundredths of a percent of the amount" }),
  }),
]);
const Notify = Type.String({ description: "Address to be told of this order: public, https" });
const Pin = Type.String({ pattern: "^[0-9]{6}$", description: "The payment PIN" });
const PaymentKey = Type.String({ pattern: "^[\\x21-\\x7e]{1,128}$", description: "The order's key: `pk_…`" });

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

export const ClosePayment = {
  tags: ["Payments"],
  summary: "Close an unpaid order",
  description:
    "Nobody can pay it any more, and its number is free. Closing a closed order changes nothing; 409 `state_conflict` names the state of one that is paid.",
  params: ById,
  body: Strict({}),
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
const LastAttempt = Type.Object(
  {
    id: Id("att"),
    method: Type.String(),
    channel: Type.String(),
    status: Type.Enum(Object.keys(attemptMoves) as AttemptStatus[]),
    failure: Nullable(Type.Object({ code: Type.String(), message: Type.String() })),
    created_at: Time,
  },
  { description: "The last attempt through a channel: `pending` until the channel has answered" },
);

export const ReadCheckout = {
  tags: ["Payer"],
  summary: "What the payer of an order sees",
  description:
    "With the key while the order waits to be paid: from then on 401 `payment_key_ended`, whose `details.status` tells what became of it. Signed in as well, the order is kept for this user, who reads and pays it without the key from then on, and reads the result after having paid.",
  params: ById,
  querystring: Strict({}),
  headers: Type.Object({ "payment-key": Type.Optional(PaymentKey) }),
  response: {
    200: Type.Object(
      {
        object: Type.Literal("checkout"),
        payment: Id("pay"),
        status: Status,
        merchant: Type.Object({ id: Id("mch"), name: Type.String() }),
        subject: Nullable(Type.String()),
        amount: Amount,
        fee: Type.Integer({ description: "What the payer gives on top of the amount" }),
        total: Type.Integer({ description: "What the payer gives in all" }),
        currency: Currency,
        out_trade_no: OutTradeNo,
        capture: Type.Enum(["automatic", "manual"]),
        methods: Methods,
        method: Nullable(Type.String()),
        attempt: Nullable(LastAttempt),
        receipt: Nullable(Type.String()),
        livemode: Type.Boolean(),
        created_at: Time,
        succeeded_at: Nullable(Time),
        expires_at: Nullable(Time),
      },
      { description: "An order as its payer sees it" },
    ),
  },
};

export const ConfirmOrder = {
  tags: ["Payer"],
  summary: "Pay an order",
  description:
    "`payment_key` shows that the payer was given this order; a user who has opened it before leaves it out. The wallet needs a session and the PIN, the bank a `source`; what the bank says comes later: until then the order is `requires_payment` and takes no other attempt (409 `attempt_in_progress`). A refused attempt leaves the order waiting; of several at once one pays, the others get 409 `state_conflict`.",
  params: ById,
  headers: IdempotencyHeader,
  body: Strict({
    payment_key: Type.Optional(PaymentKey),
    method: Type.Enum([...orderMethods]),
    pin: Type.Optional(Pin),
    source: Type.Optional(BankAccount),
  }),
  response: { 200: PaymentObject },
};
