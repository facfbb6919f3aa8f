import { Type } from "typebox";
import { orApproval } from "#kit/approvable.ts";
import { ById, ListOf, listQuery, Strict, Text, Time } from "#kit/schemas.ts";
import { type Role, roles } from "./roles.ts";
import { Email, NewPassword, StaffObject } from "./schemas.ts";

const tags = ["Staff"];
const Role = Type.Enum(Object.keys(roles) as Role[]);
const Locale = Type.Enum(["zh-CN", "en"], { default: "en", description: "Language of the invitation" });
const Totp = Type.String({ pattern: "^[0-9]{6}$", description: "RFC 6238, six digits; each code works once" });
const Token = Type.String({ minLength: 1, maxLength: 128, description: "The invitation" });

const Nullable = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) => Type.Union([schema, Type.Null()]);

const InvitedStaff = Type.Intersect([
  StaffObject,
  Type.Object({
    invitation: Type.Object({
      object: Type.Literal("staff_invitation"),
      sent_by: Nullable(Type.Literal("email", { description: "It went to the invited, and to nobody else" })),
      token: Nullable(Type.String({ description: "Where no mail can be sent: to be handed to the invited" })),
      expires_at: Time,
    }),
  }),
]);

export const ListStaff = {
  tags,
  summary: "Who works here, newest first",
  querystring: Strict({
    ...listQuery,
    role: Type.Optional(Role),
    status: Type.Optional(Type.Enum(["invited", "active", "disabled"])),
  }),
  response: { 200: ListOf(StaffObject) },
};

export const ReadOneOfStaff = { tags, summary: "Read a member of staff", params: ById, response: { 200: StaffObject } };

export const TakeOnStaff = {
  tags,
  summary: "Take on a member of staff, by invitation",
  description: "Takes two persons. The invited sets password and authenticator app.",
  body: Strict({ email: Email, role: Role, locale: Locale }),
  response: orApproval(InvitedStaff),
};

export const ChangeRole = {
  tags,
  summary: "Give a member of staff another role",
  description: "Takes two persons. Their sessions end, and what they asked for lapses.",
  params: ById,
  body: Strict({ role: Role }),
  response: orApproval(StaffObject),
};

export const DisableStaff = {
  tags,
  summary: "Take a member of staff's access away",
  description: "At once, by one person. Their sessions end, and what they asked for lapses.",
  params: ById,
  body: Strict({ reason: Text(500) }),
  response: { 200: StaffObject },
};

export const EnableStaff = {
  tags,
  summary: "Let a disabled member of staff in again",
  description: "Takes two persons.",
  params: ById,
  body: Strict({}),
  response: orApproval(StaffObject),
};

export const ResetStaff = {
  tags,
  summary: "Take password and authenticator app back and invite anew",
  description: "Takes two persons.",
  params: ById,
  body: Strict({ locale: Locale }),
  response: orApproval(InvitedStaff),
};

export const OpenInvitation = {
  tags,
  summary: "Look into one's invitation: what the authenticator app needs",
  body: Strict({ token: Token }),
  response: {
    200: Type.Object({
      object: Type.Literal("opened_invitation"),
      email: Type.String(),
      role: Type.String(),
      totp_secret: Type.String({ description: "Base32" }),
      totp_url: Type.String({ description: "otpauth://… for a QR code" }),
      expires_at: Time,
    }),
  },
};

export const AcceptInvitation = {
  tags,
  summary: "Choose a password, prove the authenticator app, and be in",
  body: Strict({
    token: Token,
    password: NewPassword,
    totp: Totp,
  }),
  response: { 200: StaffObject },
};

export const ConfirmTotp = {
  tags,
  summary: "Give a fresh code, for acts that ask for one",
  description: "Who decides on approvals or unmasks data has given a code within the last 15 minutes.",
  body: Strict({ totp: Totp }),
  response: { 200: StaffObject },
};

export const ListRoles = {
  tags,
  summary: "Roles and what each may do",
  response: {
    200: ListOf(
      Type.Object(
        {
          object: Type.Literal("role"),
          name: Type.String(),
          text: Type.String(),
          permissions: Type.Array(Type.Object({ name: Type.String(), text: Type.String() })),
        },
        { description: "What a member of staff may do" },
      ),
    ),
  },
};
