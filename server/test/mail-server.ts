import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** A mail as an SMTP server got it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: string;
  /** Headers and text, undecoded. */
  readonly source: string;
  readonly encrypted: boolean;
}

export interface MailServer {
  readonly port: number;
  readonly mails: ReceivedMail[];
  /** Answers to recipients from now on: an SMTP code to refuse them by, or nothing to take them. */
  refuse(code: number | undefined): void;
}

/** An SMTP server on this machine. It speaks without TLS unless told otherwise. */
export async function aMailServer(
  t: { after: (end: () => Promise<void>) => void },
  options: SMTPServerOptions = {},
): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  let refusal: number | undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onRcptTo({ address }, _session, done) {
      if (refusal === undefined) return done();
      return done(Object.assign(new Error(`<${address}> is refused`), { responseCode: refusal }));
    },
    onData(stream, { envelope, secure }, done) {
      let source = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        source += chunk;
      });
      stream.on("end", () => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : "";
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address).join(), source, encrypted: secure });
        done();
      });
    },
    ...options,
  });
  // A client that does not like a certificate hangs up.
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    refuse(code) {
      refusal = code;
    },
  };
}
