import { randomUUID } from "node:crypto";
import { type Config, config } from "./config.ts";
import { blindIndex, seal, unseal } from "./crypto.ts";
import { database, first, run, sql, type Transaction } from "./db.ts";
import type { ApiError } from "./errors.ts";
import { faultPoint } from "./fault-points.ts";
import { newId } from "./ids.ts";
import { defineJob, enqueue } from "./jobs.ts";
import { kitErrors } from "./kit-errors.ts";
import { log } from "./log.ts";
import { sealedTable } from "./sealed-columns.ts";
import { RecipientRefused, sendMail } from "./send-mail.ts";
import { sendText } from "./send-text.ts";

/**
 * Messages to people: mail by SMTP, texts by an operator's HTTP gateway. They are written down with the transaction that causes them, sealed,
 * and sent by a job after its commit, again and again until they expire; what was sent is forgotten. In test mode what has no server to be
 * sent by stays, for `GET /v1/test_inbox`.
 */
export type Recipient = { readonly phone: string } | { readonly email: string };

export interface Message {
  readonly to: Recipient;
  /** All is done as for another message, and it is never sent: so that who asked for it does not learn that there is nobody to send it to. */
  readonly muted?: boolean;
  /** What kind of message it is, for tests: `one_time_code`. */
  readonly kind: string;
  /** A mail's; a text message has none. */
  readonly subject: string;
  readonly text: string;
  /** What of the text a test wants to read without parsing it. */
  readonly values?: Readonly<Record<string, string>>;
  readonly livemode: boolean;
  /** After so many seconds nobody needs it any more. */
  readonly usefulSeconds: number;
}

type Kept = Pick<Message, "to" | "muted" | "kind" | "subject" | "text" | "values">;
type Channel = "mail" | "text" | "inbox";

const insertMessage = sql(
  "messages.insert",
  `insert into messages (recipient, id, livemode, sealed_message, expires_at)
   values ($1, $2, $3, $4, clock_now() + $5 * interval '1 second')`,
);
const selectMessage = sql<{ livemode: boolean; sealedMessage: string; expired: boolean }>(
  "messages.select",
  `select livemode, sealed_message as "sealedMessage", expires_at <= clock_now() as expired
     from messages where recipient = $1 and id = $2`,
);
const deleteMessage = sql("messages.delete", "delete from messages where recipient = $1 and id = $2");
const deleteOldMessages = sql(
  "messages.delete_old",
  "delete from messages where created_at < clock_now() - interval '1 day' and expires_at < clock_now()",
);

/** By what such a recipient would be reached here; nothing when the operator has set nothing up. */
function channelTo(to: Recipient, { smtpUrl, smsGatewayUrl, mode }: Config): Channel | undefined {
  if ("email" in to && smtpUrl) return "mail";
  if ("phone" in to && smsGatewayUrl) return "text";
  return mode === "test" ? "inbox" : undefined;
}

/** Whether something is set up by which such a recipient would be reached. */
export const canDeliver = (to: Recipient): boolean => channelTo(to, config()) !== undefined;

/** Throws `message_undeliverable` when this server could not send a message to such a recipient. */
export function assertDeliverable(to: Recipient): void {
  if (!canDeliver(to)) throw undeliverable();
}

const undeliverable = (): ApiError => kitErrors.message_undeliverable({ retryAfter: 3_600 });

/** What can't be sent with this configuration, for the operator to read at the start. */
export const missingChannels = (config: Config): string[] => [
  ...(channelTo({ email: "" }, config) ? [] : ["SMTP_URL is not set: no mail can be sent"]),
  ...(channelTo({ phone: "" }, config) ? [] : ["SMS_GATEWAY_URL is not set: no text messages can be sent"]),
];

/**
 * Has a message sent once the transaction commits. The text is plain, subject and text are of our own making. It may arrive twice, when a
 * process dies right after sending it. Throws `message_undeliverable` when nothing is set up to send it by.
 */
export async function sendMessage(tx: Transaction, message: Message): Promise<void> {
  const { to, muted = false, kind, subject, text, values, livemode, usefulSeconds } = message;
  const channel = channelTo(to, config());
  if (!channel) throw undeliverable();
  const id = newId("msg");
  const recipient = recipientHash(muted ? { email: randomUUID() } : to);
  const sealed = seal(JSON.stringify({ to, muted, kind, subject, text, values } satisfies Kept), messageContext(id));
  await run(tx, insertMessage, [recipient, id, livemode, sealed, usefulSeconds]);
  if (channel !== "inbox") await enqueue(tx, "messages.send", { recipient, id });
}

/** Ignores case as people do in mail addresses. */
export const recipientHash = (to: Recipient): string =>
  "phone" in to ? blindIndex(to.phone, "messages.phone") : blindIndex(to.email.toLowerCase(), "messages.email");

const messageContext = (id: string): string => `messages.message ${id}`;

sealedTable("messages", {
  key: { recipient: "text", id: "text" },
  columns: { sealed_message: ({ id }) => messageContext(id) },
});

export const openMessage = (id: string, sealed: string): Kept =>
  JSON.parse(unseal(sealed, messageContext(id)).toString("utf8")) as Kept;

/** Sends one message that waits. Throws when it did not go out, so that the job is tried again; what can't be sent any more is dropped. */
async function deliver({ recipient, id }: { recipient: string; id: string }): Promise<void> {
  const row = await first(database(), selectMessage, [recipient, id]);
  if (!row) return;
  const { to, muted, kind, subject, text } = openMessage(id, row.sealedMessage);
  if (row.expired) log.warn({ message: id, kind }, "a message could not be sent in time");
  else if (!muted) {
    try {
      if ("email" in to) await sendMail({ id, to: to.email, subject, text });
      else await sendText({ id, to: to.phone, kind, text, livemode: row.livemode });
    } catch (error) {
      if (!(error instanceof RecipientRefused)) throw error;
      log.warn({ message: id, kind, reason: error.message }, "a message was refused");
    }
    await faultPoint("messages.sent");
  }
  await run(database(), deleteMessage, [recipient, id]);
}

defineJob("messages.send", deliver);
defineJob("messages.purge", () => run(database(), deleteOldMessages), { crontab: "47 * * * *" });
