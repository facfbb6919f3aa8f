import { Type } from "typebox";
import { AnyId, ById, Id, ListOf, listQuery, Strict, Text, Time } from "#kit/schemas.ts";
import { factorKinds } from "./factors.ts";
import { NullableTime, OneTimeCode, Password, SignedIn, TotpCode, WantedDevice } from "./schemas.ts";

const RecoveryCode = Type.String({
  minLength: 16,
  maxLength: 40,
  description: "One of the ten; capitals, blanks and dashes don't matter",
});
const RecoveryCodes = Type.Array(Type.String(), { description: "Shown once: to be kept where the phone is not" });

const EndOtherSessions = Type.Optional(
  Type.Boolean({
    description: "Signs out everywhere else, in the same moment. Preset: false; the other sessions go on",
  }),
);

// Authenticator app

const totp = {
  object: Type.Literal("totp"),
  status: Type.Enum(["none", "pending", "active"]),
  recovery_codes_left: Type.Integer(),
  created_at: NullableTime,
  confirmed_at: NullableTime,
};
const TotpObject = Type.Object(totp, { description: "A user's authenticator app" });

export const ReadTotp = {
  tags: ["Second factors"],
  summary: "Whether an authenticator app is set up",
  response: { 200: TotpObject },
};

export const StartTotp = {
  tags: ["Second factors"],
  summary: "Set up an authenticator app",
  description: "Gives the secret once; a first code at `/v1/users/me/totp/confirm` switches it on.",
  body: Strict({ password: Password }),
  response: {
    200: Type.Object({
      ...totp,
      secret: Type.String({ description: "Base32" }),
      otpauth_url: Type.String({ description: "For the QR code that the app scans" }),
    }),
  },
};

export const ConfirmTotp = {
  tags: ["Second factors"],
  summary: "Switch the authenticator app on by its first code",
  description: "From now on the password alone does not sign in. Gives ten recovery codes, once.",
  body: Strict({ code: TotpCode, end_other_sessions: EndOtherSessions }),
  response: { 200: Type.Object({ ...totp, recovery_codes: RecoveryCodes }) },
};

export const RemoveTotp = {
  tags: ["Second factors"],
  summary: "Switch the authenticator app off",
  description: "By its code, or by a recovery code when the phone with it is lost.",
  body: Strict({
    password: Password,
    code: Type.Optional(TotpCode),
    recovery_code: Type.Optional(RecoveryCode),
    end_other_sessions: EndOtherSessions,
  }),
  response: { 200: TotpObject },
};

export const RenewRecoveryCodes = {
  tags: ["Second factors"],
  summary: "Make new recovery codes; those before are void",
  body: Strict({ password: Password }),
  response: {
    200: Type.Object({ object: Type.Literal("recovery_codes"), left: Type.Integer(), recovery_codes: RecoveryCodes }),
  },
};

// Passkeys. What stands inside of `public_key` and `credential` is named by WebAuthn, as browsers read and write it.

const Base64Url = (maxLength: number) => Type.String({ pattern: "^[A-Za-z0-9_-]*$", minLength: 1, maxLength });
const CredentialId = Base64Url(1_364);
const Transports = Type.Array(Type.String({ pattern: "^[a-z-]{1,20}$" }), { maxItems: 8 });

/** A credential as `PublicKeyCredential.toJSON()` writes it. Browsers may add to it, so what is not known here is passed over. */
const credential = { id: CredentialId, rawId: CredentialId, type: Type.Literal("public-key") };
const extensions = { clientExtensionResults: Type.Object({}) };

const MadeCredential = Type.Object(
  {
    ...credential,
    ...extensions,
    response: Type.Object({
      clientDataJSON: Base64Url(8_192),
      attestationObject: Base64Url(32_768),
      transports: Type.Optional(Transports),
    }),
  },
  { description: "What `navigator.credentials.create` gave, by its `toJSON()`" },
);

const ShownCredential = Type.Object(
  {
    ...credential,
    ...extensions,
    response: Type.Object({
      clientDataJSON: Base64Url(8_192),
      authenticatorData: Base64Url(8_192),
      signature: Base64Url(2_048),
      userHandle: Type.Optional(Base64Url(128)),
    }),
  },
  { description: "What `navigator.credentials.get` gave, by its `toJSON()`" },
);

const Descriptors = Type.Array(
  Type.Object({ id: Type.String(), type: Type.String(), transports: Type.Optional(Type.Array(Type.String())) }),
);
const ceremony = { challenge: Type.String(), timeout: Type.Optional(Type.Integer({ description: "Milliseconds" })) };

const CreationOptions = Type.Object({
  object: Type.Literal("passkey_options"),
  public_key: Type.Object(
    {
      ...ceremony,
      rp: Type.Object({ id: Type.Optional(Type.String()), name: Type.String() }),
      user: Type.Object({ id: Type.String(), name: Type.String(), displayName: Type.String() }),
      pubKeyCredParams: Type.Array(Type.Object({ type: Type.String(), alg: Type.Integer() })),
      excludeCredentials: Type.Optional(Descriptors),
      attestation: Type.Optional(Type.String()),
    },
    { description: "For `PublicKeyCredential.parseCreationOptionsFromJSON`" },
  ),
});

const RequestOptions = Type.Object({
  object: Type.Literal("passkey_options"),
  public_key: Type.Object(
    {
      ...ceremony,
      rpId: Type.Optional(Type.String()),
      allowCredentials: Type.Optional(Descriptors),
      userVerification: Type.Optional(Type.String()),
    },
    { description: "For `PublicKeyCredential.parseRequestOptionsFromJSON`" },
  ),
});

const PasskeyName = Text(64, { description: "As the user calls it" });
const passkey = {
  id: Id("psk"),
  object: Type.Literal("passkey"),
  name: Type.String(),
  transports: Type.Array(Type.String()),
  synced: Type.Boolean({ description: "Its maker keeps a copy, so other devices of the user may have it" }),
  livemode: Type.Boolean(),
  created_at: Time,
  used_at: NullableTime,
};
const PasskeyObject = Type.Object(passkey, { description: "A passkey: signs in without a password" });

export const PasskeyRegistrationOptions = {
  tags: ["Second factors"],
  summary: "Begin to register a passkey",
  body: Strict({ password: Password }),
  response: { 200: CreationOptions },
};

export const RegisterPasskey = {
  tags: ["Second factors"],
  summary: "Register the passkey that the browser made",
  description:
    "From now on the password alone does not sign in. Who had no second factor gets ten recovery codes, once; the others `null`.",
  body: Strict({ name: PasskeyName, credential: MadeCredential, end_other_sessions: EndOtherSessions }),
  response: { 200: Type.Object({ ...passkey, recovery_codes: Type.Union([RecoveryCodes, Type.Null()]) }) },
};

export const ListPasskeys = {
  tags: ["Second factors"],
  summary: "One's passkeys, newest first",
  querystring: Strict(listQuery),
  response: { 200: ListOf(PasskeyObject) },
};

export const ReadPasskey = {
  tags: ["Second factors"],
  summary: "Read a passkey",
  params: ById,
  response: { 200: PasskeyObject },
};

export const RenamePasskey = {
  tags: ["Second factors"],
  summary: "Rename a passkey",
  params: ById,
  body: Strict({ name: PasskeyName }),
  response: { 200: PasskeyObject },
};

export const RemovePasskey = {
  tags: ["Second factors"],
  summary: "Delete a passkey",
  params: Type.Object({ id: AnyId() }),
  body: Strict({ password: Password, end_other_sessions: EndOtherSessions }),
  response: { 200: PasskeyObject },
};

// Signing in

export const AnswerChallenge = {
  tags: ["Sessions"],
  summary: "Finish a sign-in that was challenged",
  description: `With one of ${factorKinds.map((kind) => `\`${kind}\``).join(", ")}, as \`details.methods\` of \`mfa_required\` allows.`,
  body: Strict({
    challenge: Type.String({ minLength: 1, maxLength: 256, description: "`details.challenge` of `mfa_required`" }),
    totp: Type.Optional(TotpCode),
    recovery_code: Type.Optional(RecoveryCode),
    one_time_code: Type.Optional(OneTimeCode),
    passkey: Type.Optional(ShownCredential),
  }),
  response: { 200: SignedIn },
};

export const PasskeySignInOptions = {
  tags: ["Sessions"],
  summary: "Begin to sign in by a passkey",
  body: Strict({}),
  response: { 200: RequestOptions },
};

export const SignInByPasskey = {
  tags: ["Sessions"],
  summary: "Sign in by a passkey",
  body: Strict({ credential: ShownCredential, device: Type.Optional(WantedDevice) }),
  response: { 200: SignedIn },
};
