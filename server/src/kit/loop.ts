import { log } from "./log.ts";
import { signal } from "./security-signals.ts";

/** Something that runs in the background until it is stopped. */
export interface Loop {
  /** Resolves when the round that is running has ended. */
  stop(): Promise<void>;
}

export interface HurryingLoop extends Loop {
  /** Ends the pause, if there is one. */
  hurry(): void;
}

const longestPauseMs = 5_000;

/**
 * Repeats `work` with a pause in between, which may change from round to round. Work that says `true` had more to do than it took and is called again at once;
 * failures are logged and tried again with growing pauses.
 */
export function repeat(name: string, pauseMs: number | (() => number), work: () => Promise<boolean>): HurryingLoop {
  let stopped = false;
  let wake = () => {};
  let timer: NodeJS.Timeout | undefined;
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      timer = setTimeout(resolve, ms);
    });

  const running = (async () => {
    let failures = 0;
    while (!stopped) {
      let more = false;
      try {
        more = await work();
        failures = 0;
      } catch (error) {
        failures++;
        if (stopped) return;
        log.warn({ loop: name, failures, err: error }, "a background round failed");
        signal("loop_failed", { subject: name, details: { failures } });
      }
      if (stopped) return;
      if (more) continue;
      const ms = typeof pauseMs === "number" ? pauseMs : pauseMs();
      await pause(failures === 0 ? ms : Math.min(ms * 2 ** failures, longestPauseMs));
    }
  })();

  const hurry = () => {
    clearTimeout(timer);
    wake();
  };
  return {
    hurry,
    async stop() {
      stopped = true;
      hurry();
      await running;
    },
  };
}
