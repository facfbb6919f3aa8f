import type { ServerResponse } from "node:http";
import type { Actor } from "#kit/actor.ts";
import { elapsed } from "#kit/clock.ts";
import type { ToldEvent } from "#kit/outbox.ts";

/** Bytes that may wait for one slow reader, and for how long; events that may wait while it reads back. */
const mostWaitingBytes = 8 * 1024 * 1024;
const mostWaitingMs = 10_000;
const mostWaitingEvents = 2_000;
/** How long a reader that reads back may take to make room. */
const roomWithinMs = 10_000;
const endWithinMs = 1_000;

/** One open stream. What it is too slow for ends it: it comes back and resumes. */
export class Listener {
  readonly actor: Actor;
  readonly #response: ServerResponse;
  /** What happens while it is still reading back. */
  #held: ToldEvent[] | undefined;
  /** Since when something waits for the reader. */
  #waitingSince: number | undefined;

  constructor(actor: Actor, response: ServerResponse) {
    this.actor = actor;
    this.#response = response;
    response.on("drain", () => {
      this.#waitingSince = undefined;
    });
  }

  get ended(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  /** From now on events wait until {@link release}. */
  hold(): void {
    this.#held = [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const event of held) this.tell(event);
  }

  tell(event: ToldEvent): void {
    if (this.ended) return;
    if (this.#held) {
      if (this.#held.push(event) > mostWaitingEvents) this.#response.destroy();
      return;
    }
    this.#write(messageOf(event, this.actor));
  }

  /** As {@link tell} for what is read back: waits until there is room for more. */
  async tellBack(event: ToldEvent): Promise<void> {
    if (this.ended || this.#response.write(messageOf(event, this.actor))) return;
    const room = Promise.withResolvers<void>();
    const late = setTimeout(() => this.#response.destroy(), roomWithinMs);
    for (const moment of ["drain", "close"]) this.#response.once(moment, room.resolve);
    await room.promise;
    for (const moment of ["drain", "close"]) this.#response.off(moment, room.resolve);
    clearTimeout(late);
  }

  /** What the client knows may lack something: it should read its objects again. */
  tellOfGap(): void {
    this.#write('event: stream.reset\ndata: {"object":"stream_reset"}\n\n');
  }

  /** Keeps proxies from closing a quiet connection. */
  beat(): void {
    this.#write(": still here\n\n");
  }

  /** Ends the stream; a reader that does not take the rest of it is cut off. */
  end(): void {
    if (this.ended) return;
    this.#response.end();
    setTimeout(() => this.#response.destroy(), endWithinMs).unref();
  }

  #write(text: string): void {
    if (this.ended) return;
    if (this.#response.write(text)) return;
    this.#waitingSince ??= elapsed();
    const tooLong = elapsed() - this.#waitingSince > mostWaitingMs;
    if (tooLong || this.#response.writableLength > mostWaitingBytes) this.#response.destroy();
  }
}

/** An event as a message of a stream (HTML standard, server-sent events); its `id` is the event's. */
function messageOf({ id, type, createdAt, livemode, object, ownerId }: ToldEvent, actor: Actor): string {
  const head = { id, object: "event", type, created_at: createdAt.toISOString(), livemode };
  const shown = actor.kind === "user" && ownerId !== actor.userId ? withoutNotes(object) : object;
  const data = `${JSON.stringify(head).slice(0, -1)},"data":{"object":${oneLine(shown)}}}`;
  return `id: ${id}\nevent: ${type}\ndata: ${data}\n\n`;
}

/** JSON that was stored with line breaks in between has none that matter. */
const oneLine = (json: string): string => (/[\r\n]/.test(json) ? JSON.stringify(JSON.parse(json)) : json);

/** A payer sees a payment without the merchant's own notes, as when it reads it. */
function withoutNotes(json: string): string {
  const object = JSON.parse(json) as Record<string, unknown>;
  const notes = { metadata: {}, notify: null, profit_sharing: null };
  return JSON.stringify({ ...object, ...Object.fromEntries(Object.entries(notes).filter(([name]) => name in object)) });
}
