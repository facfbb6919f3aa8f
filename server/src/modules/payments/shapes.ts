import { Type } from "typebox";

/** Shapes that payments and refunds have in common. */

export const OutTradeNo = Type.String({
  pattern: "^[A-Za-z0-9_*.-]{1,64}$",
  description: "The merchant's order number: 1 to 64 letters, digits and `_ - * .`",
});
export const FeeBearer = Type.Enum(["merchant", "payer"]);
export const Nullable = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) => Type.Union([schema, Type.Null()]);

export const IdempotencyHeader = Type.Object({
  "idempotency-key": Type.Optional(
    Type.String({ description: "1 to 255 visible characters, new for each new request; required: it moves money" }),
  ),
});
