import type { Actor } from "./actor.ts";
import { blindIndex } from "./crypto.ts";
import { database, rowArray, run, sql, sqlState, textArray } from "./db.ts";
import { log } from "./log.ts";
import { gauge } from "./metrics.ts";
import { maskAddress, networkOf } from "./networks.ts";
import type { Severity } from "./severity.ts";

/**
 * Everything that can be signalled, and how much one of it alone matters. What many of them mean is for the rules of monitoring to say.
 */
export const signalKinds = {
  // People and their devices
  sign_in_failed: "info",
  sign_in_throttled: "info",
  one_time_code_wrong: "info",
  second_factor_wrong: "info",
  passkey_refused: "info",
  recovery_code_used: "warning",
  refresh_token_reused: "warning",
  pin_wrong: "info",
  pin_locked: "warning",
  device_signature_failed: "warning",
  revoked_device_used: "warning",

  // Merchants' programs and terminals
  credentials_unknown: "info",
  permission_refused: "info",
  signature_failed: "warning",
  signature_replayed: "warning",
  address_refused: "warning",
  pairing_code_wrong: "info",
  revoked_terminal_used: "warning",
  payment_code_wrong: "info",
  scanning_locked: "warning",
  payment_key_wrong: "info",
  callback_forged: "warning",
  card_refused: "info",
  refunds_unusual: "warning",

  // Staff
  staff_sign_in_failed: "warning",
  staff_sign_in_throttled: "warning",
  approval_violated: "warning",
  approval_tampered: "critical",
  personal_data_shown: "info",

  // The edge
  rate_limited: "info",
  request_broken: "info",
  body_hostile: "info",
  origin_refused: "info",
  connections_refused: "info",

  // The platform itself
  audit_log_broken: "critical",
  ledger_difference: "critical",
  unseal_failed: "critical",
  overloaded: "warning",
  job_failed: "warning",
  loop_failed: "warning",
  database_unavailable: "critical",
  request_failed: "warning",
} as const satisfies Record<string, Severity>;
export type SignalKind = keyof typeof signalKinds;

export interface SignalFacts {
  /** Whom or what it is counted by: an id of ours, or the name of a queue, job, table. Anything else is stored as a keyed digest. */
  subject?: string | null | undefined;
  /** IP address. Stored as a keyed digest of its network, beside its masked form. */
  address?: string | null | undefined;
  /** What to look at. */
  objectId?: string | null | undefined;
  merchantId?: string | null | undefined;
  livemode?: boolean | null | undefined;
  /** A few plain values that help whoever looks; of many signals in one the last. Neither secrets nor personal data. */
  details?: Readonly<Record<string, string | number | boolean | null>> | undefined;
}

interface Waiting {
  readonly kind: SignalKind;
  facts: SignalFacts;
  network: string | null;
  count: number;
}

/** Most rows that wait in this process; of what is beyond only the kind is counted. So a flood grows neither memory nor the table. */
const mostWaiting = 200;
const shortestPauseMs = 500;
/** While every flush is full, pauses double up to this. */
const longestPauseMs = 10_000;
const mostDetailsLength = 1_000;

let waiting = new Map<string, Waiting>();
let timer: NodeJS.Timeout | undefined;
let pauseMs = shortestPauseMs;
let flushing = Promise.resolve();

/** How many of each kind this process has had. */
const counted = new Map<SignalKind, number>();

/**
 * Says that something happened. Counted in memory and written a moment later, many at once: it never throws, nobody waits for it,
 * and a process that is killed loses what it had not written.
 */
export function signal(kind: SignalKind, facts: SignalFacts = {}): void {
  counted.set(kind, (counted.get(kind) ?? 0) + 1);
  note(kind, facts, 1);
  timer ??= setTimeout(() => void flushSignals(), pauseMs).unref();
}

/** Whose doing it is: for the facts of a signal. */
export function callerOf(actor: Actor | undefined): Pick<SignalFacts, "subject" | "merchantId" | "livemode"> {
  switch (actor?.kind) {
    case "merchant":
      return { subject: actor.keyId, merchantId: actor.merchantId, livemode: actor.livemode };
    case "terminal":
      return { subject: actor.terminalId, merchantId: actor.merchantId, livemode: actor.livemode };
    case "user":
      return { subject: actor.userId, livemode: actor.livemode };
    case "payer":
      return { subject: actor.paymentId, livemode: actor.livemode };
    case "staff":
      return { subject: actor.staffId };
    case undefined:
      return {};
  }
}

gauge(
  "feiqian_signals_total",
  "Security signals of this process.",
  ["kind", "severity"],
  () => [...counted].map(([kind, count]) => [[kind, signalKinds[kind]], count] as const),
  "counter",
);

function note(kind: SignalKind, facts: SignalFacts, count: number): void {
  const network = facts.address ? networkOf(facts.address) : null;
  const key = `${kind} ${facts.subject ?? ""} ${network ?? ""} ${facts.merchantId ?? ""}`;
  const same = waiting.get(key);
  if (same) {
    same.count += count;
    same.facts = { ...same.facts, ...facts };
  } else if (waiting.size < mostWaiting) waiting.set(key, { kind, facts, network, count });
  else noteKindAlone(kind, count);
}

function noteKindAlone(kind: SignalKind, count: number): void {
  const alone = waiting.get(`${kind} beyond`);
  if (alone) alone.count += count;
  else waiting.set(`${kind} beyond`, { kind, facts: {}, network: null, count });
}

/** Writes what is counted; a process that stops calls it last. Never throws: what can't be written waits for the next time. */
export function flushSignals(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  flushing = flushing.then(flush);
  return flushing;
}

async function flush(): Promise<void> {
  if (waiting.size === 0) return;
  const taken = [...waiting.values()];
  waiting = new Map();
  pauseMs = taken.length < mostWaiting ? shortestPauseMs : Math.min(pauseMs * 2, longestPauseMs);
  try {
    await run(database(), insertSignals, [
      rowArray(taken, fieldsOf),
      textArray(taken.map(({ facts }) => detailsOf(facts))),
    ]);
  } catch (error) {
    log.warn({ err: error, signals: taken.length }, "security signals could not be written");
    // A value that PostgreSQL does not take must not come back for ever.
    if (sqlState(error)?.startsWith("22")) return;
    for (const { kind, facts, count } of taken) note(kind, facts, count);
    timer ??= setTimeout(() => void flushSignals(), longestPauseMs).unref();
  }
}

const fieldsOf = ({ kind, facts, network, count }: Waiting) => [
  kind,
  facts.subject ? nameless(facts.subject) : null,
  network && blindIndex(network, "security_signals.address"),
  facts.address && network ? maskAddress(facts.address) : null,
  facts.merchantId ?? null,
  facts.livemode ?? null,
  facts.objectId ? nameless(facts.objectId) : null,
  count,
];

/** Ids of ours and names of our code (`payments`, `identity.forget_old_attempts`) say nothing about a person; everything else is digested. */
const isNameless = (text: string): boolean => /^[a-z]{1,6}_[0-9a-hjkmnp-tv-z]{26}$|^[a-z][a-z_.]{0,63}$/.test(text);

const nameless = (text: string): string => (isNameless(text) ? text : blindIndex(text, "security_signals.subject"));

function detailsOf({ details = {} }: SignalFacts): string {
  const text = JSON.stringify(details);
  return text.length <= mostDetailsLength ? text : "{}";
}

const insertSignals = sql(
  "security_signals.insert",
  `insert into security_signals (kind, subject, address, address_masked, merchant_id, livemode, object_id, count, details, created_at)
   select s.*, (select clock_now()) from unnest($1::new_signal[], $2::json[]) s`,
);
