import pino from "pino";

/** Names whose values never reach a log, wherever they stand in an object. */
const secretNames = [
  "authorization",
  "password",
  "pin",
  "payment_pin",
  "code",
  "payment_key",
  "api_key",
  "secret",
  "totp",
  "totp_secret",
  "access_token",
  "refresh_token",
  "code_key",
  "number",
  "cvc",
];

/** Structured logs: one JSON line an event on standard output, time in UTC, secrets replaced. */
export const log = pino({
  level: process.env.LOG_LEVEL ?? "info",
  base: { pid: process.pid },
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: {
    paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]),
    censor: "[redacted]",
  },
});
