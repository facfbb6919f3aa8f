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
