import { type TSchema, Type } from "typebox";
import { ById, Id, ListOf, listQuery, Strict, Text, Time } from "#kit/schemas.ts";
import { cardTypes } from "./card.ts";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const CardType = Type.Enum([...cardTypes], { description: "What the customer holds" });
const Holder = Text(64, { description: "As it stands on the card or the account" });

const CardObject = Type.Object(
  {
    id: Id("card"),
    object: Type.Literal("card"),
    type: CardType,
    brand: Type.String({
      description: "`visa`, `mastercard`, `unionpay` …; `unknown` when the first digits are nobody's we know",
    }),
    funding: Type.Enum(["credit", "debit", "prepaid", "unknown"]),
    first_six: Type.String(),
    last_four: Type.String(),
    exp_month: Type.Integer(),
    exp_year: Type.Integer(),
    expired: Type.Boolean(),
    holder: Nullable(Type.String()),
    livemode: Type.Boolean(),
    created_at: Time,
  },
  { description: "A saved card: a token that stands for its number, which is never shown again" },
);

export const AddCard = {
  tags: ["Cards"],
  summary: "Save a card",
  description:
    "The number is sealed; of it only the first six and last four digits are shown. Security codes, PINs and track data are refused by name.",
  body: Strict({
    number: Type.String({
      pattern: "^[0-9](?:[ -]?[0-9]){11,18}$",
      description: "12 to 19 digits, in groups or not",
    }),
    exp_month: Type.Integer({ minimum: 1, maximum: 12 }),
    exp_year: Type.Integer({ minimum: 2000, maximum: 2099, description: "Four digits" }),
    holder: Type.Optional(Holder),
    type: Type.Optional(CardType),
  }),
  response: { 200: CardObject },
};

export const ListCards = {
  tags: ["Cards"],
  summary: "One's saved cards, newest first",
  querystring: Strict(listQuery),
  response: { 200: ListOf(CardObject) },
};

export const ReadCard = { tags: ["Cards"], summary: "Read a card", params: ById, response: { 200: CardObject } };

export const RemoveCard = {
  tags: ["Cards"],
  summary: "Remove a card, and its number with it",
  params: ById,
  response: { 200: CardObject },
};

const BankAccountObject = Type.Object(
  {
    id: Id("ba"),
    object: Type.Literal("bank_account"),
    type: Type.Enum(["iban", "domestic"]),
    country: Type.String({ description: "ISO 3166-1, two letters" }),
    bank_code: Nullable(Type.String({ description: "Of the bank or branch, as its country writes it" })),
    last_four: Type.String(),
    holder: Nullable(Type.String()),
    livemode: Type.Boolean(),
    created_at: Time,
  },
  { description: "A saved bank account: a token that stands for its number" },
);

export const AddBankAccount = {
  tags: ["Bank accounts"],
  summary: "Save a bank account",
  description: "By `iban`, or by `number` and `country`. The number is sealed and never shown again.",
  body: Strict({
    iban: Type.Optional(
      Type.String({ pattern: "^[A-Za-z]{2}[0-9A-Za-z -]{9,48}$", description: "ISO 13616, in groups or not" }),
    ),
    number: Type.Optional(
      Type.String({
        pattern: "^[0-9A-Za-z](?:[ -]?[0-9A-Za-z]){5,33}$",
        description: "As the bank writes it, in groups or not",
      }),
    ),
    country: Type.Optional(Type.String({ pattern: "^[A-Z]{2}$" })),
    bank_code: Type.Optional(
      Type.String({ pattern: "^[0-9A-Za-z-]{2,35}$", description: "Routing number, sort code, CNAPS, BIC" }),
    ),
    holder: Type.Optional(Holder),
  }),
  response: { 200: BankAccountObject },
};

export const ListBankAccounts = {
  tags: ["Bank accounts"],
  summary: "One's saved bank accounts, newest first",
  querystring: Strict(listQuery),
  response: { 200: ListOf(BankAccountObject) },
};

export const ReadBankAccount = {
  tags: ["Bank accounts"],
  summary: "Read a bank account",
  params: ById,
  response: { 200: BankAccountObject },
};

export const RemoveBankAccount = {
  tags: ["Bank accounts"],
  summary: "Remove a bank account, and its number with it",
  params: ById,
  response: { 200: BankAccountObject },
};
