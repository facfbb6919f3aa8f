import { Type } from "typebox";
import { Id, Strict } from "#kit/schemas.ts";
import { Email, NewPassword, OneTimeCode, Password, Phone, UserObject } from "./schemas.ts";

const phoneOrEmail = { phone: Type.Optional(Phone), email: Type.Optional(Email) };

/** What anybody may ask a code for; the others are sent by the act itself. */
const Purpose = Type.Enum(["register", "reset_password", "reset_pin", "verify", "change_phone", "change_email"], {
  description: "What the code will be used for; it is good for nothing else",
});

export const Erasure = Type.Object({ object: Type.Literal("erasure"), user: Id("usr") });

export const EraseUser = {
  tags: ["Users"],
  summary: "Erase oneself, for good",
  description:
    "The wallet must be empty and nothing under way. Sessions, devices, cards and credentials are gone at once, and what is known of the person can't be read by anybody any more; payments and records keep the id.",
  body: Strict({ password: Password }),
  response: { 200: Erasure },
};

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

const SessionsEnded = Type.Integer({ description: "Sessions that were ended" });

export const ChangePassword = {
  tags: ["Users"],
  summary: "Change one's password: every other session ends",
  body: Strict({ password: Password, new_password: NewPassword }),
  response: { 200: Type.Object({ object: Type.Literal("password_change"), sessions_ended: SessionsEnded }) },
};

export const ResetPassword = {
  tags: ["Users"],
  summary: "Set a new password by one-time code: every session ends",
  description:
    "With the code that was sent for `reset_password`. Signs nobody in; payment PIN and second factors stay as they are.",
  body: Strict({ ...phoneOrEmail, code: OneTimeCode, password: NewPassword }),
  response: { 200: Type.Object({ object: Type.Literal("password_reset"), sessions_ended: SessionsEnded }) },
};

export const VerifyContact = {
  tags: ["Users"],
  summary: "Prove one's phone or email by one-time code",
  description: "With the code that was sent for `verify`.",
  body: Strict({ ...phoneOrEmail, code: OneTimeCode }),
  response: { 200: UserObject },
};

export const ChangePhone = {
  tags: ["Users"],
  summary: "Set or change one's phone",
  description: "With the code that was sent to the new one for `change_phone`, and the password.",
  body: Strict({ phone: Phone, code: OneTimeCode, password: Password }),
  response: { 200: UserObject },
};

export const ChangeEmail = {
  tags: ["Users"],
  summary: "Set or change one's email",
  description: "With the code that was sent to the new one for `change_email`, and the password.",
  body: Strict({ email: Email, code: OneTimeCode, password: Password }),
  response: { 200: UserObject },
};
