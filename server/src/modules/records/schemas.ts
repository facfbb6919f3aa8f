import { Type } from "typebox";
import { Amount, AnyId, ById, Currency, Id, ListOf, listQuery, Metadata, Strict, Text, Time } from "#kit/schemas.ts";
import { paymentMoves } from "#modules/payments";
import { directions, recordResults, recordTypes } from "./record.ts";
import { groupings } from "./statistics-sql.ts";
import { contentTypes, type FileFormat, fileFormats, mostRows } from "./table.ts";

export const Nullable = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) => Type.Union([schema, Type.Null()]);
const RecordType = Type.Enum([...recordTypes]);
const Direction = Type.Enum([...directions]);
const RecordResult = Type.Enum([...recordResults]);
const Counterparty = Type.Object({
  id: Type.String(),
  name: Nullable(Type.String({ description: "Of a person masked; null for one who was erased" })),
});

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
    fee: Type.Integer({ description: "What the owner of the record bears; negative when a refund gives it back" }),
    net: Type.Integer({
      description:
        "What left the owner or came: amount + fee going out, amount − fee coming in, 0 when it failed. Of a payer's wallet unless `method` says otherwise",
    }),
    currency: Currency,
    counterparty: Nullable(Counterparty),
    subject: Nullable(Type.String()),
    source: Type.String({ description: "What moved: id of a payment, refund, transfer, top-up or withdrawal" }),
    payment: Nullable(Id("pay")),
    out_trade_no: Nullable(Type.String({ description: "The merchant's only" })),
    store: Nullable(Id("sto")),
    terminal: Nullable(Id("trm")),
    method: Nullable(Type.String()),
    livemode: Type.Boolean(),
    metadata: Metadata,
    created_at: Type.String({ format: "date-time", description: "When it was noted here; lists go by `time`" }),
  },
  { description: "Something that moved, or failed to, as one of its sides sees it" },
);

/** What records a list or an export is about. */
export const recordFilter = {
  created_gte: Type.Optional(Time),
  created_lt: Type.Optional(Time),
  type: Type.Optional(RecordType),
  direction: Type.Optional(Direction),
  result: Type.Optional(RecordResult),
  amount_gte: Type.Optional(Amount),
  amount_lte: Type.Optional(Amount),
  counterparty: Type.Optional(AnyId({ description: "Id of the other side" })),
  store: Type.Optional(Id("sto")),
  terminal: Type.Optional(Id("trm")),
  q: Type.Optional(
    Text(64, {
      description:
        "Order number or its end, the end of an id, the other side's name, or the subject. Ends of four characters and more are found however old.",
    }),
  ),
};

export const ListRecords = {
  tags: ["Records"],
  summary: "Everything that moved, newest first",
  description:
    "Waits up to a second for the records of what was answered before. `created_gte` and `created_lt` go by `time`. A search looks through 20,000 records at once: `searched_back_to` says where it stopped, and `created_lt` with that time goes on.",
  querystring: Strict({
    ...listQuery,
    starting_after: Type.Optional(Id("rcd")),
    ending_before: Type.Optional(Id("rcd")),
    ...recordFilter,
  }),
  response: {
    200: Type.Intersect([ListOf(RecordObject), Type.Object({ searched_back_to: Type.Optional(Nullable(Time)) })]),
  },
};

const file = (format: FileFormat, most?: number) => ({
  [contentTypes[format]]: {
    schema: Type.String({ description: most === undefined ? "Streamed, however many rows" : `At most ${most} rows` }),
  },
});

/** An answer that is a file of one of the formats. */
export const FileOfFormat = {
  description: "A file; titles and texts in the language of `Accept-Language`, times by the operator's clock",
  content: { ...file("csv"), ...file("xlsx", mostRows.xlsx), ...file("pdf", mostRows.pdf) },
};
export const Format = Type.Enum([...fileFormats]);

export const ExportRecords = {
  tags: ["Records"],
  summary: "The same records as a file",
  description: "Takes the filters of the list. More rows than the format holds are refused: `export_too_large`.",
  querystring: Strict({ format: Format, ...recordFilter }),
  response: { 200: FileOfFormat },
};

export const ReadRecord = {
  tags: ["Records"],
  summary: "Read a record",
  params: ById,
  response: { 200: RecordObject },
};

const SearchResult = Type.Object(
  {
    object: Type.Literal("search_result"),
    type: RecordType,
    id: Type.String({ description: "Of the payment, refund, transfer, top-up or withdrawal" }),
    status: Type.Enum(Object.keys(paymentMoves) as (keyof typeof paymentMoves)[]),
    direction: Direction,
    amount: Amount,
    currency: Currency,
    payment: Nullable(Id("pay")),
    out_trade_no: Nullable(Type.String()),
    subject: Nullable(Type.String()),
    counterparty: Nullable(Counterparty),
    time: Time,
  },
  { description: "Something of one's own that was looked for" },
);

export const Search = {
  tags: ["Records"],
  summary: "Find by id, order number, or the last digits of either",
  description:
    "One's own objects only, the newest first; names and words of a subject are found too. Payments that are not decided yet are found by their whole id or order number.",
  querystring: Strict({
    q: Text(64),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  }),
  response: { 200: ListOf(SearchResult) },
};

const Count = Type.Integer({ minimum: 0 });

const Statistics = Type.Object({
  object: Type.Literal("statistics"),
  group_by: Nullable(Type.Enum([...groupings])),
  from: Nullable(Time),
  to: Nullable(Time),
  time_zone: Type.String({ description: "In which days begin" }),
  data: Type.Array(
    Type.Object({
      group: Nullable(
        Type.String({
          description: "A time, a day, a method or an id; null without grouping, or for those without one",
        }),
      ),
      currency: Currency,
      volume: Type.Integer({ description: "Captured by the payments that succeeded, before refunds" }),
      count: Count,
      failed_count: Count,
      average: Nullable(Type.Integer({ description: "volume / count, to the nearest minor unit" })),
      success_rate: Nullable(
        Type.Number({ description: "Of the payments that succeeded or failed, from 0 to 1 with four decimals" }),
      ),
      refund_count: Count,
      refunded: Type.Integer({ description: "Refunds that succeeded in the period, of whatever payments" }),
    }),
  ),
});

export const ReadStatistics = {
  tags: ["Statistics"],
  summary: "Volume, count, average and success rate of payments",
  description:
    "One row a group and currency. Waits up to a second for what was answered before. Periods consist of quarters of an hour: `created_gte` counts from the beginning of its quarter and `created_lt` to the end of its own; `from` and `to` say so. A payment counts when it succeeded or failed. Staff see every merchant unless they name one.",
  querystring: Strict({
    created_gte: Type.Optional(Time),
    created_lt: Type.Optional(Time),
    group_by: Type.Optional(Type.Enum([...groupings])),
    merchant: Type.Optional(Id("mch")),
    livemode: Type.Optional(Type.Boolean()),
    currency: Type.Optional(Currency),
    method: Type.Optional(Type.String({ pattern: "^[a-z_]{1,32}$" })),
    store: Type.Optional(Id("sto")),
  }),
  response: { 200: Statistics },
};
