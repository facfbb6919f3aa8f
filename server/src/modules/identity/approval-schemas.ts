import { Type } from "typebox";
import { ApprovalObject } from "#kit/approvable.ts";
import { ById, ListOf, listQuery, Strict, Text } from "#kit/schemas.ts";
import { approvalMoves } from "./approval.ts";

const tags = ["Approvals"];
const statuses = Object.keys(approvalMoves) as (keyof typeof approvalMoves)[];

export const ListApprovals = {
  tags,
  summary: "What waits for a second person and what became of it, newest first",
  description: "Who may not decide sees the own requests.",
  querystring: Strict({
    ...listQuery,
    status: Type.Optional(Type.Enum(statuses)),
    kind: Type.Optional(Type.String({ maxLength: 64, pattern: "^[a-z_.]+$" })),
  }),
  response: { 200: ListOf(ApprovalObject) },
};

export const ReadApproval = {
  tags,
  summary: "Read a request for approval",
  params: ById,
  response: { 200: ApprovalObject },
};

export const Approve = {
  tags,
  summary: "Approve: it is done at once, exactly as asked",
  description: "Never by its maker. The answer says whether it could be done: `approved`, or `failed` with the reason.",
  params: ById,
  body: Strict({
    digest: Type.String({ pattern: "^[0-9a-f]{64}$", description: "The digest of what was looked at" }),
  }),
  response: { 200: ApprovalObject },
};

export const Refuse = {
  tags,
  summary: "Refuse a request",
  params: ById,
  body: Strict({ reason: Text(500) }),
  response: { 200: ApprovalObject },
};

export const Cancel = {
  tags,
  summary: "Take one's own request back",
  params: ById,
  body: Strict({}),
  response: { 200: ApprovalObject },
};

export const TakeResult = {
  tags,
  summary: "Fetch a secret result: by the maker, once, within 24 hours",
  params: ById,
  body: Strict({}),
  response: {
    200: Type.Object({
      object: Type.Literal("approval_result"),
      approval: Type.String(),
      result: Type.Object({}, { description: "As the maker would have had it at once: an API key with its secret" }),
    }),
  },
};
