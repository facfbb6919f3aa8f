import { type ApiError, ConnectionError, secondsOf } from "./errors.ts";

const firstPauseMs = 500;
const longestPauseMs = 8_000;
/** A server that asks for more patience than this gets none: the caller, who may have a customer waiting, decides. */
const longestWaitMs = 10_000;

/** What was asked, as far as it decides whether to ask again. */
export interface Attempt {
  /** Repeating it does no harm: it reads, or has an idempotency key, or sets what it says. */
  readonly repeatable: boolean;
  /** How many attempts there were. */
  readonly made: number;
}

/**
 * Milliseconds to wait before the same request is sent again, or nothing when it should not be: lost answers, overload and a first request
 * that still runs are worth another try, everything else is an answer.
 */
export function pauseBefore(failure: unknown, { repeatable, made }: Attempt): number | undefined {
  if (failure instanceof ConnectionError) return repeatable ? backoff(made) : undefined;
  const { status, code, headers } = failure as ApiError;
  const isWorthIt =
    code === "idempotency_in_progress" || status === 429 || status === 503 || (repeatable && status >= 500);
  if (!isWorthIt) return undefined;
  const asked = secondsOf(headers.get("retry-after"));
  if (asked === undefined) return backoff(made);
  const pause = asked * 1000;
  return pause > longestWaitMs ? undefined : pause + Math.random() * firstPauseMs;
}

/** Doubles with each attempt; from half to all of it, so that many clients don't come back at once. */
export function backoff(made: number): number {
  const most = Math.min(longestPauseMs, firstPauseMs * 2 ** (made - 1));
  return most * (0.5 + Math.random() / 2);
}

/** Waits; an abort ends it with the signal's reason. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(reasonOf(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Why somebody gave up; always an error. */
export function reasonOf(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error("aborted", { cause: signal?.reason });
}
