import type { SMTPTransportOptions } from "nodemailer";
import { config } from "./config.ts";

/** The server took the message for one that nobody will ever get: trying again would not help. */
export class RecipientRefused extends Error {
  override name = "RecipientRefused";
}

export interface Mail {
  /** The same when it is sent again, so that mail programs see one. */
  id: string;
  to: string;
  subject: string;
  text: string;
}

const connectWithinMs = 10_000;
const silentForMs = 20_000;

/**
 * How a server is spoken to: with TLS from the start (`smtps:`) or by STARTTLS, whose certificate must be right. Only one on this machine, a
 * relay, may do without. Files and addresses in a message are never read.
 */
export function smtpOptions(smtpUrl: string): SMTPTransportOptions {
  const url = new URL(smtpUrl);
  const secure = url.protocol === "smtps:";
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port ? Number(url.port) : secure ? 465 : 587,
    secure,
    requireTLS: !secure && !local,
    ...(url.username && {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
    connectionTimeout: connectWithinMs,
    greetingTimeout: connectWithinMs,
    socketTimeout: silentForMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** Hands a mail to the operator's SMTP server. Throws {@link RecipientRefused}, or what went wrong on the way. */
export async function sendMail({ id, to, subject, text }: Mail): Promise<void> {
  const { smtpUrl, mailFrom } = config();
  // It weighs 24 MB once it is loaded, and many an installation sends no mail.
  const { createTransport } = await import("nodemailer");
  const transport = createTransport(smtpOptions(smtpUrl));
  const domain = mailFrom.replace(/^.*@|>$/g, "");
  const failed = await transport
    .sendMail({
      from: mailFrom,
      // As an object it is one address, whatever signs stand in it.
      to: { name: "", address: to },
      subject,
      text,
      messageId: `<${id}@${domain}>`,
      headers: { "Auto-Submitted": "auto-generated" },
    })
    .then(
      () => undefined,
      (error: { code?: string; responseCode?: number }) => error,
    );
  transport.close();
  if (!failed) return;
  // What a server says quotes addresses, and errors of jobs are logged and kept: no more than the codes go on.
  const { code, responseCode = 0 } = failed;
  if (code === "EENVELOPE" && responseCode >= 500)
    throw new RecipientRefused(`the mail server answered ${responseCode}`);
  throw new Error(`mail could not be sent: ${code} ${responseCode}`);
}
