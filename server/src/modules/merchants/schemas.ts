import { type Static, type TSchema, Type } from "typebox";
import { orApproval } from "#kit/approvable.ts";
import { AnyId, ById, Currency, Id, ListOf, listQuery, Strict, Text, Time } from "#kit/schemas.ts";
import { merchantMoves, terminalMoves } from "./states.ts";

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const FeeBearer = Type.Enum(["merchant", "payer"]);
const MinorUnits = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: "Minor units" });
const RateBps = Type.Integer({ minimum: 0, maximum: 10_000, description: "Hundredths of a percent: 60 is 0.60 %" });

export const WhoseMerchant = Type.Optional(
  AnyId({ description: "Whose; staff must name one, a merchant's key may only name its own" }),
);
export const WhichMode = Type.Optional(
  Type.Boolean({ description: "Left out: the key's mode; for staff the server's mode, in lists both" }),
);

// Pricing plans

const RefundFee = Type.Enum(["returned", "kept"], {
  description: "What becomes of the fee when a payment is refunded",
});

const RefundDebt = Type.Enum(["refused", "allowed"], {
  description: "What becomes of a refund that the merchant's balance does not cover: refused, or owed by the merchant",
});

const PricingPlanObject = Type.Object(
  {
    id: Id("pln"),
    object: Type.Literal("pricing_plan"),
    name: Type.String(),
    version: Type.Integer({ description: "1, or one more than the plan that it replaces" }),
    replaces: Nullable(Id("pln")),
    default: Type.Boolean({ description: "New merchants of its currency get the newest such plan" }),
    rate_bps: RateBps,
    fixed: MinorUnits,
    min_fee: Nullable(MinorUnits),
    max_fee: Nullable(MinorUnits),
    currency: Currency,
    fee_bearer: FeeBearer,
    refund_fee: RefundFee,
    refund_debt: RefundDebt,
    created_at: Time,
  },
  { description: "A price, whose terms never change" },
);

export const CreatePricingPlan = {
  tags: ["Merchants"],
  summary: "Make a pricing plan, or a new version of one",
  description:
    "Terms never change: other terms are another plan, which may name the one it replaces. Merchants stay on theirs until they are moved.",
  body: Strict({
    name: Text(100),
    replaces: Type.Optional(Id("pln")),
    default: Type.Optional(Type.Boolean({ description: "Left out: as the plan that it replaces" })),
    rate_bps: RateBps,
    fixed: Type.Optional(MinorUnits),
    min_fee: Type.Optional(MinorUnits),
    max_fee: Type.Optional(MinorUnits),
    currency: Currency,
    fee_bearer: Type.Optional(FeeBearer),
    refund_fee: Type.Optional(RefundFee),
    refund_debt: Type.Optional(RefundDebt),
  }),
  response: orApproval(PricingPlanObject),
};
export type PricingPlanInput = Static<typeof CreatePricingPlan.body>;

export const ReadPricingPlan = {
  tags: ["Merchants"],
  summary: "Read a pricing plan",
  params: ById,
  response: { 200: PricingPlanObject },
};

export const ListPricingPlans = {
  tags: ["Merchants"],
  summary: "List pricing plans",
  querystring: Strict({ ...listQuery, currency: Type.Optional(Currency) }),
  response: { 200: ListOf(PricingPlanObject) },
};

// Merchants

const Mcc = Type.String({ pattern: "^[0-9]{4}$", description: "Merchant category code (ISO 18245)" });
const Country = Type.String({ pattern: "^[A-Z]{2}$", description: "ISO 3166-1 code" });
const MerchantStatus = Type.Enum(Object.keys(merchantMoves) as (keyof typeof merchantMoves)[]);

const MerchantObject = Type.Object(
  {
    id: Id("mch"),
    object: Type.Literal("merchant"),
    name: Type.String(),
    mcc: Mcc,
    country: Country,
    city: Type.String(),
    currency: Currency,
    status: MerchantStatus,
    pricing_plan: Id("pln"),
    fee_bearer: FeeBearer,
    created_at: Time,
  },
  { description: "A business that takes payments. It exists in both modes: its keys decide" },
);

export const CreateMerchant = {
  tags: ["Merchants"],
  summary: "Take on a merchant",
  description: "Its accounts are opened in the ledger, for live and for test money.",
  body: Strict({
    name: Text(100),
    mcc: Mcc,
    country: Country,
    city: Text(60),
    currency: Type.Optional(Currency),
    pricing_plan: Type.Optional(Id("pln")),
    fee_bearer: Type.Optional(FeeBearer),
  }),
  response: orApproval(MerchantObject),
};
export type MerchantInput = Static<typeof CreateMerchant.body>;

export const ReadMerchant = {
  tags: ["Merchants"],
  summary: "Read a merchant",
  params: ById,
  response: { 200: MerchantObject },
};

export const ListMerchants = {
  tags: ["Merchants"],
  summary: "List merchants",
  querystring: Strict({
    ...listQuery,
    status: Type.Optional(MerchantStatus),
    pricing_plan: Type.Optional(Id("pln")),
  }),
  response: { 200: ListOf(MerchantObject) },
};

export const ChangeMerchant = {
  tags: ["Merchants"],
  summary: "Rename, suspend, reinstate or reprice a merchant",
  description: "The keys of a suspended merchant open nothing. Another price holds for payments from now on.",
  params: ById,
  body: Type.Object(
    {
      name: Type.Optional(Text(100)),
      status: Type.Optional(MerchantStatus),
      pricing_plan: Type.Optional(Id("pln")),
      fee_bearer: Type.Optional(
        Type.Union([FeeBearer, Type.Null()], { description: "Who bears fees; null: as the plan says" }),
      ),
    },
    { additionalProperties: false, minProperties: 1 },
  ),
  response: orApproval(MerchantObject),
};
export type MerchantChange = Static<typeof ChangeMerchant.body>;

// Stores

const TimeZone = Type.String({
  pattern: "^[A-Za-z][A-Za-z0-9_+/-]{0,63}$",
  description: "IANA name, such as Asia/Shanghai",
});

const StoreObject = Type.Object(
  {
    id: Id("sto"),
    object: Type.Literal("store"),
    merchant: Id("mch"),
    livemode: Type.Boolean(),
    name: Type.String(),
    time_zone: TimeZone,
    address: Nullable(Type.String()),
    created_at: Time,
  },
  { description: "A place of a merchant" },
);

export const CreateStore = {
  tags: ["Merchants"],
  summary: "Open a store",
  body: Strict({
    merchant: WhoseMerchant,
    livemode: WhichMode,
    name: Text(100),
    time_zone: Type.Optional(TimeZone),
    address: Type.Optional(Text(300)),
  }),
  response: { 200: StoreObject },
};
export type StoreInput = Static<typeof CreateStore.body>;

export const ReadStore = { tags: ["Merchants"], summary: "Read a store", params: ById, response: { 200: StoreObject } };

export const ListStores = {
  tags: ["Merchants"],
  summary: "List stores",
  querystring: Strict({ ...listQuery, merchant: WhoseMerchant, livemode: WhichMode }),
  response: { 200: ListOf(StoreObject) },
};

export const ChangeStore = {
  tags: ["Merchants"],
  summary: "Change a store",
  params: ById,
  body: Type.Object(
    {
      name: Type.Optional(Text(100)),
      time_zone: Type.Optional(TimeZone),
      address: Type.Optional(Nullable(Text(300))),
    },
    { additionalProperties: false, minProperties: 1 },
  ),
  response: { 200: StoreObject },
};
export type StoreChange = Static<typeof ChangeStore.body>;

// Terminals

const TerminalStatus = Type.Enum(Object.keys(terminalMoves) as (keyof typeof terminalMoves)[]);

const RefundLimit = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "Minor units that the paired till may refund in a business day",
});

export const TerminalObject = Type.Object(
  {
    id: Id("trm"),
    object: Type.Literal("terminal"),
    merchant: Id("mch"),
    store: Id("sto"),
    livemode: Type.Boolean(),
    name: Type.String(),
    status: TerminalStatus,
    refund_limit: RefundLimit,
    paired_at: Nullable(Time),
    created_at: Time,
  },
  { description: "A device or counter position of a store" },
);

export const CreateTerminal = {
  tags: ["Merchants"],
  summary: "Add a terminal to a store",
  body: Strict({
    merchant: WhoseMerchant,
    store: Id("sto"),
    name: Text(100),
    refund_limit: Type.Optional(RefundLimit),
  }),
  response: { 200: TerminalObject },
};
export type TerminalInput = Static<typeof CreateTerminal.body>;

export const ReadTerminal = {
  tags: ["Merchants"],
  summary: "Read a terminal",
  params: ById,
  response: { 200: TerminalObject },
};

export const ListTerminals = {
  tags: ["Merchants"],
  summary: "List terminals",
  querystring: Strict({
    ...listQuery,
    merchant: WhoseMerchant,
    livemode: WhichMode,
    store: Type.Optional(Id("sto")),
    status: Type.Optional(TerminalStatus),
  }),
  response: { 200: ListOf(TerminalObject) },
};

export const ChangeTerminal = {
  tags: ["Merchants"],
  summary: "Rename, block, unblock or move a terminal, or change what it may refund",
  description:
    "A blocked terminal takes no payments. It moves between stores of its own mode. One that was reported lost becomes active again by `status`, and is paired anew.",
  params: ById,
  body: Type.Object(
    {
      name: Type.Optional(Text(100)),
      status: Type.Optional(Type.Enum(["active", "blocked"])),
      store: Type.Optional(Id("sto")),
      refund_limit: Type.Optional(RefundLimit),
    },
    { additionalProperties: false, minProperties: 1 },
  ),
  response: { 200: TerminalObject },
};
export type TerminalChange = Static<typeof ChangeTerminal.body>;
