import { Type } from "typebox";
import { allow } from "./access.ts";
import { config } from "./config.ts";
import { database, run, sql } from "./db.ts";
import type { Http } from "./http.ts";
import { kitErrors } from "./kit-errors.ts";
import { page } from "./lists.ts";
import { openMessage, recipientHash } from "./messages.ts";
import { AnyId, Id, ListOf, Strict, Time } from "./schemas.ts";

interface InboxRow {
  id: string;
  sealedMessage: string;
  createdAt: Date;
}

const listMessages = sql<InboxRow>(
  "messages.list",
  `select id, sealed_message as "sealedMessage", created_at as "createdAt" from messages
    where recipient = $1 and not livemode and ($2::text is null or id < $2) and ($3::text is null or id > $3)
    order by case when $5 then id end, case when not $5 then id end desc
    limit $4`,
);

const MessageObject = Type.Object(
  {
    id: Id("msg"),
    object: Type.Literal("message"),
    to: Type.String({ description: "Phone or email" }),
    kind: Type.String({ description: "`one_time_code` and so on" }),
    subject: Type.String(),
    text: Type.String(),
    values: Type.Record(Type.String(), Type.String(), { description: "What of the text a program wants to read" }),
    created_at: Time,
  },
  { description: "A message to a person, as test mode keeps it for a day instead of sending it" },
);

const ReadInbox = {
  tags: ["Test mode"],
  summary: "Messages to a phone or email, newest first",
  description: "What would have been sent. Empty where the operator has set up a mail server or a gateway for texts.",
  querystring: Strict({
    to: Type.String({ minLength: 1, maxLength: 254, description: "Phone (E.164) or email" }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    starting_after: Type.Optional(AnyId()),
    ending_before: Type.Optional(AnyId()),
  }),
  response: { 200: ListOf(MessageObject) },
};

/** `GET /v1/test_inbox?to=…`: how tests read the one-time codes that people get. Live messages are never shown. */
export function testInboxRoutes(app: Http): void {
  app.get("/v1/test_inbox", { schema: ReadInbox, config: allow(["merchant", "staff"]) }, ({ query }) => {
    if (config().mode !== "test") throw kitErrors.test_inbox_off();
    const recipient = recipientHash(query.to.includes("@") ? { email: query.to } : { phone: query.to });
    return page(
      "/v1/test_inbox",
      query,
      ({ after, before, limit, ascending }) =>
        run(database(), listMessages, [recipient, after, before, limit, ascending]),
      presentMessage,
    );
  });
}

function presentMessage({ id, sealedMessage, createdAt }: InboxRow) {
  const { to, kind, subject, text, values } = openMessage(id, sealedMessage);
  return {
    id,
    object: "message" as const,
    to: "phone" in to ? to.phone : to.email,
    kind,
    subject,
    text,
    values: values ?? {},
    created_at: createdAt.toISOString(),
  };
}
