import { type ApiSettings, type RequestOptions, requestOf } from "./api.ts";
import { ConnectionError, errorOf, FeiqianError, isObject } from "./errors.ts";
import type { Event } from "./generated/types.ts";
import { backoff, pause, pauseBefore, reasonOf } from "./retry.ts";

/** Server-sent events over `fetch`, which can send a key where `EventSource` can't. */

export interface StreamOptions extends Omit<RequestOptions, "timeoutMs" | "idempotencyKey"> {
  /** Go on after the event with this id; without it the stream begins now. */
  lastEventId?: string;
  /** Told when the stream is open, also after each reconnection. */
  onOpen?: () => void;
  /** Told when events may be missing, because the stream broke off too long ago: read your objects again. */
  onReset?: () => void;
  /** Milliseconds of silence after which the connection is taken for dead; the server says something every few seconds. */
  silenceMs?: number;
}

const defaultSilenceMs = 60_000;

/**
 * The events from now on, or after `lastEventId`, without an end: a lost connection is opened again where it broke. Ends with the signal's
 * reason when aborted; throws when the server refuses.
 */
export async function* streamEvents(
  settings: ApiSettings,
  { lastEventId, onOpen, onReset, silenceMs = defaultSilenceMs, ...options }: StreamOptions = {},
): AsyncGenerator<Event, void, undefined> {
  let last = lastEventId;
  let failures = 0;
  const maxRetries = options.maxRetries ?? Number.POSITIVE_INFINITY;
  for (;;) {
    let failure: FeiqianError = new ConnectionError("The event stream ended.");
    try {
      for await (const message of connect(settings, last, silenceMs, options, onOpen)) {
        failures = 0;
        if (message.id) last = message.id;
        if (message.event === "stream.reset") onReset?.();
        else yield eventOf(message.data);
      }
    } catch (error) {
      if (options.signal?.aborted) throw reasonOf(options.signal);
      if (!(error instanceof FeiqianError)) throw error;
      failure = error;
    }
    failures++;
    const wait = pauseBefore(failure, { repeatable: true, made: failures });
    if (failures > maxRetries || wait === undefined) throw failure;
    await pause(failure instanceof ConnectionError ? Math.min(wait, backoff(failures)) : wait, options.signal);
  }
}

interface Message {
  event: string;
  id: string;
  data: string;
}

/** One connection's messages, until it breaks. */
async function* connect(
  settings: ApiSettings,
  lastEventId: string | undefined,
  silenceMs: number,
  options: RequestOptions,
  onOpen: (() => void) | undefined,
): AsyncGenerator<Message, void, undefined> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  if (options.signal?.aborted) throw reasonOf(options.signal);
  options.signal?.addEventListener("abort", stop, { once: true });
  let silence = setTimeout(stop, silenceMs);
  try {
    const resumed = { "last-event-id": lastEventId };
    const asked = { method: "GET", path: "/v1/stream", headers: { accept: "text/event-stream", ...resumed } };
    const { url, init } = await requestOf(settings, asked, options);
    const response = await fetchStream(settings, url, { ...init, signal: controller.signal, redirect: "manual" });
    onOpen?.();
    const messages = new MessageReader();
    const reader = response.getReader();
    for (;;) {
      const { done, value } = await reader.read().catch(broken);
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(stop, silenceMs);
      yield* messages.read(value);
    }
  } finally {
    clearTimeout(silence);
    options.signal?.removeEventListener("abort", stop);
    controller.abort();
  }
}

async function fetchStream(
  settings: ApiSettings,
  url: string,
  init: RequestInit,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const response = await settings.fetch(url, init).catch(broken);
  if (!response.ok || !response.body) {
    const text = await response.text().catch(broken);
    throw errorOf(response.status, response.headers, readJson(text));
  }
  return response.body;
}

function broken(cause: unknown): never {
  throw new ConnectionError("The event stream broke off.", { cause });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function eventOf(data: string): Event {
  const event = readJson(data);
  if (!isObject(event) || typeof event.id !== "string") throw new FeiqianError("The event stream sent no event.");
  return event as unknown as Event; // The platform's own words.
}

/** Takes messages out of chunks that end anywhere (WHATWG HTML, section 9.2.6). */
export class MessageReader {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #event = "";
  #id = "";
  #data: string[] = [];

  *read(chunk: Uint8Array): Generator<Message> {
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true });
    // A carriage return at the very end may be half of a line's end.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line !== "") this.#field(line);
      else yield* this.#message();
    }
  }

  #field(line: string): void {
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "event") this.#event = value;
    else if (name === "data") this.#data.push(value);
    else if (name === "id" && !value.includes("\0")) this.#id = value;
  }

  /** What an empty line ends; one without data is none. */
  *#message(): Generator<Message> {
    const message = { event: this.#event, id: this.#id, data: this.#data.join("\n") };
    const isMessage = this.#data.length > 0;
    this.#event = "";
    this.#data = [];
    if (isMessage) yield message;
  }
}
