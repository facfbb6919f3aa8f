import { readFileSync, statSync } from "node:fs";
import { parseAddressRanges } from "./address-ranges.ts";
import { parseOrigins } from "./cors.ts";
import { armFaultPoints, disarmFaultPoints, parseFaultPoints } from "./fault-points.ts";
import { log, logLevels } from "./log.ts";
import { isCurrency } from "./money.ts";
import { parsePolicies, presetText } from "./rate-limit-policies.ts";
import { severities } from "./severity.ts";
import { keyOf } from "./webhook-signature.ts";

/**
 * Everything that an operator can set, as environment variables. One table says what there is: it validates, gives the defaults,
 * and writes the text of `--help`. A variable that is empty counts as not set.
 */
interface Setting<T> {
  readonly variable: string;
  /** For `--help`: what it does and what is allowed. */
  readonly help: string;
  /** As it would be written in the environment; `undefined`: it must be given. */
  readonly preset: string | undefined;
  /** Turns the text into the value. Throws an Error whose message says what is expected. */
  readonly parse: (text: string) => T;
}

const setting = <T>(
  variable: string,
  preset: string | undefined,
  help: string,
  parse: (text: string) => T,
): Setting<T> => ({ variable, preset, help, parse });

const settings = {
  databaseUrl: setting(
    "DATABASE_URL",
    undefined,
    "PostgreSQL 15 or newer: postgres://user@host:5432/name",
    postgresUrl,
  ),
  migrationDatabaseUrl: setting(
    "MIGRATION_DATABASE_URL",
    "",
    "the same database as the role that owns its tables, for --migrate; the role of DATABASE_URL then gets rows only",
    (text) => (text === "" ? "" : postgresUrl(text)),
  ),
  host: setting("HOST", "127.0.0.1", "address to listen on; 0.0.0.0 for every interface", (text) => text),
  port: setting("PORT", "8080", "port to listen on; 0 takes a free one", integer(0, 65_535)),
  sharePort: setting(
    "SHARE_PORT",
    "0",
    "1 lets several processes listen on one port; the kernel spreads connections",
    oneOrZero,
  ),
  mode: setting("MODE", "live", "test or live: which keys and users this server serves", oneOf("test", "live")),
  roles: setting("ROLES", "api,worker", "what this process does: api, worker or both, with a comma between", roles),
  masterKeyFile: setting(
    "MASTER_KEY_FILE",
    "",
    "file of 32 random bytes in base64 or hexadecimal, readable by its owner alone",
    (path) => (path && readMasterKey(path), path),
  ),
  masterKeyCommand: setting(
    "MASTER_KEY_COMMAND",
    "",
    "instead of the file: a command that prints them, run once at the start (a KMS)",
    (text) => text,
  ),
  makerChecker: setting(
    "MAKER_CHECKER",
    "",
    "always or power (test mode only): what of staff's acts needs a second person; power: grants and prices alone; preset: power in test mode",
    (text) => (text === "" ? null : oneOf("always", "power")(text)),
  ),
  issuerPrefix: setting("ISSUER_PREFIX", "88", "first two digits of our payment codes", issuerPrefix),
  timeZone: setting("TIME_ZONE", "Asia/Shanghai", "IANA time zone of the business day", timeZone),
  smallPaymentLimit: setting(
    "SMALL_PAYMENT_LIMIT",
    "100000",
    "scanned payments up to this many minor units need no PIN",
    integer(0, Number.MAX_SAFE_INTEGER),
  ),
  dailyCodeLimit: setting(
    "DAILY_CODE_LIMIT",
    "500000",
    "most minor units a user pays by scanned codes a business day",
    integer(0, Number.MAX_SAFE_INTEGER),
  ),
  dailyStaticCodeLimit: setting(
    "DAILY_STATIC_CODE_LIMIT",
    "50000",
    "most minor units a user pays by shops' static QR codes a business day",
    integer(0, Number.MAX_SAFE_INTEGER),
  ),
  dailyTransferLimit: setting(
    "DAILY_TRANSFER_LIMIT",
    "2000000",
    "most minor units a user sends to other users a business day",
    integer(0, Number.MAX_SAFE_INTEGER),
  ),
  dailyOrderLimit: setting(
    "DAILY_ORDER_LIMIT",
    "5000000",
    "most minor units a user pays for orders, with session and PIN, a business day",
    integer(0, Number.MAX_SAFE_INTEGER),
  ),
  orderMinutes: setting(
    "ORDER_MINUTES",
    "30",
    "minutes an order waits for its payer unless it says when it expires",
    integer(1, 7 * 24 * 60),
  ),
  holdHours: setting(
    "HOLD_HOURS",
    "168",
    "hours an authorised payment holds its money unless it is captured or says when it ends",
    integer(1, 30 * 24),
  ),
  publicUrl: setting(
    "PUBLIC_URL",
    "",
    "address that payers reach this server at, for checkout links; preset: the address of the request",
    publicUrl,
  ),
  corsOrigins: setting(
    "CORS_ORIGINS",
    "",
    "origins of web pages that may call the API, with commas; in test mode pages of this machine always may",
    parseOrigins,
  ),
  rateLimits: setting(
    "RATE_LIMITS",
    presetText,
    "most requests by kind, NAME=COUNT/SECONDS or NAME=off with commas; what is not named stays as preset",
    parsePolicies,
  ),
  trustProxy: setting(
    "TRUST_PROXY",
    "",
    "addresses and ranges of our load balancers, with commas: only their X-Forwarded-For and -Proto are believed",
    (text) => (parseAddressRanges(text), text),
  ),
  mostConnections: setting("MOST_CONNECTIONS", "16384", "most connections of this process", integer(1, 1_000_000)),
  mostConnectionsPerAddress: setting(
    "MOST_CONNECTIONS_PER_ADDRESS",
    "4096",
    "most connections of one IPv4 address or IPv6 /64 to this process; load balancers are exempt",
    integer(1, 1_000_000),
  ),
  passkeyOrigins: setting(
    "PASSKEY_ORIGINS",
    "",
    "origins whose pages may use passkeys, with a comma between; preset: that of an https PUBLIC_URL, else http://localhost",
    passkeyOrigins,
  ),
  passkeyDomain: setting(
    "PASSKEY_DOMAIN",
    "",
    "domain that passkeys belong to (WebAuthn's RP ID), never to be changed; preset: the host of an https PUBLIC_URL, else localhost",
    domain,
  ),
  newDeviceChallenge: setting(
    "NEW_DEVICE_CHALLENGE",
    "",
    "whose sign-ins from an untrusted device are challenged: always, trusted (of users who trust a device) or never; preset: always in live mode, trusted in test mode",
    (text) => (text === "" ? "" : oneOf("always", "trusted", "never")(text)),
  ),
  currency: setting("CURRENCY", "CNY", "ISO 4217 code of the wallets' currency", currency),
  loopbackUrls: setting(
    "LOOPBACK_URLS",
    "0",
    "1 lets test data name webhooks on this machine, http too; refused in live mode",
    oneOrZero,
  ),
  webhookDisableDays: setting(
    "WEBHOOK_DISABLE_DAYS",
    "5",
    "days of nothing but failures after which a webhook endpoint is switched off",
    integer(1, 90),
  ),
  smtpUrl: setting(
    "SMTP_URL",
    "",
    "server that sends mail: smtps://user:password@host, or smtp:// with STARTTLS",
    smtpUrl,
  ),
  mailFrom: setting("MAIL_FROM", "", "sender of mail: name@example.com or Name <name@example.com>", mailFrom),
  smsGatewayUrl: setting("SMS_GATEWAY_URL", "", "https:// address that text messages are posted to", callableUrl),
  smsGatewaySecret: setting(
    "SMS_GATEWAY_SECRET",
    "",
    "secret that signs what is posted there, as Standard Webhooks do: whsec_ and base64",
    webhookSecret,
  ),
  alertSeverity: setting(
    "ALERT_SEVERITY",
    "warning",
    `least severe alerts that are sent: ${severities.join(", ")}`,
    oneOf(...severities),
  ),
  alertEmail: setting("ALERT_EMAIL", "", "where alerts are mailed to, by SMTP_URL: operator@example.com", mailAddress),
  alertWebhookUrl: setting("ALERT_WEBHOOK_URL", "", "https:// address that alerts are posted to", callableUrl),
  alertWebhookSecret: setting(
    "ALERT_WEBHOOK_SECRET",
    "",
    "secret that signs what is posted there, as Standard Webhooks do: whsec_ and base64",
    webhookSecret,
  ),
  metricsToken: setting(
    "METRICS_TOKEN",
    "",
    "bearer token of at least 24 characters for GET /metrics; without one only this machine may ask",
    metricsToken,
  ),
  otlpEndpoint: setting(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "",
    "address that OpenTelemetry traces are sent to by OTLP over HTTP: http://127.0.0.1:4318",
    callableUrl,
  ),
  traceRatio: setting("OTEL_TRACES_SAMPLER_ARG", "1", "share of the requests that are traced, 0 to 1", ratio),
  testClock: setting("TEST_CLOCK", "0", "1 lets tests move time; refused in live mode", oneOrZero),
  faultPoints: setting(
    "FAULT_POINTS",
    "",
    "faults to inject, NAME=kill|error|delay[:MS]; refused in live mode",
    faults,
  ),
  databaseConnections: setting(
    "DATABASE_CONNECTIONS",
    "10",
    "most database connections of this process",
    integer(4, 500),
  ),
  groupCommitLanes: setting("GROUP_COMMIT_LANES", "2", "batches of payments committed at once", integer(1, 32)),
  logLevel: setting("LOG_LEVEL", "info", `least severe log lines: ${logLevels.join(", ")}`, oneOf(...logLevels)),
};

type Settings = typeof settings;
export type Config = { readonly [Name in keyof Settings]: ReturnType<Settings[Name]["parse"]> };
export type Mode = Config["mode"];
const roleNames = ["api", "worker"] as const;
export type Role = (typeof roleNames)[number];

/** Some variables are wrong; names each with its reason. */
export class ConfigurationError extends Error {
  override name = "ConfigurationError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`the configuration is wrong:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

let current: Config | undefined;

/** Validates the environment, remembers and applies it. Throws {@link ConfigurationError} with everything that is wrong. */
export function configure(env: NodeJS.ProcessEnv = process.env): Config {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, { variable, preset, parse }] of Object.entries(settings)) {
    const text = env[variable]?.trim() || preset;
    try {
      if (text === undefined) throw new Error("must be set");
      values[name] = parse(text);
    } catch (error) {
      problems.push(`${variable}: ${(error as Error).message}`);
    }
  }
  const config = values as Config;
  if (!config.masterKeyFile && !config.masterKeyCommand && !problems.some((one) => one.startsWith("MASTER_KEY")))
    problems.push("MASTER_KEY_FILE: must be set");
  if (config.masterKeyFile && config.masterKeyCommand) problems.push("MASTER_KEY_COMMAND: not with MASTER_KEY_FILE");
  if (config.mode === "live" && config.testClock) problems.push("TEST_CLOCK: not in live mode");
  if (config.mode === "live" && config.loopbackUrls) problems.push("LOOPBACK_URLS: not in live mode");
  if (config.mode === "live" && config.faultPoints) problems.push("FAULT_POINTS: not in live mode");
  if (config.smtpUrl && !config.mailFrom) problems.push("MAIL_FROM: must be set together with SMTP_URL");
  if (config.smsGatewayUrl && !config.smsGatewaySecret)
    problems.push("SMS_GATEWAY_SECRET: must be set together with SMS_GATEWAY_URL");
  if (config.mode === "live" && config.makerChecker === "power") problems.push("MAKER_CHECKER: always in live mode");
  if (config.alertEmail && !config.smtpUrl && config.mode === "live")
    problems.push("ALERT_EMAIL: needs SMTP_URL to be sent by");
  if (config.alertWebhookUrl && !config.alertWebhookSecret)
    problems.push("ALERT_WEBHOOK_SECRET: must be set together with ALERT_WEBHOOK_URL");
  if (config.groupCommitLanes + 2 > config.databaseConnections)
    problems.push("GROUP_COMMIT_LANES: each needs a database connection, and two of DATABASE_CONNECTIONS stay free");
  const foreign = (config.passkeyOrigins ?? []).find((origin) => !belongsTo(origin, passkeyDomainOf(config)));
  if (foreign !== undefined) problems.push(`PASSKEY_ORIGINS: ${foreign} is outside of PASSKEY_DOMAIN`);
  if (problems.length > 0) throw new ConfigurationError(problems);
  log.level = config.logLevel;
  disarmFaultPoints();
  armFaultPoints(config.faultPoints);
  current = Object.freeze(config);
  return config;
}

/** What {@link configure} found. */
export function config(): Config {
  if (!current) throw new Error("configure() was not called");
  return current;
}

/** The text of `--help`: every variable, what it does, and its default. */
export function describeConfig(): string {
  return Object.values(settings)
    .map(({ variable, help, preset }) => {
      const given = preset === undefined ? "must be set" : preset === "" ? "not set" : `default ${preset}`;
      return `  ${variable.padEnd(22)}${help} (${given})`;
    })
    .join("\n");
}

/**
 * Reads the 32 bytes that every secret of the platform is sealed under. Throws when the file is missing, readable by others than its
 * owner, of another length, or looks like a default (all bytes the same).
 */
export function readMasterKey(path: string): Buffer {
  const about = statSync(path, { throwIfNoEntry: false });
  if (!about?.isFile()) throw new Error(`there is no file ${path}`);
  if (about.mode & 0o077) throw new Error(`${path} can be read by others: chmod 600 it`);
  return parseMasterKey(readFileSync(path, "utf8"), path);
}

/** Reads the text of a master key. `from`: where it came from, for the error. */
export function parseMasterKey(content: string, from: string): Buffer {
  const text = content.trim();
  const key = /^[0-9a-f]{64}$/i.test(text)
    ? Buffer.from(text, "hex")
    : /^[\w+/-]{43}=?$/.test(text)
      ? Buffer.from(text, "base64")
      : undefined;
  if (key?.length !== 32) throw new Error(`${from} does not hold 32 bytes in base64 or hexadecimal`);
  if (key.every((byte) => byte === key[0])) throw new Error(`${from} holds a default, not random bytes`);
  return key;
}

function postgresUrl(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== "postgres:" && url?.protocol !== "postgresql:") throw new Error("is not a postgres:// address");
  return text;
}

/** Without the slash at its end; empty when it is not set. A key travels behind it, so only a browser on this machine may do without TLS. */
function publicUrl(text: string): string {
  if (text === "") return "";
  const url = URL.parse(text);
  const isLocal = url?.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (!url || url.search || url.hash || url.username || !(url.protocol === "https:" || isLocal))
    throw new Error(`"${text}" is not an https:// address without query`);
  return url.href.replace(/\/$/, "");
}

function smtpUrl(text: string): string {
  const url = text && URL.parse(text);
  if (url === null || (url && (!["smtp:", "smtps:"].includes(url.protocol) || !url.hostname || url.search || url.hash)))
    throw new Error("is not an smtps:// or smtp:// address without query"); // It may hold a password: it is not quoted.
  return text;
}

/** One line, one address: what stands here goes into every mail's header. */
function mailFrom(text: string): string {
  if (text && !/^([^<>\r\n@",;]+ <[^\s<>@]+@[^\s<>@]+>|[^\s<>@,;"]+@[^\s<>@,;"]+)$/.test(text))
    throw new Error(`"${text}" is not an address such as Feiqian <noreply@example.com>`);
  return text;
}

/** Where it may lead is looked at when it is called; test mode may name this machine. */
function callableUrl(text: string): string {
  const url = text && URL.parse(text);
  if (url === null || (url && !["https:", "http:"].includes(url.protocol)))
    throw new Error("is not an https:// address");
  return text;
}

function mailAddress(text: string): string {
  if (text && !/^[^\s<>@,;"]+@[^\s<>@,;"]+$/.test(text)) throw new Error(`"${text}" is not an address`);
  return text;
}

function ratio(text: string): number {
  const value = Number(text);
  if (!/^[\d.]+$/.test(text) || !(value >= 0 && value <= 1)) throw new Error(`"${text}" is not a number from 0 to 1`);
  return value;
}

function metricsToken(text: string): string {
  if (text && !/^[\x21-\x7e]{24,512}$/.test(text)) throw new Error("is not 24 to 512 visible characters");
  return text;
}

function webhookSecret(text: string): string {
  if (text && !keyOf(text)) throw new Error("is not whsec_ and base64 of 24 to 64 bytes");
  return text;
}

/** Pages, and Android apps, whose origin is the digest of their key. Other sites' passkeys are out of reach: browsers see to it. */
function passkeyOrigins(text: string): readonly string[] {
  const origins = text.split(",").flatMap((part) => part.trim() || []);
  for (const origin of origins) {
    const url = URL.parse(origin);
    const isPage = url?.protocol === "https:" || (url?.protocol === "http:" && url.hostname === "localhost");
    if (!(isPage && url.origin === origin) && !/^android:apk-key-hash:[\w-]{43}$/.test(origin))
      throw new Error(`"${origin}" is not an https:// origin without path`);
  }
  return origins;
}

/** WebAuthn's RP ID: what is configured, else the host that payers know. */
export const passkeyDomainOf = ({ passkeyDomain, publicUrl }: Pick<Config, "passkeyDomain" | "publicUrl">): string =>
  passkeyDomain || (publicUrl.startsWith("https:") && new URL(publicUrl).hostname) || "localhost";

/** Browsers ask the same: a page may use the passkeys of its own domain and of those above it. */
const belongsTo = (origin: string, domain: string): boolean =>
  !origin.startsWith("http") || `.${new URL(origin).hostname}`.endsWith(`.${domain}`);

function domain(text: string): string {
  if (text !== "" && !/^(?!(.*\.)?\d+$)[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(text))
    throw new Error(`"${text}" is not a domain in lower case`);
  return text;
}

function integer(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new Error(`"${text}" is not a whole number from ${least} to ${most}`);
    return value;
  };
}

function oneOf<const Choice extends string>(...choices: Choice[]) {
  return (text: string): Choice => {
    if (!choices.includes(text as Choice)) throw new Error(`"${text}" is not one of ${choices.join(", ")}`);
    return text as Choice;
  };
}

function oneOrZero(text: string): boolean {
  return oneOf("0", "1")(text) === "1";
}

function roles(text: string): ReadonlySet<Role> {
  return new Set(text.split(",").map((role) => oneOf(...roleNames)(role.trim())));
}

/** Prefixes by which scanners tell other wallets' codes from ours: WeChat 10–15, Alipay 25–30, UnionPay 62. */
function issuerPrefix(text: string): string {
  if (!/^\d\d$/.test(text)) throw new Error(`"${text}" is not two digits`);
  if (/^(1[0-5]|2[5-9]|30|62)$/.test(text)) throw new Error(`${text} belongs to another wallet`);
  return text;
}

function timeZone(text: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new Error(`"${text}" is not an IANA time zone such as Asia/Shanghai`);
  }
}

function currency(text: string): string {
  if (!isCurrency(text)) throw new Error(`"${text}" is not an ISO 4217 code such as CNY`);
  return text;
}

function faults(text: string): string {
  parseFaultPoints(text);
  return text;
}
