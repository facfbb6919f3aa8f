import pino from "pino";
import { withoutCardNumbers } from "./card-numbers.ts";

/** Names whose values never reach a log, wherever they stand in an object. */
const secretNames = [
  "authorization",
  "password",
  "pin",
  "payment_pin",
  "code",
  "payment_key",
  "payment-key",
  "checkout_url",
  "api_key",
  "secret",
  "totp",
  "totp_secret",
  "access_token",
  "refresh_token",
  "code_key",
  "number",
  "iban",
  "holder",
  "phone",
  "email",
  "cvv",
  "cvc",
  "track1",
  "track2",
];

export const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Until `configure` has judged the variable, a wrong one must not stop the process without its reason. */
const atFirst = logLevels.find((level) => level === process.env.LOG_LEVEL) ?? "info";

/** Structured logs: one JSON line an event on standard output, time in UTC, secrets replaced. */
export const log = pino({
  level: atFirst,
  base: { pid: process.pid },
  timestamp: pino.stdTimeFunctions.isoTime,
  // Wherever it comes from: the message of somebody else's error may quote what it was given.
  hooks: { streamWrite: (line) => withoutControls(withoutCardNumbers(line)) },
  serializers: { err: describe },
  redact: {
    paths: secretNames.flatMap((name) => ["", "*", "*.*", "*.*.*"].map((place) => `${place}["${name}"]`)),
    censor: "[redacted]",
  },
});

/**
 * JSON escapes line breaks and ESC. Terminals also obey the controls behind ASCII, and signs that turn the direction of writing show
 * a line as what it is not: they are escaped too. The break at the line's end stays.
 */
const withoutControls = (line: string): string =>
  line.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** What of an error belongs into a log. PostgreSQL's `detail` quotes the row that was refused, so no field goes in unnamed. */
function describe(error: unknown): object | string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause, code, constraint } = error as Error & { code?: string; constraint?: string };
  return {
    type: name,
    message,
    reason: code,
    constraint,
    stack,
    ...(cause !== undefined && { cause: describe(cause) }),
  };
}
