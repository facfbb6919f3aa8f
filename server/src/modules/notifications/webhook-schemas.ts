import { type Static, type TSchema, Type } from "typebox";
import { AnyId, ById, Id, ListOf, listQuery, Strict, Text, Time } from "#kit/schemas.ts";
import { type DeliveryStatus, deliveryErrors, deliveryMoves } from "./delivery.ts";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const Url = Type.String({
  minLength: 1,
  maxLength: 2_048,
  description: "A public https address; in test mode on one's own machine also `http://localhost:…`",
});
const Events = Type.Array(Type.String({ maxLength: 64 }), {
  minItems: 1,
  maxItems: 50,
  uniqueItems: true,
  description: "Types such as `payment.succeeded`, all of one object as `payment.*`, or `*`",
});
const Secret = Type.String({
  maxLength: 128,
  description: "`whsec_` and the base64 of 24 to 64 bytes; shown when it is made and never again",
});

const endpointFields = {
  id: Id("we"),
  object: Type.Literal("webhook_endpoint"),
  url: Url,
  description: Nullable(Type.String()),
  events: Events,
  enabled: Type.Boolean(),
  disabled_reason: Type.Union([Type.Enum(["merchant", "gone", "failing"]), Type.Null()], {
    description: "Who switched it off: the merchant, the endpoint's own answer 410, or days of failures",
  }),
  failing_since: Type.Union([Time, Type.Null()], { description: "Nothing has succeeded since" }),
  previous_secret_expires_at: Type.Union([Time, Type.Null()], {
    description: "Until then the secret before signs too",
  }),
  livemode: Type.Boolean(),
  created_at: Time,
};
const EndpointObject = Type.Object(endpointFields, { description: "Where a merchant's server hears of events" });
const EndpointWithSecret = Type.Object(
  { ...endpointFields, secret: Secret },
  { description: "A webhook endpoint with its new secret" },
);

const DeliveryObject = Type.Object(
  {
    id: Id("whd"),
    object: Type.Literal("webhook_delivery"),
    endpoint: Type.Union([Id("we"), Type.Null()], { description: "null: the payment's own `notify` address" }),
    url: Type.Union([Type.String(), Type.Null()], { description: "That address" }),
    event: Id("evt"),
    event_type: Type.String(),
    status: Type.Enum(Object.keys(deliveryMoves) as DeliveryStatus[]),
    attempts: Type.Integer(),
    response_status: Nullable(Type.Integer()),
    response_excerpt: Type.Union([Type.String(), Type.Null()], { description: "At most 1 KB of the last answer" }),
    error: Type.Union([Type.Enum([...deliveryErrors]), Type.Null()], {
      description: "Why the last attempt failed; `status`: the answer was not 2xx",
    }),
    duration_ms: Nullable(Type.Integer()),
    next_attempt_at: Nullable(Time),
    last_attempt_at: Nullable(Time),
    livemode: Type.Boolean(),
    created_at: Time,
  },
  { description: "An event on its way to one receiver, with what came of the last attempt" },
);

const tags = ["Webhooks"];

export const CreateEndpoint = {
  tags,
  summary: "Make a webhook endpoint",
  description:
    "Signed as Standard Webhooks say. An event is sent at once, in the order in which they happened to one object; one that fails does not hold up " +
    "later ones: `sequence` counts an object's events. A 2xx within 15 seconds is a success; redirects are not followed; failures are tried again for three days.",
  body: Strict({
    url: Url,
    events: Events,
    secret: Type.Optional(Secret),
    description: Type.Optional(Text(200)),
  }),
  response: { 200: EndpointWithSecret },
};
export type EndpointInput = Static<typeof CreateEndpoint.body>;

export const ReadEndpoint = {
  tags,
  summary: "Read a webhook endpoint",
  params: ById,
  response: { 200: EndpointObject },
};

export const ListEndpoints = {
  tags,
  summary: "List webhook endpoints",
  querystring: Strict(listQuery),
  response: { 200: ListOf(EndpointObject) },
};

export const ChangeEndpoint = {
  tags,
  summary: "Change a webhook endpoint",
  description: "Switched off, it keeps what waits for it and gets nothing new; switched on, it gets what waits.",
  params: ById,
  body: Strict({
    url: Type.Optional(Url),
    events: Type.Optional(Events),
    description: Type.Optional(Nullable(Text(200))),
    enabled: Type.Optional(Type.Boolean()),
  }),
  response: { 200: EndpointObject },
};
export type EndpointChange = Static<typeof ChangeEndpoint.body>;

export const DeleteEndpoint = {
  tags,
  summary: "Delete a webhook endpoint",
  description: "What waits for it is given up.",
  params: ById,
  response: { 200: EndpointObject },
};

const RotationBody = Strict({
  secret: Type.Optional(Secret),
  overlap_seconds: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 604_800,
      description: "How long the secret before signs too; a day unless said",
    }),
  ),
});
export type Rotation = Static<typeof RotationBody>;

export const RotateSecret = {
  tags,
  summary: "Give a webhook endpoint a new secret",
  description: "Until the overlap ends each message carries two signatures, one by each secret.",
  params: ById,
  body: RotationBody,
  response: { 200: EndpointWithSecret },
};

export const TestEndpoint = {
  tags,
  summary: "Send a webhook endpoint a test event",
  description: "An event `webhook_endpoint.test`, whatever the endpoint asked for.",
  params: ById,
  response: { 200: DeliveryObject },
};

export const ListDeliveries = {
  tags,
  summary: "What was sent to a webhook endpoint, newest first",
  params: ById,
  querystring: Strict({
    ...listQuery,
    status: Type.Optional(Type.Enum(Object.keys(deliveryMoves) as DeliveryStatus[])),
    event: Type.Optional(AnyId()),
  }),
  response: { 200: ListOf(DeliveryObject) },
};

export const ReadDelivery = {
  tags,
  summary: "Read a delivery",
  params: ById,
  response: { 200: DeliveryObject },
};

export const ResendDelivery = {
  tags,
  summary: "Send an event to the same receiver again",
  description: "A new delivery with the same `webhook-id`, so that a receiver that has it already can tell.",
  params: ById,
  response: { 200: DeliveryObject },
};

export const ResendEvent = {
  tags: ["Events"],
  summary: "Send an event again",
  description: "To one endpoint, or to everyone who would get it now.",
  params: ById,
  body: Strict({ endpoint: Type.Optional(AnyId({ description: "Left out: to all" })) }),
  response: { 200: ListOf(DeliveryObject) },
};

const notifyFields = {
  object: Type.Literal("notify_secret"),
  previous_secret_expires_at: Nullable(Time),
  livemode: Type.Boolean(),
  created_at: Time,
};

export const ReadNotifySecret = {
  tags,
  summary: "Whether there is a notify secret, and since when",
  response: { 200: Type.Object(notifyFields, { description: "Signs what goes to payments' own `notify` addresses" }) },
};

export const RotateNotifySecret = {
  tags,
  summary: "Get a new notify secret",
  description:
    "It signs what goes to payments' own `notify` addresses, of this mode. The first call makes the first one; later ones replace it, with an overlap.",
  body: RotationBody,
  response: { 200: Type.Object({ ...notifyFields, secret: Secret }, { description: "A new notify secret" }) },
};
