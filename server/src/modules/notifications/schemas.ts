import { Type } from "typebox";
import { ById, Id, ListOf, listQuery, Strict, Time } from "#kit/schemas.ts";

const EventObject = Type.Object(
  {
    id: Id("evt"),
    object: Type.Literal("event"),
    type: Type.String({ description: "`payment.succeeded` and so on" }),
    created_at: Time,
    livemode: Type.Boolean(),
    data: Type.Object({
      object: Type.Record(Type.String(), Type.Unknown(), { description: "The whole object as it was then" }),
    }),
  },
  { description: "Something that happened" },
);

export const ListEvents = {
  tags: ["Events"],
  summary: "What happened, newest first",
  querystring: Strict({
    ...listQuery,
    starting_after: Type.Optional(Id("evt")),
    ending_before: Type.Optional(Id("evt")),
    type: Type.Optional(Type.String({ pattern: "^[a-z_]+(\\.[a-z_]+)+$", maxLength: 64 })),
    object: Type.Optional(
      Type.String({
        pattern: "^[a-z]+_[0-9a-z]+$",
        maxLength: 64,
        description: "Id of the object that the event is about",
      }),
    ),
  }),
  response: { 200: ListOf(EventObject) },
};

export const ReadEvent = {
  tags: ["Events"],
  summary: "Read an event",
  params: ById,
  response: { 200: EventObject },
};

export const ReadStream = {
  tags: ["Events"],
  summary: "What happens, as it happens",
  description:
    "Server-sent events: `id` is the event's id, `event` its type, `data` the event. A merchant hears its own, of the key's mode; a user its own and " +
    "the payments that it pays; staff all. With `Last-Event-ID` it goes on after that event; `stream.reset` says that some may be missing and objects should be read again.",
  headers: Type.Object({ "last-event-id": Type.Optional(Id("evt")) }),
  produces: ["text/event-stream"],
  response: {
    200: Type.String({ description: "text/event-stream" }),
  },
};
