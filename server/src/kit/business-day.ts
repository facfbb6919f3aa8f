/**
 * Business days: the calendar day of the operator's time zone. Limits, settlement and statements count by them.
 */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** No zone changes its offset within a quarter of an hour of UTC, and asking for it costs fifty times what an addition does. */
const slotMs = 15 * 60_000;
let lastOffset = { timeZone: "", slot: Number.NaN, ms: 0 };

/** What the wall clock of a zone shows at an instant, as if it were UTC (milliseconds), to the second. */
function wallClock(at: number, timeZone: string): number {
  const slot = Math.floor(at / slotMs);
  if (lastOffset.slot !== slot || lastOffset.timeZone !== timeZone) {
    lastOffset = { timeZone, slot, ms: wallClockOfSlot(slot * slotMs, timeZone) - slot * slotMs };
  }
  return Math.floor(at / 1000) * 1000 + lastOffset.ms;
}

function wallClockOfSlot(at: number, timeZone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) part[type] = Number(value);
  return Date.UTC(part.year as number, (part.month as number) - 1, part.day, part.hour, part.minute, part.second);
}

/** The business day of an instant (milliseconds), as `2026-11-21`. */
export function businessDay(at: number, timeZone: string): string {
  return new Date(wallClock(at, timeZone)).toISOString().slice(0, 10);
}

/**
 * The instant (milliseconds) at which the business day of `at` ends: the first one of the next day in that zone. That is midnight, or
 * an hour later where the clock skips midnight (daylight saving time in Cairo).
 */
export function endOfBusinessDay(at: number, timeZone: string): number {
  const shown = wallClock(at, timeZone);
  const day = new Date(shown);
  const midnight = Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate() + 1);
  const byPresentOffset = midnight - (shown - Math.floor(at / 1000) * 1000);
  // The offset may be another one by then.
  const byNextOffset = midnight - (wallClock(byPresentOffset, timeZone) - byPresentOffset);
  const begins = [byNextOffset, byPresentOffset].filter((instant) => wallClock(instant, timeZone) >= midnight);
  return Math.min(...begins);
}

/** What the wall clock of a zone shows at an instant (milliseconds), as `2026-11-21 20:00:00`. */
export const localTime = (at: number, timeZone: string): string =>
  new Date(wallClock(at, timeZone)).toISOString().slice(0, 19).replace("T", " ");

/** The instant (milliseconds) at which a business day, as `2026-11-21`, begins: the end of the one before. */
export function startOfBusinessDay(day: string, timeZone: string): number {
  // An hour around noon of the day before is well within it, whatever the offset does.
  const noonInUtc = Date.parse(`${day}T12:00:00Z`) - 86_400_000;
  const offset = wallClock(noonInUtc, timeZone) - noonInUtc;
  return endOfBusinessDay(noonInUtc - offset, timeZone);
}
