import { Type } from "typebox";
import { Amount, ById, Currency, Id, Strict, Time } from "#kit/schemas.ts";
import { BankAccount } from "#modules/wallets";
import { orderMethods } from "./order-methods.ts";
import { Methods, PaymentObject, Pin, Status } from "./schemas.ts";
import { IdempotencyHeader, Nullable, OutTradeNo } from "./shapes.ts";
import { type AttemptStatus, attemptMoves } from "./states.ts";

/** What is done to an order; how one is made stands with the payments. */
const PaymentKey = Type.String({ pattern: "^[\\x21-\\x7e]{1,128}$", description: "The order's key: `pk_…`" });
const KeyHeader = Type.Object({ "payment-key": Type.Optional(PaymentKey) });

export const QueryPayment = {
  tags: ["Payments"],
  summary: "Ask the channel about a payment now",
  description:
    "What is known changes by itself; this is for who can't wait. The channel is asked every three seconds at most: in between the answer is what is known.",
  params: ById,
  body: Strict({}),
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
  headers: KeyHeader,
  response: {
    200: Type.Object(
      {
        object: Type.Literal("checkout"),
        payment: Id("pay"),
        status: Status,
        merchant: Type.Object({ id: Id("mch"), name: Type.String() }),
        subject: Nullable(Type.String()),
        amount: Amount,
        amount_captured: Type.Integer(),
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
    "`payment_key`, or the header `Payment-Key`, shows that the payer was given this order; a user who has opened it before leaves it out. The wallet needs a session and the PIN, the bank a `source`; what the bank says comes later: until then the order is `requires_payment` and takes no other attempt (409 `attempt_in_progress`). A refused attempt leaves the order waiting; of several at once one pays, the others get 409 `state_conflict`.",
  params: ById,
  headers: Type.Object({ ...IdempotencyHeader.properties, ...KeyHeader.properties }),
  body: Strict({
    payment_key: Type.Optional(PaymentKey),
    method: Type.Enum([...orderMethods]),
    pin: Type.Optional(Pin),
    source: Type.Optional(BankAccount),
  }),
  response: { 200: PaymentObject },
};
