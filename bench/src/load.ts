import { setTimeout as sleep } from "node:timers/promises";
import { elapsed } from "@feiqian/server/kit/clock.ts";
import { type Answer, Connection, type LoadRequest } from "./connection.ts";
import { Histogram } from "./histogram.ts";

/**
 * Puts a load on an HTTP server over keep-alive connections, one request at a time on each, and measures every answer. It is as
 * light as Node allows (about 15 µs of one core a request), because it shares the machine with what it measures.
 */
export interface LoadOptions<Request extends LoadRequest> {
  /** Where the server listens: `http://127.0.0.1:8080`. */
  url: string;
  connections: number;
  /** How long to measure. Requests on their way at the end are waited for. */
  durationMs?: number;
  /** How many requests to send; whichever of the two comes first ends the load. */
  count?: number;
  /** Load before the measurement begins. */
  warmUpMs?: number;
  /**
   * Requests a second, evenly spaced, whatever the server does; latencies then count from the moment a request was due, so that a
   * stall is felt by all who would have come meanwhile. Without it each connection sends its next request when it has its answer.
   */
  rate?: number;
  /** Gives the next request; nothing: there are no more. Called when a connection is free, so a client may send one again. */
  makeRequest: () => Request | undefined;
  /** Called for every request that was sent, once: with its answer, or without when the connection was lost before. */
  onAnswer?: (request: Request, answer: Answer | undefined) => void;
  /** How long an answer may take before its connection is given up. */
  timeoutMs?: number;
  /** Ends the load early, as if the time were over. */
  signal?: AbortSignal;
}

export interface LoadResult {
  /** Answers within the measured time, and how long that was. */
  readonly answers: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Latencies of the answers within the measured time. */
  readonly latency: Histogram;
  /** All answers by HTTP status, warm-up included. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Requests whose connection was lost before the answer: nobody knows what became of them. */
  readonly lost: number;
}

/** Runs a load to its end. A server that cannot be reached is tried again until the time is over. */
export async function runLoad<Request extends LoadRequest>(options: LoadOptions<Request>): Promise<LoadResult> {
  const load = new Load(options);
  return load.run();
}

const reconnectAfterMs = 20;
/** libuv takes one new connection in each turn of its loop; once a load is on, a turn is long, and the last of many would wait for seconds. */
const takenWithinMs = 1;
/** Timers are this coarse; paced requests leave in groups of so many milliseconds. */
const tickMs = 1;

class Load<Request extends LoadRequest> {
  readonly #options: LoadOptions<Request>;
  readonly #latency = new Histogram();
  readonly #statuses = new Map<number, number>();
  /** Connections that are open and have no request. */
  readonly #free: Connection[] = [];
  readonly #waiting = new Map<Connection, { request: Request; since: number }>();
  readonly #end = Promise.withResolvers<void>();
  #begin = 0;
  #measureFrom = 0;
  #measureTo = Number.POSITIVE_INFINITY;
  #sent = 0;
  #answers = 0;
  #lastAnswer = 0;
  #lost = 0;
  #ended = false;

  constructor(options: LoadOptions<Request>) {
    this.#options = options;
  }

  async run(): Promise<LoadResult> {
    const { connections, durationMs, warmUpMs = 0, signal } = this.#options;
    const stop = () => this.#finish();
    const all = Array.from({ length: connections }, () => this.#open());
    await Promise.race([
      Promise.all(all.map(({ opened }) => opened)),
      sleep(durationMs ?? 10_000, undefined, { ref: false }),
    ]);
    await sleep(connections * takenWithinMs);
    this.#begin = elapsed();
    this.#measureFrom = this.#begin + warmUpMs;
    if (durationMs !== undefined) this.#measureTo = this.#measureFrom + durationMs;
    const timers = [
      setInterval(() => this.#giveUpSlow(), 100),
      ...(durationMs === undefined ? [] : [setTimeout(stop, warmUpMs + durationMs)]),
      ...(this.#options.rate === undefined ? [] : [setInterval(() => this.#sendDue(), tickMs)]),
    ];
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    this.#sendDue();
    await this.#end.promise;
    for (const timer of timers) clearInterval(timer);
    signal?.removeEventListener("abort", stop);
    for (const connection of all) connection.close();
    const to = Math.min(this.#measureTo, this.#lastAnswer);
    const seconds = Math.max(0, (durationMs === undefined ? to : this.#measureTo) - this.#measureFrom) / 1000;
    return {
      answers: this.#answers,
      seconds,
      perSecond: seconds > 0 ? this.#answers / seconds : 0,
      latency: this.#latency,
      statuses: this.#statuses,
      lost: this.#lost,
    };
  }

  #open(): Connection {
    const connection: Connection = new Connection(new URL(this.#options.url), {
      onOpen: () => {
        this.#free.push(connection);
        if (this.#begin > 0) this.#sendDue();
      },
      onAnswer: (answer) => this.#answered(connection, answer),
      onClose: () => {
        const at = this.#free.indexOf(connection);
        if (at >= 0) this.#free.splice(at, 1);
        this.#lose(connection);
        if (!this.#ended) setTimeout(() => this.#ended || connection.open(), reconnectAfterMs);
      },
    });
    connection.open();
    return connection;
  }

  /** How many requests should have been sent by now. */
  #due(at: number): number {
    const { rate, count = Number.POSITIVE_INFINITY } = this.#options;
    return rate === undefined ? count : Math.min(count, 1 + Math.floor(((at - this.#begin) * rate) / 1000));
  }

  #sendDue(): void {
    const at = elapsed();
    const due = this.#due(at);
    while (!this.#ended && this.#free.length > 0 && this.#sent < due) this.#send(this.#free.shift() as Connection, at);
    if (this.#sent >= (this.#options.count ?? Number.POSITIVE_INFINITY)) this.#finish();
  }

  #send(connection: Connection, at: number): void {
    const request = this.#options.makeRequest();
    if (!request) {
      this.#free.push(connection);
      return this.#finish();
    }
    const { rate } = this.#options;
    const since = rate === undefined ? at : this.#begin + (this.#sent * 1000) / rate;
    this.#sent++;
    this.#waiting.set(connection, { request, since });
    connection.send(request.bytes);
  }

  #answered(connection: Connection, answer: Answer): void {
    const waited = this.#waiting.get(connection);
    if (!waited) return;
    this.#waiting.delete(connection);
    const at = elapsed();
    this.#lastAnswer = at;
    this.#statuses.set(answer.status, (this.#statuses.get(answer.status) ?? 0) + 1);
    if (at >= this.#measureFrom && at <= this.#measureTo) {
      this.#answers++;
      this.#latency.record((at - waited.since) * 1000);
    }
    this.#options.onAnswer?.(waited.request, answer);
    if (!answer.keepsOpen) return connection.close();
    if (!this.#ended && this.#sent < this.#due(at)) this.#send(connection, at);
    else this.#free.push(connection);
    if (this.#sent >= (this.#options.count ?? Number.POSITIVE_INFINITY)) this.#finish();
    this.#endWhenAnswered();
  }

  #lose(connection: Connection): void {
    const waited = this.#waiting.get(connection);
    if (!waited) return;
    this.#waiting.delete(connection);
    this.#lost++;
    this.#options.onAnswer?.(waited.request, undefined);
    this.#endWhenAnswered();
  }

  #giveUpSlow(): void {
    const before = elapsed() - (this.#options.timeoutMs ?? 30_000);
    for (const [connection, { since }] of this.#waiting) if (since < before) connection.close();
  }

  /** Sends no more; the load ends when what is on its way was answered. */
  #finish(): void {
    this.#ended = true;
    this.#endWhenAnswered();
  }

  #endWhenAnswered(): void {
    if (this.#ended && this.#waiting.size === 0) this.#end.resolve();
  }
}
