import { Type } from "typebox";
import { Amount, ById, Currency, Id, ListOf, listQuery, Metadata, Strict, Time } from "#kit/schemas.ts";
import { directions, recordResults, recordTypes } from "./record.ts";

const Nullable = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) => Type.Union([schema, Type.Null()]);
const RecordType = Type.Enum([...recordTypes]);
const Direction = Type.Enum([...directions]);
const RecordResult = Type.Enum([...recordResults]);

const RecordObject = Type.Object(
  {
    id: Id("rcd"),
    object: Type.Literal("record"),
    time: Time,
    type: RecordType,
    direction: Direction,
    result: RecordResult,
    failure: Nullable(Type.Object({ code: Type.String(), message: Type.String() })),
    amount: Amount,
    fee: Type.Integer({ description: "What the owner of the record bears" }),
    net: Type.Integer({
      description:
        "By how much the owner's balance changed: amount + fee going out, amount − fee coming in, 0 when it failed",
    }),
    currency: Currency,
    counterparty: Nullable(Type.Object({ id: Type.String(), name: Nullable(Type.String()) })),
    subject: Nullable(Type.String()),
    payment: Nullable(Id("pay")),
    out_trade_no: Nullable(Type.String({ description: "The merchant's only" })),
    store: Nullable(Id("sto")),
    terminal: Nullable(Id("trm")),
    livemode: Type.Boolean(),
    metadata: Metadata,
    created_at: Type.String({ format: "date-time", description: "When it was noted here; lists go by `time`" }),
  },
  { description: "Something that moved, or failed to, as one of its sides sees it" },
);

export const ListRecords = {
  tags: ["Records"],
  summary: "Everything that moved, newest first",
  description:
    "Waits up to a second for the records of what was answered before. `created_gte` and `created_lt` go by `time`.",
  querystring: Strict({
    ...listQuery,
    starting_after: Type.Optional(Id("rcd")),
    ending_before: Type.Optional(Id("rcd")),
    type: Type.Optional(RecordType),
    direction: Type.Optional(Direction),
    result: Type.Optional(RecordResult),
    amount_gte: Type.Optional(Amount),
    amount_lte: Type.Optional(Amount),
  }),
  response: { 200: ListOf(RecordObject) },
};

export const ReadRecord = {
  tags: ["Records"],
  summary: "Read a record",
  params: ById,
  response: { 200: RecordObject },
};
