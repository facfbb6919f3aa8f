import { Type } from "typebox";
import { Strict } from "#kit/schemas.ts";
import { Email, Phone } from "./schemas.ts";

const phoneOrEmail = { phone: Type.Optional(Phone), email: Type.Optional(Email) };

/** What anybody may ask a code for; the others are sent by the act itself. */
const Purpose = Type.Enum(["register", "reset_password", "verify", "change_phone", "change_email"], {
  description: "What the code will be used for; it is good for nothing else",
});

export const SendOneTimeCode = {
  tags: ["Users"],
  summary: "Have a one-time code sent to a phone or an email",
  description:
    "The answer is the same whether or not there is an account. A new code takes the place of the one before.",
  body: Strict({ ...phoneOrEmail, purpose: Purpose }),
  response: {
    200: Type.Object({
      object: Type.Literal("one_time_code"),
      purpose: Purpose,
      expires_in: Type.Integer({ description: "Seconds" }),
      resend_in: Type.Integer({ description: "Seconds before another can be sent" }),
    }),
  },
};
