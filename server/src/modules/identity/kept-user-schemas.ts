import { type TSchema, Type } from "typebox";
import { orApproval } from "#kit/approvable.ts";
import { AnyId, ById, Id, ListOf, Strict, Text, Time } from "#kit/schemas.ts";
import { Erasure } from "./account-schemas.ts";
import { maskedFields } from "./kept-user.ts";
import { Email, Phone, UserObject } from "./schemas.ts";

const tags = ["Users"];
const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Reason = Text(500, { minLength: 4 });

const { object: _user, ...shown } = UserObject.properties;
const KeptUser = Type.Object(
  {
    ...shown,
    object: Type.Literal("kept_user"),
    status: Type.Enum(["active", "frozen", "erased"]),
    frozen_at: Nullable(Time),
    frozen_reason: Nullable(Type.String()),
  },
  { description: "A user as staff see one: phone, email and name masked" },
);

export const FindUsers = {
  tags,
  summary: "Whom a phone, an email or an id belongs to",
  description: "Exactly one of the three is given.",
  querystring: Strict({
    phone: Type.Optional(Phone),
    email: Type.Optional(Email),
    id: Type.Optional(AnyId()),
  }),
  response: { 200: ListOf(KeptUser) },
};

export const ReadKeptUser = { tags, summary: "Read a user, masked", params: ById, response: { 200: KeptUser } };

export const Freeze = {
  tags,
  summary: "Freeze a user",
  description:
    "At once, by one person. Sessions and payment codes are answered `account_frozen`; money that comes in is kept.",
  params: ById,
  body: Strict({ reason: Reason }),
  response: { 200: KeptUser },
};

export const Unfreeze = {
  tags,
  summary: "Let a frozen user in again",
  description: "Takes two persons.",
  params: ById,
  body: Strict({ reason: Reason }),
  response: orApproval(KeptUser),
};

export const Erase = {
  tags,
  summary: "Erase a user who asked for it, for good",
  description:
    "Takes two persons, whatever the settings. What has to be settled first and what is gone is as with `POST /v1/users/me/erasure`.",
  params: ById,
  body: Strict({ reason: Reason }),
  response: orApproval(Erasure),
};

export const Unmask = {
  tags,
  summary: "Show what is masked of a user, in full",
  description: "With a reason and a fresh code, a few an hour. Each look is in the audit log.",
  params: ById,
  body: Strict({
    fields: Type.Array(Type.Enum([...maskedFields]), { minItems: 1, maxItems: maskedFields.length, uniqueItems: true }),
    reason: Reason,
  }),
  response: {
    200: Type.Object({
      object: Type.Literal("unmasked_user"),
      id: Id("usr"),
      phone: Type.Optional(Nullable(Type.String())),
      email: Type.Optional(Nullable(Type.String())),
      name: Type.Optional(Nullable(Type.String())),
    }),
  },
};
