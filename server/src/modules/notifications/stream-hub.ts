import type { Tail } from "#kit/feed.ts";
import { type HurryingLoop, repeat } from "#kit/loop.ts";
import { type ToldEvent, tailEvents } from "#kit/outbox.ts";
import type { Listener } from "./listener.ts";

const batch = 500;
const shortestPauseMs = 20;
const longestPauseMs = 200;

interface Feeding {
  readonly tail: Tail<ToldEvent>;
  readonly started: Promise<void>;
  loop: HurryingLoop | undefined;
}

/**
 * One feed of this process's open streams: however many listen, events are read once. It runs while somebody listens.
 */
class StreamHub {
  readonly #listeners = new Map<string, Set<Listener>>();
  #feeding: Feeding | undefined;

  /** Lets a listener hear everything after the position that is given back, and nothing before. */
  async join(listener: Listener): Promise<number> {
    for (;;) {
      const feeding = (this.#feeding ??= this.#begin());
      await feeding.started.catch((error) => {
        if (this.#feeding === feeding) this.#feeding = undefined;
        throw error;
      });
      // It ended while it began, because everybody else left.
      if (this.#feeding !== feeding) continue;
      for (const channel of channelsOf(listener)) {
        this.#listeners.set(channel, (this.#listeners.get(channel) ?? new Set()).add(listener));
      }
      return feeding.tail.position;
    }
  }

  leave(listener: Listener): void {
    for (const channel of channelsOf(listener)) {
      const there = this.#listeners.get(channel);
      there?.delete(listener);
      if (there?.size === 0) this.#listeners.delete(channel);
    }
    if (this.#listeners.size > 0 || !this.#feeding) return;
    const over = this.#feeding;
    this.#feeding = undefined;
    void over.loop?.stop();
  }

  get all(): readonly Listener[] {
    return [...this.#listeners.values()].flatMap((listeners) => [...listeners]);
  }

  #begin(): Feeding {
    const tail = tailEvents();
    const feeding: Feeding = { tail, loop: undefined, started: tail.start().then(() => this.#run(feeding)) };
    return feeding;
  }

  #run(feeding: Feeding): void {
    if (this.#feeding !== feeding) return;
    let pauseMs = shortestPauseMs;
    feeding.loop = repeat(
      "stream",
      () => pauseMs,
      async () => {
        const { rows, position } = await feeding.tail.read(batch);
        // Everybody left while this was read, and who came since hears another feed.
        if (this.#feeding !== feeding) return false;
        feeding.tail.passed(position);
        for (const event of rows) this.#tell(event);
        pauseMs = rows.length > 0 ? shortestPauseMs : Math.min(pauseMs * 1.5, longestPauseMs);
        return rows.length === batch;
      },
    );
  }

  #tell(event: ToldEvent): void {
    const mode = event.livemode ? "live" : "test";
    const channels = new Set([`${event.ownerId} ${mode}`, `${event.payer} ${mode}`, "staff"]);
    for (const channel of channels) for (const listener of this.#listeners.get(channel) ?? []) listener.tell(event);
  }
}

export const streams = new StreamHub();

/** Under what a listener is told: its own events of its mode, which for a payer are also those that name it; staff all. */
function channelsOf({ actor }: Listener): string[] {
  switch (actor.kind) {
    case "merchant":
      return [`${actor.merchantId} ${actor.livemode ? "live" : "test"}`];
    case "user":
      return [`${actor.userId} ${actor.livemode ? "live" : "test"}`];
    case "staff":
      return ["staff"];
    case "payer":
    case "terminal":
      return [];
  }
}
