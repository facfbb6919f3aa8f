import { type TSchema, Type } from "typebox";
import { AnyId, ById, Id, ListOf, listQuery, Strict, Text, Time } from "#kit/schemas.ts";
import { severities } from "#kit/severity.ts";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Status = Type.Enum(["open", "acknowledged", "resolved"]);

const Severity = Type.Enum([...severities]);

const AlertObject = Type.Object(
  {
    id: Id("alr"),
    object: Type.Literal("alert"),
    type: Type.String({ description: "What happened: `webhook_endpoint.disabled`" }),
    severity: Severity,
    message: Type.String({ description: "What happened, for people" }),
    merchant: Nullable(Id("mch")),
    livemode: Nullable(Type.Boolean()),
    about: Type.Union([Type.String(), Type.Null()], { description: "Id of the object that it is about" }),
    details: Type.Record(Type.String(), Type.Unknown()),
    status: Status,
    count: Type.Integer({
      description: "How often it was seen: what goes on is counted here until the alert is resolved",
    }),
    created_at: Time,
    last_seen_at: Time,
    acknowledged_at: Nullable(Time),
    acknowledged_by: Nullable(Id("stf")),
    resolved_at: Nullable(Time),
    resolved_by: Nullable(Id("stf")),
    note: Type.Union([Type.String(), Type.Null()], { description: "Of who resolved it" }),
  },
  { description: "Something that a person should see" },
);

export const ListAlerts = {
  tags: ["Alerts"],
  summary: "Alerts, newest first",
  querystring: Strict({
    ...listQuery,
    status: Type.Optional(Status),
    type: Type.Optional(Type.String({ pattern: "^[a-z_.]+$", maxLength: 64 })),
    severity: Type.Optional(Severity),
    merchant: Type.Optional(AnyId()),
    about: Type.Optional(AnyId({ description: "Id of the object that it is about" })),
  }),
  response: { 200: ListOf(AlertObject) },
};

export const ReadAlert = { tags: ["Alerts"], summary: "Read an alert", params: ById, response: { 200: AlertObject } };

export const AcknowledgeAlert = {
  tags: ["Alerts"],
  summary: "Say that somebody has seen it",
  params: ById,
  response: { 200: AlertObject },
};

export const ResolveAlert = {
  tags: ["Alerts"],
  summary: "Say that it is over, and why",
  description: "What happens from then on makes another alert.",
  params: ById,
  body: Strict({ note: Text(500) }),
  response: { 200: AlertObject },
};
