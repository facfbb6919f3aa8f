import { type TSchema, Type } from "typebox";
import { Id, ListOf, listQuery, Strict, Text, Time } from "#kit/schemas.ts";
import { platforms } from "./device.ts";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const NullableTime = Nullable(Time);

/** A phone as requests give it. */
export const Phone = Type.String({ pattern: "^\\+[1-9][0-9]{6,14}$", description: "E.164: `+8613812345678`" });
export const Email = Type.String({ format: "email", maxLength: 254 });
export const NewPassword = Type.String({
  minLength: 1,
  maxLength: 128,
  description:
    "8 to 128 characters of any kind, and none that is tried first or says who one is; compared after Unicode normalisation (NFKC)",
});
/** Any length is answered alike. */
export const Password = Type.String({ minLength: 1, maxLength: 128 });
export const TotpCode = Type.String({
  pattern: "^[0-9]{6}$",
  description: "RFC 6238, six digits; each code works once",
});
const Pin = Type.String({ pattern: "^[0-9]{6}$", description: "Six digits" });
export const OneTimeCode = Type.String({ pattern: "^[0-9]{6}$", description: "Six digits, as they were sent" });
const PersonName = Text(64);
const Locale = Type.Enum(["zh-CN", "en"], { description: "Language of what the platform tells the user" });
const DeviceName = Text(64, { description: "As the user calls it" });
const Platform = Type.Enum(platforms);

const OwnId = <Prefix extends "dev" | "ses">(prefix: Prefix) => Type.Object({ id: Id(prefix) });

// Users

export const UserObject = Type.Object(
  {
    id: Id("usr"),
    object: Type.Literal("user"),
    phone: Nullable(Type.String()),
    phone_verified: Type.Boolean({ description: "A one-time code reached it" }),
    email: Nullable(Type.String()),
    email_verified: Type.Boolean({ description: "A one-time code reached it" }),
    name: Nullable(Type.String()),
    locale: Locale,
    livemode: Type.Boolean(),
    created_at: Time,
  },
  { description: "A person with a wallet" },
);

export const Register = {
  tags: ["Users"],
  summary: "Register; opens a wallet",
  description:
    "With the one-time code that was sent for `register` to the phone or to the email. Test mode does without.",
  body: Strict({
    phone: Type.Optional(Phone),
    email: Type.Optional(Email),
    password: NewPassword,
    name: Type.Optional(PersonName),
    locale: Type.Optional(Locale),
    code: Type.Optional(OneTimeCode),
  }),
  response: { 200: UserObject },
};

export const ReadUser = { tags: ["Users"], summary: "Read one's own profile", response: { 200: UserObject } };

export const UpdateUser = {
  tags: ["Users"],
  summary: "Change one's name or language",
  body: Strict({ name: Type.Optional(Nullable(PersonName)), locale: Type.Optional(Locale) }),
  response: { 200: UserObject },
};

const PaymentPinObject = Type.Object({
  object: Type.Literal("payment_pin"),
  set: Type.Boolean(),
  locked_until: Nullable(Time),
});

export const ReadPaymentPin = {
  tags: ["Users"],
  summary: "Whether a payment PIN is set or locked",
  response: { 200: PaymentPinObject },
};

export const SetPaymentPin = {
  tags: ["Users"],
  summary: "Set or change the payment PIN",
  description:
    "Who has forgotten the PIN sends the one-time code that came for `reset_pin` to the phone (or email, without a phone). Test mode does without.",
  body: Strict({
    pin: Pin,
    password: Password,
    current_pin: Type.Optional(Pin),
    code: Type.Optional(OneTimeCode),
  }),
  response: { 200: PaymentPinObject },
};

// Devices

const device = {
  id: Id("dev"),
  object: Type.Literal("device"),
  name: Type.String(),
  platform: Platform,
  status: Type.Enum(["active", "revoked"]),
  trusted: Type.Boolean(),
  livemode: Type.Boolean(),
  created_at: Time,
  revoked_at: Nullable(Time),
  key: Nullable(
    Type.Object(
      {
        fingerprint: Type.String({ description: "RFC 7638 thumbprint of the public key, in base64url" }),
        enrolled_at: Time,
      },
      { description: "What the device signs with" },
    ),
  ),
};
export const DeviceObject = Type.Object(device, { description: "A phone or browser of a user" });

export const EnrolDevice = {
  tags: ["Devices"],
  summary: "Enrol a device",
  body: Strict({ name: DeviceName, platform: Type.Optional(Platform) }),
  response: { 200: DeviceObject },
};

export const ListDevices = {
  tags: ["Devices"],
  summary: "One's devices in use, newest first",
  querystring: Strict(listQuery),
  response: { 200: ListOf(DeviceObject) },
};

export const ReadDevice = {
  tags: ["Devices"],
  summary: "Read a device",
  params: OwnId("dev"),
  response: { 200: DeviceObject },
};

export const ChangeDevice = {
  tags: ["Devices"],
  summary: "Rename a device, trust it or no longer",
  description:
    "Trusting takes the password. The answer then holds `trust_token`, once: shown at a sign-in, it tells that this device is no new one.",
  params: OwnId("dev"),
  body: Strict({
    name: Type.Optional(DeviceName),
    trusted: Type.Optional(Type.Boolean()),
    password: Type.Optional(Password),
  }),
  response: { 200: Type.Object({ ...device, trust_token: Type.Optional(Type.String()) }) },
};

export const RevokeDevice = {
  tags: ["Devices"],
  summary: "Revoke a device: its sessions end and its payment codes die",
  params: OwnId("dev"),
  response: { 200: DeviceObject },
};

// Sessions

const SessionObject = Type.Object(
  {
    id: Id("ses"),
    object: Type.Literal("session"),
    device: Nullable(Id("dev")),
    address: Type.String({ description: "Where it was opened from, masked" }),
    current: Type.Boolean({ description: "It is the one that asks" }),
    livemode: Type.Boolean(),
    created_at: Time,
    used_at: Time,
    expires_at: Time,
    ended_at: Nullable(Time),
  },
  { description: "A sign-in that goes on" },
);

const tokens = {
  access_token: Type.String({ description: "JWT; send as `Authorization: Bearer …`" }),
  token_type: Type.Literal("Bearer"),
  expires_in: Type.Integer({ description: "Seconds" }),
  refresh_token: Type.Optional(
    Type.String({
      description: "Valid once; keep it secret. With the header `Feiqian-Session: cookie` it comes as a cookie instead",
    }),
  ),
};

export const WantedDevice = Strict(
  {
    id: Type.Optional(Id("dev")),
    trust_token: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: "Secret of a trusted device" })),
    name: Type.Optional(DeviceName),
    platform: Type.Optional(Platform),
  },
  { description: "The `id` of a device that is enrolled already, or the `name` of one to enrol" },
);

export const SignedIn = Type.Object({
  ...tokens,
  session: Id("ses"),
  user: UserObject,
  device: Nullable(DeviceObject),
});

export const SignIn = {
  tags: ["Sessions"],
  summary: "Sign in",
  description:
    "Who has a second factor is answered `mfa_required` with a challenge, unless a right `totp` comes along, and so is who comes from a new device where those are challenged; see `POST /v1/sessions/challenge`.",
  body: Strict({
    phone: Type.Optional(Phone),
    email: Type.Optional(Email),
    password: Password,
    device: Type.Optional(WantedDevice),
    totp: Type.Optional(TotpCode),
  }),
  response: { 200: SignedIn },
};

export const Refresh = {
  tags: ["Sessions"],
  summary: "Change a refresh token for fresh tokens",
  description:
    "A token that was changed before ends its session, unless the answer may have been lost: for 30 seconds, and while its successor was not used, the same successor is given again. A web page may keep the token in a cookie: with `Feiqian-Session: cookie` (of staff: `staff_cookie`) at sign-in, here and at sign-out, from a page of the API's own origin or one that is allowed.",
  body: Strict({ refresh_token: Type.Optional(Type.String({ minLength: 1, maxLength: 2_048 })) }),
  response: { 200: Type.Object(tokens) },
};

export const SignOut = {
  tags: ["Sessions"],
  summary: "Sign out",
  response: { 200: SessionObject },
};

export const ListSessions = {
  tags: ["Sessions"],
  summary: "One's sessions that live, newest first",
  querystring: Strict(listQuery),
  response: { 200: ListOf(SessionObject) },
};

export const EndSession = {
  tags: ["Sessions"],
  summary: "End one of one's sessions",
  params: OwnId("ses"),
  response: { 200: SessionObject },
};

// Staff

export const StaffObject = Type.Object(
  {
    id: Id("stf"),
    object: Type.Literal("staff"),
    email: Type.String(),
    role: Type.String(),
    permissions: Type.Array(Type.String()),
    status: Type.Enum(["invited", "active", "disabled"], { description: "`invited`: has not set credentials yet" }),
    created_at: Time,
  },
  { description: "Somebody who runs the platform" },
);

export const SignInStaff = {
  tags: ["Staff"],
  summary: "Sign in as staff",
  body: Strict({
    email: Email,
    password: Password,
    totp: TotpCode,
  }),
  response: { 200: Type.Object({ ...tokens, session: Id("ses"), staff: StaffObject }) },
};

export const ReadStaff = { tags: ["Staff"], summary: "Who one is and what one may do", response: { 200: StaffObject } };
