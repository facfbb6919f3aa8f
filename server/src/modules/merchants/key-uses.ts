import { now } from "#kit/clock.ts";
import { inTransaction, plainArray, run } from "#kit/db.ts";
import { log } from "#kit/log.ts";
import { updateKeyUses } from "./sql.ts";

/** When each key was last used here, in milliseconds since 1970, and is not written yet. */
let uses = new Map<string, number>();
let timer: NodeJS.Timeout | undefined;
const pauseMs = 30_000;

/** Notes that a key is used now. It is written later, together with other keys' uses: never by the request itself. */
export function noteKeyUse(keyId: string): void {
  uses.set(keyId, now());
  timer ??= setTimeout(() => void flushKeyUses(), pauseMs).unref();
}

/** Writes what was noted; a process that stops calls it last. Never throws: what can't be written is lost, and the next use will tell. */
export async function flushKeyUses(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  if (uses.size === 0) return;
  const noted = uses;
  uses = new Map();
  const times = [...noted.values()].map((ms) => new Date(ms).toISOString());
  try {
    await inTransaction((tx) => run(tx, updateKeyUses, [plainArray([...noted.keys()]), plainArray(times)]));
  } catch (error) {
    log.warn({ err: error }, "last uses of API keys could not be written");
  }
}
