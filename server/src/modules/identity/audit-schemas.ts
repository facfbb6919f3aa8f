import { type TSchema, Type } from "typebox";
import { AnyId, Id, ListOf, listQuery, Strict, Text, Time } from "#kit/schemas.ts";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Fields = Type.Record(Type.String(), Type.Unknown());
const Action = Type.String({ pattern: "^[a-z_]+\\.[a-z_]+$", maxLength: 64 });
const Outcome = Type.Enum(["done", "refused"]);

const AuditEntry = Type.Object(
  {
    id: Id("aud"),
    object: Type.Literal("audit_entry"),
    created_at: Time,
    action: Type.String({ description: "`api_key.created`" }),
    outcome: Outcome,
    actor: Type.Object({
      type: Type.Enum(["staff", "merchant", "terminal", "user", "payer", "system", "anonymous"]),
      id: Type.Union([Type.String(), Type.Null()], { description: "Of the system the name of the job" }),
      session: Type.Union([Type.String(), Type.Null()], { description: "Session, or API key" }),
      role: Nullable(Type.String()),
    }),
    about: Type.Object({ type: Type.String(), id: Type.String() }, { description: "What it was done to" }),
    owner: Type.Union([Type.String(), Type.Null()], { description: "Merchant or user; null: the operator" }),
    livemode: Nullable(Type.Boolean()),
    before: Nullable(Fields),
    after: Nullable(Fields),
    reason: Nullable(Type.String()),
    address: Type.Union([Type.String(), Type.Null()], { description: "Where it came from; of users masked" }),
    request_id: Nullable(Type.String()),
  },
  { description: "Who did what to which object. Secrets and personal data are left out" },
);

const auditFilter = {
  actor: Type.Optional(AnyId({ description: "Id of who did it" })),
  action: Type.Optional(Action),
  about: Type.Optional(AnyId({ description: "Id of what it was done to" })),
  owner: Type.Optional(AnyId({ description: "Id of the merchant or user whose it is" })),
  outcome: Type.Optional(Outcome),
  request_id: Type.Optional(AnyId()),
  address: Type.Optional(Text(64, { description: "The whole address that it came from" })),
};

export const ListAuditLog = {
  tags: ["Audit log"],
  summary: "Who did what, newest first",
  description: "Staff see all of it, a merchant's key what was done to its own keys, terminals, endpoints and so on.",
  querystring: Strict({ ...listQuery, ...auditFilter }),
  response: { 200: ListOf(AuditEntry) },
};

export const ExportAuditLog = {
  tags: ["Audit log"],
  summary: "The same entries as a file",
  querystring: Strict({
    format: Type.Optional(Type.Enum(["csv"], { default: "csv" })),
    created_gte: listQuery.created_gte,
    created_lt: listQuery.created_lt,
    ...auditFilter,
  }),
  response: {
    200: {
      description: "A table with titles in the language of the request",
      content: { "text/csv": { schema: Type.String() } },
    },
  },
};

export const ReadAuditHead = {
  tags: ["Audit log"],
  summary: "The last link of the log's chain",
  description:
    "Kept outside the platform it shows later that nothing before it was removed: `npm run audit:verify -- --head`.",
  response: {
    200: Type.Object({
      object: Type.Literal("audit_head"),
      head: Type.Union([Type.String(), Type.Null()], { description: "Number and keyed digest of the last batch" }),
      batches: Type.Integer(),
      sealed_at: Nullable(Time),
    }),
  },
};
