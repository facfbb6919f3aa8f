/**
 * All time comes from here. Production reads the machine's clock; where the test clock is switched on, an offset that
 * lives in the database moves every process and `clock_now()` in SQL together.
 */
let offsetMs = 0;

/** Now in milliseconds since 1970, moved by the test clock. */
export const now = (): number => Date.now() + offsetMs;

/** Told by whoever read the offset from the database; see `test-clock.ts`. */
export function setClockOffset(ms: number): void {
  offsetMs = ms;
}

export const clockOffset = (): number => offsetMs;

/** Monotonic milliseconds for durations; never moved by the test clock. */
export const elapsed = (): number => performance.now();
