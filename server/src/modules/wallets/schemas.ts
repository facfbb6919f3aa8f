import { Type } from "typebox";
import { Amount, ById, Currency, Id, ListOf, listQuery, Strict, Text, Time } from "#kit/schemas.ts";
import { Phone } from "#modules/identity";
import { type DailyLimit, dailyLimits } from "./accounts.ts";
import { transferStates } from "./states.ts";

const Nullable = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) => Type.Union([schema, Type.Null()]);

const IdempotencyHeader = Type.Object({
  "idempotency-key": Type.Optional(
    Type.String({ description: "1 to 255 visible characters, new for each new request; required: it moves money" }),
  ),
});
const Pin = Type.String({ pattern: "^[0-9]{6}$", description: "The payment PIN" });

export const ReadWallet = {
  tags: ["Payer"],
  summary: "Balances and limits of the signed-in user",
  response: {
    200: Type.Object({
      object: Type.Literal("wallet"),
      balances: Type.Array(Type.Object({ currency: Currency, available: Type.Integer(), pending: Type.Integer() })),
      limits: Type.Array(
        Type.Object({
          type: Type.Enum(Object.keys(dailyLimits) as DailyLimit[]),
          currency: Currency,
          limit: Type.Integer(),
          left: Type.Integer(),
          resets_at: Time,
        }),
      ),
    }),
  },
};

const maskedName = { name: Nullable(Type.String()), phone: Nullable(Type.String()) };

export const ReadRecipient = {
  tags: ["Payer"],
  summary: "Whom one would pay",
  description: "Name and phone are masked. Rate-limited: 30 at once, then one a minute.",
  querystring: Strict({ phone: Type.Optional(Phone), user: Type.Optional(Id("usr")) }),
  response: {
    200: Type.Object({ object: Type.Literal("recipient"), user: Id("usr"), ...maskedName }),
  },
};

const TransferObject = Type.Object(
  {
    id: Id("trf"),
    object: Type.Literal("transfer"),
    status: Type.Enum([...transferStates]),
    direction: Type.Enum(["in", "out"], { description: "`out` for who sent it, `in` for who got it" }),
    amount: Amount,
    currency: Currency,
    counterparty: Type.Object({ id: Id("usr"), ...maskedName }, { description: "The other side, masked" }),
    note: Nullable(Type.String()),
    livemode: Type.Boolean(),
    created_at: Time,
  },
  { description: "Money from one wallet to another, as one side sees it" },
);

export const CreateTransfer = {
  tags: ["Payer"],
  summary: "Send money to another user",
  description: "Moves at once and for good. Both sides get the event `transfer.succeeded`, each with its own view.",
  headers: IdempotencyHeader,
  body: Strict({
    to: Type.Union([Strict({ phone: Phone }), Strict({ user: Id("usr") })], {
      description: "The recipient's phone or user id",
    }),
    amount: Amount,
    currency: Currency,
    pin: Pin,
    note: Type.Optional(Text(128, { description: "Both sides see it" })),
  }),
  response: { 200: TransferObject },
};

export const ReadTransfer = {
  tags: ["Payer"],
  summary: "Read a transfer",
  params: ById,
  response: { 200: TransferObject },
};

export const ListTransfers = {
  tags: ["Payer"],
  summary: "List transfers",
  querystring: Strict({ ...listQuery, direction: Type.Optional(Type.Enum(["in", "out"])) }),
  response: { 200: ListOf(TransferObject) },
};
