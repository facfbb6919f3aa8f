import { Type } from "typebox";
import { AnyId, Currency, Id, ListOf, Strict, Time } from "#kit/schemas.ts";
import { FileOfFormat, Nullable } from "./schemas.ts";
import { fileFormats } from "./table.ts";

const Sum = Type.Integer({ description: "Minor units; below zero when more was taken than came in" });
const Direction = Type.Enum(["in", "out"]);
const Day = Type.String({ format: "date", pattern: "^(?!0000)", description: "A business day: `2026-11-21`" });
const TransferCode = Type.String({ description: "The ledger's code: `payment`, `payment_fee`, `refund` …" });

const StatementObject = Type.Object(
  {
    id: Id("stm"),
    object: Type.Literal("statement"),
    date: Day,
    from: Time,
    to: Type.String({ format: "date-time", description: "Not included" }),
    final: Type.Boolean({ description: "The day is over, and nothing of it can change any more" }),
    as_of: Nullable(Type.String({ format: "date-time", description: "Up to when the ledger's history is complete" })),
    accounts: Type.Array(
      Type.Object({
        account: Id("acc"),
        code: Type.String({ description: "`wallet`, `merchant_pending`, `merchant_available` …" }),
        currency: Currency,
        opening: Sum,
        closing: Type.Integer({ description: "opening + change; the next day's opening" }),
        change: Type.Integer({ description: "What came in less what went out" }),
        held: Type.Integer({ description: "Of the closing balance: set aside to go out" }),
        incoming: Type.Integer({ description: "On its way in at the end of the day, not in the balance" }),
        movements: Type.Optional(
          Type.Array(
            Type.Object({ type: TransferCode, direction: Direction, count: Type.Integer(), amount: Type.Integer() }),
            {
              description: "What was posted, by type. Not in lists",
            },
          ),
        ),
      }),
    ),
  },
  { description: "What an owner had at the beginning of a business day, what happened, and what there was at its end" },
);

const StatementLine = Type.Object({
  object: Type.Literal("statement_line"),
  transfer: Id("txn"),
  time: Time,
  type: TransferCode,
  direction: Direction,
  amount: Type.Integer({ description: "By how much the balance changed" }),
  pending_change: Type.Integer({ description: "By how much what is held or on its way changed" }),
  balance: Type.Integer({ description: "After the line" }),
  reference: Nullable(Type.String({ description: "What it was for" })),
});

const pages = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
};
const Named = Type.Object({ id: AnyId({ description: "The statement's id, or a date" }) });

export const ListStatements = {
  tags: ["Statements"],
  summary: "Daily statements, newest first",
  description:
    "One a business day of the operator's zone, from the day of the first account on. Waits up to a second for the ledger's history.",
  querystring: Strict({
    ...pages,
    date: Type.Optional(Day),
    starting_after: Type.Optional(Id("stm")),
    ending_before: Type.Optional(Id("stm")),
  }),
  response: { 200: ListOf(StatementObject) },
};

export const ReadStatement = {
  tags: ["Statements"],
  summary: "A day's statement, by id or date",
  params: Named,
  response: { 200: StatementObject },
};

export const ExportStatement = {
  tags: ["Statements"],
  summary: "A day's statement as a file, line by line",
  params: Named,
  querystring: Strict({ format: Type.Enum([...fileFormats]) }),
  response: { 200: FileOfFormat },
};

export const ListStatementLines = {
  tags: ["Statements"],
  summary: "An account's lines of a day, newest first",
  params: Named,
  querystring: Strict({
    ...pages,
    account: AnyId({ description: "One of the statement's accounts" }),
    starting_after: Type.Optional(AnyId({ description: "A line's transfer" })),
    ending_before: Type.Optional(AnyId({ description: "A line's transfer" })),
  }),
  response: { 200: ListOf(StatementLine) },
};
