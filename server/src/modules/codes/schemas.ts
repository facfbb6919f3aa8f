import { Type } from "typebox";
import { ById, Id, Strict, Time } from "#kit/schemas.ts";

const Alias = Type.String({
  pattern: "^[0-9]{9}$",
  description: "Nine digits that stand for the device in its codes, until the next contact",
});
const ServerTime = Type.String({ format: "date-time", description: "To correct the device's clock by; RFC 3339, UTC" });

export const CreatePaymentCode = {
  tags: ["Payment codes"],
  summary: "Make a code to show now",
  description:
    "Lives 30 to 60 seconds and can be used once. With the `device` that shows it the code ends when the device is revoked; an " +
    "enrolled device takes the alias in it (digits 3 to 11) for its own codes from then on.",
  body: Strict({ device: Type.Optional(Id("dev")) }),
  response: {
    200: Type.Object({
      id: Id("cod"),
      object: Type.Literal("payment_code"),
      code: Type.String({ pattern: "^[0-9]{18}$", description: "To be shown as QR and Code 128" }),
      expires_at: Time,
    }),
  },
};

export const CreateCodeKey = {
  tags: ["Payment codes"],
  summary: "Enrol a device for offline codes",
  description:
    "Hands over the key once; `docs/payment-codes.md` says how codes are computed. Again: a new key, and the one before ends at once.",
  params: ById,
  body: Strict({}),
  response: {
    200: Type.Object({
      object: Type.Literal("code_key"),
      device: Id("dev"),
      alias: Alias,
      key: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$", description: "256 bits in base64url" }),
      issuer_prefix: Type.String({ pattern: "^[0-9]{2}$" }),
      step_seconds: Type.Integer(),
      digits: Type.Integer(),
      codes_per_step: Type.Integer(),
      server_time: ServerTime,
    }),
  },
};

export const RotateCodeAlias = {
  tags: ["Payment codes"],
  summary: "Give an enrolled device its next alias",
  description:
    "To be called at each contact, so that shops can't link a customer's visits. The alias before works for two minutes more.",
  params: ById,
  body: Strict({}),
  response: {
    200: Type.Object({ object: Type.Literal("code_alias"), device: Id("dev"), alias: Alias, server_time: ServerTime }),
  },
};
