import { Type } from "typebox";
import { orApproval } from "#kit/approvable.ts";
import { Amount, ById, Currency, Id, ListOf, listQuery, Strict, Text, Time } from "#kit/schemas.ts";
import { transferResults } from "./results.ts";
import { pendingMoves } from "./states.ts";

/** Most transfers of one request, as TigerBeetle has it: its clients can move over. */
const mostTransfers = 8_189;
const mostLanes = 64;
const tenYearsS = 315_360_000;

const Nullable = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) => Type.Union([schema, Type.Null()]);

const Code = Type.String({ pattern: "^[a-z][a-z0-9_]{0,63}$", description: "Lower case letters, digits and `_`" });
const Owner = Type.String({ pattern: "^(usr|mch)_[0-9a-hjkmnp-tv-z]{26}$", description: "Merchant or user" });
const Kind = Type.Enum(["posted", "pending", "post", "void"]);
const Sum = Type.Integer({ minimum: 0, description: "Minor units" });
const AsOf = Nullable(
  Type.String({
    format: "date-time",
    description: "History is complete up to this moment; `null`: nothing is written yet",
  }),
);

const IdempotencyHeader = Type.Object({
  "idempotency-key": Type.Optional(
    Type.String({ description: "1 to 255 visible characters, new for each new request" }),
  ),
});

const BalanceObject = Type.Object({
  debits_pending: Sum,
  debits_posted: Sum,
  credits_pending: Sum,
  credits_posted: Sum,
});

const AccountObject = Type.Object(
  {
    id: Id("acc"),
    object: Type.Literal("ledger_account"),
    code: Code,
    owner: Nullable(Owner),
    currency: Currency,
    livemode: Type.Boolean(),
    debits_must_not_exceed_credits: Type.Boolean(),
    credits_must_not_exceed_debits: Type.Boolean(),
    lanes: Type.Integer(),
    history: Type.Boolean({ description: "Whether entries and balances at past moments are kept" }),
    closed: Type.Boolean(),
    balance: BalanceObject,
    at: Type.Optional(Time),
    as_of: Type.Optional(AsOf),
    created_at: Time,
  },
  { description: "An account of the ledger" },
);

const EntryObject = Type.Object(
  {
    id: Id("txn"),
    object: Type.Literal("ledger_entry"),
    account: Id("acc"),
    counterparty: Nullable(Id("acc")),
    side: Type.Enum(["debit", "credit"]),
    kind: Kind,
    pending_change: Type.Integer({ description: "Of this side's pending sum; negative when it was resolved" }),
    posted_change: Type.Integer({ description: "Of this side's posted sum" }),
    balance: BalanceObject,
    code: Code,
    reference: Nullable(Type.String()),
    event_at: Time,
    created_at: Time,
  },
  {
    description:
      "One side of a transfer in an account's history; its id is the transfer's. `balance` is the account's after it",
  },
);

export const TransferObject = Type.Object(
  {
    id: Id("txn"),
    object: Type.Literal("ledger_transfer"),
    kind: Kind,
    state: Nullable(Type.Enum(Object.keys(pendingMoves), { description: "Of a pending transfer" })),
    debit_account: Nullable(Id("acc")),
    credit_account: Nullable(Id("acc")),
    amount: Amount,
    currency: Currency,
    pending_transfer: Nullable(Id("txn")),
    timeout_s: Nullable(Type.Integer()),
    expires_at: Nullable(Time),
    resolved_by: Nullable(Id("txn")),
    linked: Type.Boolean(),
    code: Code,
    reference: Nullable(Type.String()),
    event_at: Time,
    created_at: Time,
  },
  { description: "A transfer. A merchant sees its own account; the other side is `null`" },
);

export const OpenAccount = {
  tags: ["Ledger"],
  summary: "Open an account",
  description: "Opening it again with the same terms changes nothing.",
  headers: IdempotencyHeader,
  body: Strict({
    id: Type.Optional(Id("acc")),
    code: Code,
    currency: Currency,
    owner: Type.Optional(Owner),
    livemode: Type.Optional(Type.Boolean({ description: "Preset: the server's mode" })),
    debits_must_not_exceed_credits: Type.Optional(Type.Boolean()),
    credits_must_not_exceed_debits: Type.Optional(Type.Boolean()),
    lanes: Type.Optional(Type.Integer({ minimum: 1, maximum: mostLanes })),
    history: Type.Optional(Type.Boolean()),
  }),
  response: { 200: AccountObject },
};

export const CloseAccount = {
  tags: ["Ledger"],
  summary: "Close an empty account for good",
  headers: IdempotencyHeader,
  params: ById,
  response: { 200: AccountObject },
};

export const ListAccounts = {
  tags: ["Ledger"],
  summary: "Accounts, in the order of their ids",
  querystring: Strict({
    ...listQuery,
    starting_after: Type.Optional(Id("acc")),
    ending_before: Type.Optional(Id("acc")),
    code: Type.Optional(Code),
    owner: Type.Optional(Owner),
    currency: Type.Optional(Currency),
  }),
  response: { 200: ListOf(AccountObject) },
};

export const ReadAccount = {
  tags: ["Ledger"],
  summary: "An account and its balance, now or at a past moment",
  params: ById,
  querystring: Strict({ at: Type.Optional(Time) }),
  response: { 200: AccountObject },
};

export const ListEntries = {
  tags: ["Ledger"],
  summary: "What happened to an account, newest first",
  description: "Waits up to a second for what was posted before; `as_of` says up to when the list is complete.",
  params: ById,
  querystring: Strict({
    ...listQuery,
    starting_after: Type.Optional(Id("txn")),
    ending_before: Type.Optional(Id("txn")),
  }),
  response: { 200: Type.Intersect([ListOf(EntryObject), Type.Object({ as_of: AsOf })]) },
};

export const ReadTransfer = {
  tags: ["Ledger"],
  summary: "Read a transfer",
  params: ById,
  response: { 200: TransferObject },
};

const resultList = transferResults.map(([result, meaning]) => `- \`${result}\`: ${meaning}`).join("\n");

export const PostTransfers = {
  tags: ["Ledger"],
  summary: "Post transfers",
  description: `Up to ${mostTransfers} transfers, one after the other, with a result for each. When several results apply, it is the first of:\n${resultList}`,
  headers: IdempotencyHeader,
  body: Strict({
    transfers: Type.Array(
      Strict({
        id: Type.Optional(Id("txn")),
        kind: Type.Optional(Kind),
        debit_account: Type.Optional(Id("acc")),
        credit_account: Type.Optional(Id("acc")),
        amount: Type.Optional(Amount),
        currency: Type.Optional(Currency),
        pending_transfer: Type.Optional(Id("txn")),
        timeout_s: Type.Optional(Type.Integer({ minimum: 1, maximum: tenYearsS })),
        linked: Type.Optional(
          Type.Boolean({ description: "The next transfer succeeds or fails together with this one" }),
        ),
        code: Code,
        reference: Type.Optional(Text(128)),
        event_at: Type.Optional(Time),
      }),
      { minItems: 1, maxItems: mostTransfers },
    ),
  }),
  response: orApproval(
    Type.Object({
      results: Type.Array(Type.Object({ id: Id("txn"), result: Type.Enum(transferResults.map(([result]) => result)) })),
    }),
  ),
};

const TotalObject = Type.Object({
  currency: Currency,
  livemode: Type.Boolean(),
  ...BalanceObject.properties,
  balanced: Type.Boolean(),
});

export const ReadTrialBalance = {
  tags: ["Ledger"],
  summary: "What all accounts together were debited and credited",
  response: {
    200: Type.Object({
      object: Type.Literal("trial_balance"),
      balanced: Type.Boolean(),
      totals: Type.Array(TotalObject),
    }),
  },
};
