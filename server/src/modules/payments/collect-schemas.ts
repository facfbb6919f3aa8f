import { type Static, Type } from "typebox";
import { Amount, Currency, Id, Strict, Time } from "#kit/schemas.ts";
import { PaymentObject } from "./schemas.ts";
import { IdempotencyHeader, Nullable } from "./shapes.ts";

const Qr = Type.String({ minLength: 1, maxLength: 1024, description: "The whole text of the scanned code" });

export const Collect = {
  tags: ["Payer"],
  summary: "Pay a scanned merchant QR code",
  description:
    "From the wallet, in one call. A static code makes a payment of its merchant, within the day's limit for static codes; a dynamic one " +
    "pays its order, once.",
  headers: IdempotencyHeader,
  body: Strict({
    qr: Qr,
    amount: Type.Optional({ ...Amount, description: "Minor units; needed when the code leaves the amount open" }),
    pin: Type.Optional(
      Type.String({
        pattern: "^[0-9]{6}$",
        description: "The payment PIN; needed above the small-payment limit (`pin_above` of the resolved code)",
      }),
    ),
  }),
  response: { 200: PaymentObject },
};
export type CollectInput = Static<typeof Collect.body>;

export const ResolveCollectCode = {
  tags: ["Payer"],
  summary: "What paying a scanned merchant QR code would mean",
  description: "Moves nothing. Answers the errors that paying would answer.",
  body: Strict({ qr: Qr }),
  response: {
    200: Type.Object({
      object: Type.Literal("collect_code"),
      type: Type.Enum(["static", "dynamic"]),
      merchant: Type.Object({ id: Id("mch"), name: Type.String(), city: Type.String() }),
      store: Nullable(Type.Object({ id: Id("sto"), name: Type.String() })),
      subject: Nullable(Type.String()),
      amount: Type.Union([Amount, Type.Null()], { description: "null: the payer enters it" }),
      fee: Type.Union([Type.Integer(), Type.Null()], {
        description: "What the payer bears of it; null while the amount is open",
      }),
      total: Type.Union([Type.Integer(), Type.Null()], {
        description: "What the payer gives; null while the amount is open",
      }),
      currency: Currency,
      payment: Type.Union([Id("pay"), Type.Null()], { description: "The order of a dynamic code" }),
      pin_above: Type.Integer({ description: "A total above this needs the payment PIN, in minor units" }),
      livemode: Type.Boolean(),
      expires_at: Nullable(Time),
    }),
  },
};
