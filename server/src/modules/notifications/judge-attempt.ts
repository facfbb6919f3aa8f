import { type OutgoingAnswer, OutgoingRefused } from "#kit/outgoing.ts";
import type { DeliveryError, DeliveryStatus } from "./delivery.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Milliseconds from one attempt to the next, as Standard Webhooks suggest: ten attempts within some three days. */
export const retryAfterMs: readonly number[] = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];
/** Up to a tenth more, so that what failed together does not come back together. */
const jitter = 0.1;
/** The longest that a receiver may put us off. */
const longestPutOffMs = 24 * hour;
const mostExcerptBytes = 1_024;

/** What one attempt came to. */
export interface Verdict {
  readonly status: DeliveryStatus;
  /** Until the next attempt, while it is pending. */
  readonly waitMs: number | null;
  readonly responseStatus: number | null;
  readonly excerpt: string | null;
  readonly error: DeliveryError | null;
  /** The receiver said that it will never take anything again. */
  readonly gone: boolean;
  /** For how long the receiver wants nothing at all. */
  readonly restMs: number;
}

/** Judges an answer. `attempts` is how many there were before. Only 2xx is a success; a redirect is a failure. */
export function judgeAnswer({ status, headers, body }: OutgoingAnswer, attempts: number, nowMs: number): Verdict {
  const facts = { responseStatus: status, excerpt: excerptOf(body), gone: status === 410, restMs: 0 };
  if (status >= 200 && status < 300) return { ...facts, status: "succeeded", waitMs: null, error: null };
  if (facts.gone) return { ...facts, status: "failed", waitMs: null, error: "status" };
  const restMs = status === 429 || status === 503 ? putOffMs(headers["retry-after"], nowMs) : 0;
  return { ...facts, ...again(attempts, restMs), error: "status", restMs };
}

/** Judges an attempt that got no answer. */
export function judgeFailure(error: unknown, attempts: number): Verdict {
  const facts = { responseStatus: null, excerpt: null, gone: false, restMs: 0 };
  return { ...facts, ...again(attempts, 0), error: failureOf(error) };
}

function again(attempts: number, leastMs: number): Pick<Verdict, "status" | "waitMs"> {
  const wait = retryAfterMs[attempts];
  if (wait === undefined) return { status: "failed", waitMs: null };
  return { status: "pending", waitMs: Math.round(Math.max(wait, leastMs) * (1 + Math.random() * jitter)) };
}

function failureOf(error: unknown): DeliveryError {
  if (error instanceof OutgoingRefused) return "address_refused";
  const { name, code } = error as { name?: string; code?: string };
  return name === "TimeoutError" || /TIMEOUT|ETIMEDOUT/.test(code ?? "") ? "timeout" : "connection_failed";
}

/** `Retry-After` in seconds or as a date (RFC 9110). */
function putOffMs(header: string | string[] | undefined, nowMs: number): number {
  if (typeof header !== "string") return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * second : Date.parse(header) - nowMs;
  return ms > 0 ? Math.min(ms, longestPutOffMs) : 0;
}

/** What PostgreSQL can keep of the first kilobyte. */
const excerptOf = (body: string): string =>
  Buffer.from(body)
    .subarray(0, mostExcerptBytes)
    .toString("utf8")
    .replaceAll("\u0000", "")
    .replace(/\uFFFD+$/, "");
