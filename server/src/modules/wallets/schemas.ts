import { Type } from "typebox";
import { Amount, ById, Currency, Id, ListOf, listQuery, Strict, Text, Time } from "#kit/schemas.ts";
import { Phone } from "#modules/identity";
import { type DailyLimit, dailyLimits } from "./accounts.ts";
import { mostByBank } from "./bank-port.ts";
import { testAccountsText } from "./embedded-bank-accounts.ts";
import { type MovementStatus, movementMoves, transferStates } from "./states.ts";

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
      balances: Type.Array(
        Type.Object({
          currency: Currency,
          available: Type.Integer({ description: "What may be spent now" }),
          pending: Type.Integer({ description: "On its way in" }),
          held: Type.Integer({ description: "Kept back: for merchants that may capture it, or on its way out" }),
        }),
      ),
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
    counterparty: Type.Object(
      { id: Id("usr"), ...maskedName },
      { description: "The other side, masked; of one who was erased the id alone" },
    ),
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

export const BankAccount = Type.String({
  pattern: "^ba_[0-9a-z_]{1,61}$",
  description: `Token of a bank account. ${testAccountsText}`,
});
const MovementStatuses = Type.Enum(Object.keys(movementMoves) as MovementStatus[]);

const BankAmount = Type.Integer({ minimum: 1, maximum: mostByBank, description: "Minor units of the currency" });

const movementFields = {
  status: MovementStatuses,
  amount: Amount,
  currency: Currency,
  channel: Type.Literal("bank"),
  failure: Nullable(Type.Object({ code: Type.String(), message: Type.String() })),
  livemode: Type.Boolean(),
  created_at: Time,
  succeeded_at: Nullable(Time),
  returned_at: Nullable(Time),
};
const LateMoney = (description: string) => Nullable(Type.Enum(["returning", "returned", "held"], { description }));

const TopUpObject = Type.Object(
  {
    id: Id("top"),
    object: Type.Literal("topup"),
    source: Type.String(),
    amount_owed: Type.Integer({
      description: "Of a returned top-up: what the wallet no longer held, and the user owes",
    }),
    ...movementFields,
    late_money: LateMoney(
      "Of a failed top-up whose money came all the same: it is being sent back, is back, or is held because the bank would not take it. Events: `topup.late_money_received`, `topup.late_money_returned`, `topup.late_money_held`",
    ),
  },
  { description: "Money from a bank account into the wallet" },
);

const WithdrawalObject = Type.Object(
  {
    id: Id("wdl"),
    object: Type.Literal("withdrawal"),
    destination: Type.String(),
    ...movementFields,
    late_money: LateMoney(
      "`held`: of a failed withdrawal that the bank paid out all the same; the operator sees to it. Event: `withdrawal.late_money_paid`",
    ),
  },
  { description: "Money from the wallet to a bank account" },
);

const listMovements = Strict({ ...listQuery, status: Type.Optional(MovementStatuses) });

export const CreateTopUp = {
  tags: ["Payer"],
  summary: "Top the wallet up from a bank account",
  description:
    "Answers `pending`: the bank is asked once this is on record. Events `topup.pending`, then `succeeded` or `failed`; a bank may take money back afterwards: `returned`.",
  headers: IdempotencyHeader,
  body: Strict({ amount: BankAmount, currency: Currency, source: BankAccount, pin: Pin }),
  response: { 200: TopUpObject },
};
export const ReadTopUp = { tags: ["Payer"], summary: "Read a top-up", params: ById, response: { 200: TopUpObject } };
export const ListTopUps = {
  tags: ["Payer"],
  summary: "List top-ups",
  querystring: listMovements,
  response: { 200: ListOf(TopUpObject) },
};

export const CreateWithdrawal = {
  tags: ["Payer"],
  summary: "Withdraw from the wallet to a bank account",
  description:
    "Answers `pending`: the money is held, and leaves the wallet when the bank has confirmed. Events `withdrawal.pending`, then `succeeded` or `failed`; a bank may send money back afterwards: `returned`.",
  headers: IdempotencyHeader,
  body: Strict({ amount: BankAmount, currency: Currency, destination: BankAccount, pin: Pin }),
  response: { 200: WithdrawalObject },
};
export const ReadWithdrawal = {
  tags: ["Payer"],
  summary: "Read a withdrawal",
  params: ById,
  response: { 200: WithdrawalObject },
};
export const ListWithdrawals = {
  tags: ["Payer"],
  summary: "List withdrawals",
  querystring: listMovements,
  response: { 200: ListOf(WithdrawalObject) },
};
