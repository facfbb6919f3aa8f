import type { KeyObject } from "node:crypto";
import { clockOffset, elapsed, now } from "#kit/clock.ts";
import { unseal } from "#kit/crypto.ts";
import { database, first, run } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { log } from "#kit/log.ts";
import type { Outgoing } from "#kit/outgoing.ts";
import { type EventText, eventTexts } from "#kit/read-events.ts";
import { keyOf, signedHeaders } from "#kit/webhook-signature.ts";
import { type Due, type Outcome, selectDue } from "./deliveries-sql.ts";
import { secretContext } from "./endpoint.ts";
import { judgeAnswer, judgeFailure, type Verdict } from "./judge-attempt.ts";
import { type LaneKey, type LaneState, readLane, releaseLane } from "./lanes-sql.ts";
import { messageOf } from "./message.ts";
import { notifySecretName } from "./rotate-secret.ts";

/** What lanes share in one process. */
export interface Sending {
  /** Who holds the leases. */
  readonly holder: string;
  readonly outgoing: Outgoing;
  /** Aborted when the process stops and what is on its way is given up. */
  readonly signal: AbortSignal;
  /** Resolves once the outcome is on disk. */
  note(outcome: NotedOutcome): Promise<unknown>;
  isStopping(): boolean;
}

/** An outcome with what it says of the endpoint. */
export interface NotedOutcome extends Outcome {
  readonly endpointId: string | null;
  /** Nothing succeeded since, as it was before this attempt. */
  readonly failingSince: Date | null;
  readonly gone: boolean;
}

const attemptWithinMs = 15_000;
/** Deliveries that are read ahead for each that may be on its way. */
const readAhead = 8;
const mostAtOnce = 32;
const startAtOnce = 4;
/** Failures in a row after which a receiver is left alone for a while, and for how long at most. */
const patience = 3;
const longestRestMs = 60_000;
/** A lane looks for more as long as something is on its way: soon at first, then more rarely. */
const firstLookMs = 25;
const longestLookMs = 2_000;

interface Message extends Due {
  readonly event: EventText | undefined;
}

/**
 * Sends what is due for one receiver, until nothing is. Several deliveries are on their way at once, more while they succeed and fewer while
 * they fail, but never two of one object before both were tried once.
 */
export class Lane {
  readonly key: LaneKey;
  readonly #sending: Sending;
  readonly #endpointId: string | null;
  readonly #queue: Message[] = [];
  /** Read and not noted yet. */
  readonly #inHand = new Set<string>();
  readonly #busyObjects = new Set<string>();
  readonly #keys = new Map<string, KeyObject>();
  #state: LaneState | undefined;
  /** On their way. */
  #running = 0;
  #atOnce = startAtOnce;
  #failures = 0;
  #failedAt = 0;
  #restUntil = 0;
  #more = false;
  #stir = Promise.withResolvers<void>();

  constructor(key: LaneKey, sending: Sending) {
    this.key = key;
    this.#sending = sending;
    this.#endpointId = key.lane.startsWith("we_") ? key.lane : null;
  }

  /** There may be more than was seen. */
  wake(): void {
    this.#stir.resolve();
  }

  /** Serves the lane until nothing is due, its lease is lost, or the process stops. */
  async run(): Promise<void> {
    for (let lookMs = firstLookMs; ; ) {
      this.#stir = Promise.withResolvers();
      const state = await this.#read();
      if (!state) return this.#finish();
      const open = state.enabled && !this.#sending.isStopping() && this.#restUntil <= elapsed();
      const found = open ? await this.#fetch() : 0;
      if (found > 0) lookMs = firstLookMs;
      if (this.#inHand.size === 0) {
        if (await this.#release(state)) return;
        continue;
      }
      await this.#wait(lookMs);
      lookMs = Math.min(lookMs * 2, longestLookMs);
    }
  }

  async #read(): Promise<LaneState | undefined> {
    const { merchantId, livemode, lane } = this.key;
    const state = await first(database(), readLane, [merchantId, livemode, lane, this.#sending.holder]);
    if (state && !this.#state) this.#failures = state.failures;
    if (state && this.#failures >= patience) this.#atOnce = 1;
    this.#state = state;
    return state;
  }

  /** Reads what is due and not in hand, with its events; gives how much that was. */
  async #fetch(): Promise<number> {
    const { merchantId, livemode, lane } = this.key;
    // What is noted while this is being read may still look due.
    const held = new Set(this.#inHand);
    const limit = readAhead * this.#atOnce + held.size;
    const due = await run(database(), selectDue, [merchantId, livemode, lane, limit]);
    this.#more = due.length === limit;
    const fresh = due.filter(({ id }) => !held.has(id));
    if (fresh.length === 0) return 0;
    const ids = [...new Set(fresh.map(({ eventId }) => eventId))];
    const texts = await eventTexts({ ownerId: merchantId, livemode }, ids);
    const events = new Map(texts.map((event) => [event.id, event]));
    for (const delivery of fresh) {
      this.#inHand.add(delivery.id);
      this.#queue.push({ ...delivery, event: events.get(delivery.eventId) });
    }
    this.#start();
    return fresh.length;
  }

  /** Gives the lane back, unless something was added meanwhile. */
  async #release({ wakes, enabled }: LaneState): Promise<boolean> {
    const { merchantId, livemode, lane } = this.key;
    const restMs = Math.max(0, Math.ceil(this.#restUntil - elapsed()));
    const values = [merchantId, livemode, lane, this.#sending.holder, wakes, enabled, this.#failures, restMs];
    return (await first(database(), releaseLane, values)) !== undefined;
  }

  /** Until there is something to look for. */
  async #wait(ms: number): Promise<void> {
    const timer = setTimeout(() => this.#stir.resolve(), ms);
    await this.#stir.promise;
    clearTimeout(timer);
  }

  /** On their way, or answered and not on disk. */
  get #unnoted(): number {
    return this.#inHand.size - this.#queue.length;
  }

  /** The lease is lost: what has not begun is somebody else's. */
  async #finish(): Promise<void> {
    this.#drop();
    while (this.#inHand.size > 0) {
      this.#stir = Promise.withResolvers();
      await this.#stir.promise;
    }
  }

  #drop(): void {
    for (const { id } of this.#queue.splice(0)) this.#inHand.delete(id);
  }

  #start(): void {
    if (this.#sending.isStopping() || this.#restUntil > elapsed()) this.#drop();
    while (this.#running < this.#atOnce && this.#unnoted < readAhead * this.#atOnce) {
      const at = this.#queue.findIndex(({ objectId }) => !this.#busyObjects.has(objectId));
      if (at < 0) return;
      const [message] = this.#queue.splice(at, 1) as [Message];
      this.#running++;
      this.#busyObjects.add(message.objectId);
      void this.#attempt(message).finally(() => this.#ended(message));
    }
  }

  #ended({ id, objectId }: Message): void {
    this.#inHand.delete(id);
    this.#busyObjects.delete(objectId);
    this.#start();
    const few = this.#more && this.#queue.length < (readAhead * this.#atOnce) / 2;
    if (few || this.#inHand.size === 0) this.#stir.resolve();
  }

  /** One attempt, from the signature to the noted outcome. Never rejects: what could not be noted is sent again later. */
  async #attempt(message: Message): Promise<void> {
    const began = elapsed();
    try {
      const verdict = await this.#send(message).finally(() => this.#running--);
      if (!verdict) return;
      this.#learn(verdict, began);
      // The next ones need not wait until this one is on disk.
      this.#start();
      await faultPoint("webhooks.after_send");
      const { merchantId, livemode } = this.key;
      const { id, attempts } = message;
      const { gone, restMs: _, ...outcome } = verdict;
      const durationMs = Math.round(elapsed() - began);
      const health = { endpointId: this.#endpointId, failingSince: this.#state?.failingSince ?? null, gone };
      await this.#sending.note({ merchantId, livemode, id, attempts, ...outcome, durationMs, ...health });
    } catch (error) {
      log.warn({ delivery: message.id, err: error }, "the outcome of a delivery could not be noted: it is sent again");
      this.#restUntil = elapsed() + longestLookMs;
    }
  }

  async #send({ event, url, attempts }: Message): Promise<Verdict | undefined> {
    const { outgoing, signal } = this.#sending;
    const target = url ?? this.#state?.url;
    if (!event || !target) return expired;
    const body = messageOf(event, this.key.livemode);
    // The receiver compares with its own clock, which no test has moved.
    const at = Math.floor((now() - clockOffset()) / 1_000);
    const headers = {
      "content-type": "application/json",
      "user-agent": "Feiqian-Webhooks/1",
      ...signedHeaders(this.#signingKeys(), event.id, at, body),
    };
    const call = { url: target, livemode: this.key.livemode, headers, body, timeoutMs: attemptWithinMs, signal };
    try {
      return judgeAnswer(await outgoing.post(call), attempts, now() - clockOffset());
    } catch (error) {
      return signal.aborted ? undefined : judgeFailure(error, attempts);
    }
  }

  #signingKeys(): KeyObject[] {
    const { secret, previousSecret } = this.#state as LaneState;
    return [secret, previousSecret].flatMap((sealed) => (sealed ? [this.#open(sealed)] : []));
  }

  #open(sealed: string): KeyObject {
    const known = this.#keys.get(sealed);
    if (known) return known;
    const context = secretContext(this.key, this.#endpointId ?? notifySecretName);
    const key = keyOf(unseal(sealed, context).toString("utf8"));
    if (!key) throw new Error("a webhook secret is not one");
    this.#keys.set(sealed, key);
    return key;
  }

  /** More at once while it goes well; one at a time, then a rest that grows, while it does not. */
  #learn({ status, restMs }: Verdict, began: number): void {
    if (status === "succeeded") {
      this.#failures = 0;
      this.#atOnce = Math.min(this.#atOnce + 1, mostAtOnce);
      return;
    }
    // What failed together is one failure.
    if (began >= this.#failedAt) this.#failures++;
    this.#failedAt = elapsed();
    this.#atOnce = Math.max(1, this.#atOnce >> 1);
    const tired = this.#failures < patience ? 0 : Math.min(500 * 2 ** (this.#failures - patience), longestRestMs);
    const rest = Math.max(tired, Math.min(restMs, longestRestMs));
    if (rest > 0) this.#restUntil = Math.max(this.#restUntil, elapsed() + rest);
  }
}

/** The event is no longer kept. */
const expired: Verdict = {
  status: "failed",
  waitMs: null,
  responseStatus: null,
  excerpt: null,
  error: "event_expired",
  gone: false,
  restMs: 0,
};
