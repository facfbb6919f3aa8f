import { type TSchema, Type } from "typebox";
import { ById, Id, ListOf, listQuery, Strict, Time } from "#kit/schemas.ts";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Status = Type.Enum(["open", "acknowledged"]);

const AlertObject = Type.Object(
  {
    id: Id("alr"),
    object: Type.Literal("alert"),
    type: Type.String({ description: "What happened: `webhook_endpoint.disabled`" }),
    severity: Type.Enum(["warning", "critical"]),
    merchant: Nullable(Id("mch")),
    livemode: Nullable(Type.Boolean()),
    about: Type.Union([Type.String(), Type.Null()], { description: "Id of the object that it is about" }),
    details: Type.Record(Type.String(), Type.Unknown()),
    status: Status,
    created_at: Time,
    acknowledged_at: Nullable(Time),
    acknowledged_by: Nullable(Id("stf")),
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
  }),
  response: { 200: ListOf(AlertObject) },
};

export const AcknowledgeAlert = {
  tags: ["Alerts"],
  summary: "Say that somebody has seen it",
  params: ById,
  response: { 200: AlertObject },
};
