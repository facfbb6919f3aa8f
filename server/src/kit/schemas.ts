import { type TSchema, Type } from "typebox";
import { type IdPrefix, idPattern } from "./ids.ts";

/** Shapes that many modules use. A module's own stand in its `schemas.ts`. */

/** An object that refuses unknown fields. */
export const Strict = <P extends Record<string, TSchema>>(properties: P, options: { description?: string } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

/** One line of text for people: no control characters, no halves of surrogate pairs. */
export const Text = (maxLength: number, options: { minLength?: number; description?: string } = {}) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: "^[^\\u0000-\\u001f\\u007f\\u2028\\u2029\\ud800-\\udfff]*$",
    ...options,
  });

export const Id = (...prefixes: IdPrefix[]) => Type.String({ pattern: idPattern(...prefixes) });

/** An id in a path or a query, where one that nobody has is not found rather than wrong. */
export const AnyId = (options: { description?: string } = {}) =>
  Type.String({ pattern: "^[\\x21-\\x7e]{1,64}$", ...options });

/** Path parameters of what is done to one object. */
export const ById = Type.Object({ id: AnyId() });

/** Minor units, at least 1; the most that every JSON reader keeps exact. */
export const Amount = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "Minor units of the currency",
});

export const Currency = Type.String({ pattern: "^[A-Z]{3}$", description: "ISO 4217 code" });

/** The pattern leaves out what the format allows and PostgreSQL does not: year 0, offsets of 16 hours and more. */
export const Time = Type.String({
  format: "date-time",
  pattern: "^(?!0000).*([zZ]|[+-](0[0-9]|1[0-5]):[0-5][0-9])$",
  description: "RFC 3339, UTC",
});

export const Metadata = Type.Record(
  Type.String({ pattern: "^[^\\u0000-\\u001f\\u007f]{1,40}$" }),
  Type.String({ maxLength: 500, pattern: "^[^\\u0000\\ud800-\\udfff]*$" }),
  {
    maxProperties: 50,
    additionalProperties: false,
    description: "The merchant's own keys: up to 50 of 40 characters, values of 500",
  },
);

/** Query parameters of every list. */
export const listQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  starting_after: Type.Optional(AnyId()),
  ending_before: Type.Optional(AnyId()),
  created_gte: Type.Optional(Time),
  created_lt: Type.Optional(Time),
};

export const ListOf = <T extends TSchema>(item: T) =>
  Type.Object({ object: Type.Literal("list"), data: Type.Array(item), has_more: Type.Boolean(), url: Type.String() });

export const ErrorAnswer = Type.Object({
  error: Type.Object({
    type: Type.String(),
    code: Type.String(),
    message: Type.String(),
    param: Type.Union([Type.String(), Type.Null()]),
    doc_url: Type.String(),
    request_id: Type.String(),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
});
