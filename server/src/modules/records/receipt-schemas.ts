import { Type } from "typebox";
import { AnyId, Currency, Id, Strict, Time } from "#kit/schemas.ts";
import { Nullable } from "./schemas.ts";
import { contentTypes } from "./table.ts";

const Sum = Type.Integer({ description: "Minor units" });

const ReceiptObject = Type.Object(
  {
    id: Id("rcp"),
    object: Type.Literal("receipt"),
    payment: Id("pay"),
    out_trade_no: Type.String(),
    paid_at: Time,
    seller: Type.Object({
      id: Id("mch"),
      name: Type.String(),
      mcc: Type.String({ description: "Merchant category code (ISO 18245)" }),
      city: Type.String(),
      country: Type.String(),
      store: Nullable(Type.Object({ id: Id("sto"), name: Type.String(), address: Nullable(Type.String()) })),
    }),
    buyer: Nullable(
      Type.Object(
        { id: Id("usr"), name: Nullable(Type.String()), phone: Nullable(Type.String()) },
        { description: "Masked for the merchant" },
      ),
    ),
    items: Type.Array(Type.Object({ description: Type.String(), quantity: Type.Integer(), amount: Sum })),
    currency: Currency,
    amount: Type.Integer({ description: "What was captured" }),
    fee: Type.Integer({ description: "What the buyer paid on top" }),
    total: Type.Integer({ description: "amount + fee" }),
    refunds: Type.Array(Type.Object({ id: Id("ref"), amount: Sum, fee_returned: Sum, succeeded_at: Nullable(Time) }), {
      description: "Those that succeeded, the first first",
    }),
    refunded: Type.Integer({ description: "Given back to the buyer, fees included" }),
    balance: Type.Integer({ description: "total − refunded" }),
    method: Nullable(Type.String()),
    channel: Nullable(Type.String()),
    livemode: Type.Boolean(),
  },
  { description: "What was bought, from whom and for how much, with what was given back since" },
);

export const ReadReceipt = {
  tags: ["Receipts"],
  summary: "The receipt of a payment, for its merchant and its payer",
  description:
    "Once the payment succeeded; before, `state_conflict`. As PDF with `format=pdf` or `Accept: application/pdf`, in the language of `Accept-Language`.",
  params: Type.Object({ payment: AnyId({ description: "The payment's id, or the receipt's" }) }),
  querystring: Strict({ format: Type.Optional(Type.Enum(["json", "pdf"])) }),
  response: {
    200: {
      description: "The receipt",
      content: { "application/json": { schema: ReceiptObject }, [contentTypes.pdf]: { schema: Type.String() } },
    },
  },
};
