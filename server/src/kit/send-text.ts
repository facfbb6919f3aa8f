import { now } from "./clock.ts";
import { config } from "./config.ts";
import { Outgoing } from "./outgoing.ts";
import { RecipientRefused } from "./send-mail.ts";
import { keyOf, signedHeaders } from "./webhook-signature.ts";

export interface TextMessage {
  /** The same when it is sent again. */
  id: string;
  /** E.164. */
  to: string;
  kind: string;
  text: string;
  livemode: boolean;
}

const timeoutMs = 15_000;

/**
 * Posts a text message to the operator's gateway, `{"id", "to", "kind", "text"}`, signed as Standard Webhooks are. The gateway answers 2xx once it
 * has it, and sends a repetition (same `webhook-id`) no second time. 422 means that this number will never get it: {@link RecipientRefused}.
 */
export async function sendText({ id, to, kind, text, livemode }: TextMessage): Promise<void> {
  const { smsGatewayUrl: url, smsGatewaySecret } = config();
  const key = keyOf(smsGatewaySecret);
  if (!key) throw new Error("SMS_GATEWAY_SECRET is not set");
  const body = JSON.stringify({ id, to, kind, text });
  const signed = signedHeaders([key], id, Math.floor(now() / 1000), body);
  const outgoing = new Outgoing();
  try {
    const headers = { "content-type": "application/json", ...signed };
    const { status } = await outgoing.post({ url, livemode, headers, body, timeoutMs });
    if (status === 422) throw new RecipientRefused("the gateway refused the recipient");
    if (status < 200 || status > 299) throw new Error(`the gateway answered ${status}`);
  } finally {
    await outgoing.close();
  }
}
