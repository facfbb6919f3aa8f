import { type Static, Type } from "typebox";
import { orApproval } from "#kit/approvable.ts";
import { signatureAlgorithms } from "#kit/request-signatures.ts";
import { ById, Id, ListOf, listQuery, Strict, Text, Time } from "#kit/schemas.ts";
import { NewSignatureKey } from "./key-signature.ts";
import { Nullable, WhichMode, WhoseMerchant } from "./schemas.ts";
import { keyMoves } from "./states.ts";

const Scopes = Type.Array(Type.String({ pattern: "^[a-z_]{1,40}:[a-z_]{1,40}$" }), {
  minItems: 1,
  maxItems: 50,
  uniqueItems: true,
  description: "What the key may do, such as payments:write",
});

const Addresses = Type.Array(Type.String({ maxLength: 50 }), {
  minItems: 1,
  maxItems: 100,
  uniqueItems: true,
  description: "Addresses and CIDR ranges, IPv4 and IPv6, from where alone the key works",
});

const signatureKeyFields = {
  keyid: Type.String({ description: "What the parameter `keyid` of a signature says" }),
  alg: Type.Enum([...signatureAlgorithms]),
  public_key: Nullable(Type.String({ description: "32 bytes in base64url" })),
  secret: Type.Optional(
    Type.String({
      description: "Of hmac-sha256: its characters are the key. In the answer that makes it, and never again",
    }),
  ),
};

const apiKeyFields = {
  id: Id("key"),
  object: Type.Literal("api_key"),
  merchant: Id("mch"),
  livemode: Type.Boolean(),
  name: Type.String(),
  scopes: Type.Union([Scopes, Type.Null()], { description: "null: everything a merchant may" }),
  status: Type.Enum(Object.keys(keyMoves) as (keyof typeof keyMoves)[]),
  allowed_addresses: Type.Union([Addresses, Type.Null()], { description: "null: from anywhere" }),
  require_signature: Type.Boolean({ description: "Requests without a signature are refused" }),
  signature_key: Nullable(Type.Object(signatureKeyFields)),
  last_four: Type.String(),
  rolled_to: Nullable(Id("key")),
  created_at: Time,
  expires_at: Nullable(Time),
  revoked_at: Nullable(Time),
  last_used_at: Type.Union([Time, Type.Null()], { description: "To about half a minute" }),
};
const ApiKeyObject = Type.Object(apiKeyFields, { description: "An API key, without its secret" });
const NewApiKeyObject = Type.Object(
  {
    ...apiKeyFields,
    secret: Type.String({ pattern: "^sk_(test|live)_[0-9A-Za-z]{43}$", description: "Shown here and never again" }),
  },
  { description: "A new API key, with its secret" },
);

export const CreateApiKey = {
  tags: ["Merchants"],
  summary: "Make an API key",
  description:
    "The secret is shown in this answer only. A key makes keys of its own mode, and none that may do more than it may itself.",
  body: Strict({
    merchant: WhoseMerchant,
    livemode: WhichMode,
    name: Text(100),
    scopes: Type.Optional({ ...Scopes, description: "Left out: everything the maker may" }),
    allowed_addresses: Type.Optional(Addresses),
    require_signature: Type.Optional(
      Type.Boolean({ description: "Refuses requests that are not signed; without `signature_key` a secret is made" }),
    ),
    signature_key: Type.Optional(NewSignatureKey),
  }),
  response: orApproval(NewApiKeyObject),
};
export type ApiKeyInput = Static<typeof CreateApiKey.body>;

export const ReadApiKey = {
  tags: ["Merchants"],
  summary: "Read an API key",
  params: ById,
  response: { 200: ApiKeyObject },
};

export const ListApiKeys = {
  tags: ["Merchants"],
  summary: "List API keys",
  querystring: Strict({ ...listQuery, merchant: WhoseMerchant, livemode: WhichMode }),
  response: { 200: ListOf(ApiKeyObject) },
};

export const ChangeApiKey = {
  tags: ["Merchants"],
  summary: "Change an API key's name or restrictions",
  description: "It holds at once.",
  params: ById,
  body: Strict({
    name: Type.Optional(Text(100)),
    allowed_addresses: Type.Optional(Type.Union([Addresses, Type.Null()])),
    require_signature: Type.Optional(Type.Boolean()),
  }),
  response: orApproval(ApiKeyObject),
};
export type ApiKeyChange = Static<typeof ChangeApiKey.body>;

export const RollApiKey = {
  tags: ["Merchants"],
  summary: "Replace an API key",
  description:
    "Gives a new key with the same name, mode, scopes and restrictions; the old one works until the overlap ends. A secret to sign with is made anew, a public key stays, unless `signature_key` says otherwise.",
  params: ById,
  body: Strict({
    overlap_seconds: Type.Integer({ minimum: 0, maximum: 604_800, description: "How long the old key still works" }),
    signature_key: Type.Optional(NewSignatureKey),
  }),
  response: orApproval(NewApiKeyObject),
};
export type RollInput = Static<typeof RollApiKey.body>;

export const RevokeApiKey = {
  tags: ["Merchants"],
  summary: "Revoke an API key",
  description: "It stops working at once.",
  params: ById,
  response: { 200: ApiKeyObject },
};
