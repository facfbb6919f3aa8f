import { randomUUID } from "node:crypto";
import { now } from "#kit/clock.ts";
import { config } from "#kit/config.ts";
import { database, inTransaction, run, type Transaction } from "#kit/db.ts";
import { GroupCommit } from "#kit/group-commit.ts";
import { log } from "#kit/log.ts";
import { type HurryingLoop, type Loop, repeat } from "#kit/loop.ts";
import { Outgoing } from "#kit/outgoing.ts";
import { noteOutcomes } from "./deliveries-sql.ts";
import { giveUpEndpoint } from "./disable-endpoint.ts";
import { noteHealth } from "./endpoints-sql.ts";
import { laneName, onEnqueued } from "./enqueue.ts";
import { Lane, type NotedOutcome, type Sending } from "./lane.ts";
import { type LaneKey, leaseLanes, releaseLeases, renewLeases } from "./lanes-sql.ts";

/** Receivers served at once by one process. One that does not answer costs a connection, not a place in a queue. */
const mostLanes = 500;
const leasedForMs = 30_000;
const renewEveryMs = 10_000;
const lookEveryMs = 200;
/** How long a process that stops waits for answers before it gives them up, to be asked for again by another. */
const drainWithinMs = 4_000;
const dayMs = 86_400_000;

/** Sends what is due, until stopped. For the worker role: processes divide the receivers among them. */
export const sendLoop = (): Loop => new Sender();

class Sender implements Loop {
  readonly #lanes = new Map<string, { lane: Lane; ended: Promise<void> }>();
  readonly #outgoing = new Outgoing();
  readonly #giveUp = new AbortController();
  readonly #notes = new GroupCommit<NotedOutcome, void>({ name: "webhooks.note", commit: noteBatch });
  readonly #sending: Sending;
  readonly #claiming: HurryingLoop;
  readonly #renewing: HurryingLoop;
  #stopping = false;

  constructor() {
    this.#sending = {
      holder: randomUUID(),
      outgoing: this.#outgoing,
      signal: this.#giveUp.signal,
      note: (outcome) => this.#notes.submit(outcome),
      isStopping: () => this.#stopping,
    };
    this.#claiming = repeat("webhooks.send", lookEveryMs, () => this.#claim());
    this.#renewing = repeat("webhooks.renew", renewEveryMs, () => this.#renew());
    onEnqueued((lanes) => this.#wake(lanes));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    onEnqueued(() => {});
    await this.#claiming.stop();
    const late = setTimeout(() => this.#giveUp.abort(), drainWithinMs);
    for (const { lane } of this.#lanes.values()) lane.wake();
    await Promise.all([...this.#lanes.values()].map(({ ended }) => ended));
    clearTimeout(late);
    await this.#notes.drain();
    await this.#renewing.stop();
    await run(database(), releaseLeases, [this.#sending.holder]);
    await this.#outgoing.close();
  }

  async #claim(): Promise<boolean> {
    const room = mostLanes - this.#lanes.size;
    if (room <= 0) return false;
    const leased = await run(database(), leaseLanes, [this.#sending.holder, leasedForMs, room]);
    for (const key of leased) this.#serve(key);
    return false;
  }

  /** A lane whose lease ran out while its process still serves it may be leased to the same process again. */
  #serve(key: LaneKey): void {
    const name = laneName(key);
    if (this.#lanes.has(name)) return;
    const lane = new Lane(key, this.#sending);
    const ended = lane.run().then(
      () => {},
      (error) => log.warn({ err: error }, "webhooks of a receiver could not be sent"),
    );
    this.#lanes.set(name, { lane, ended });
    void ended.then(() => this.#lanes.delete(name));
  }

  async #renew(): Promise<boolean> {
    if (this.#lanes.size > 0) await run(database(), renewLeases, [this.#sending.holder, leasedForMs]);
    return false;
  }

  #wake(lanes: readonly LaneKey[]): void {
    for (const key of lanes) this.#lanes.get(laneName(key))?.lane.wake();
    this.#claiming.hurry();
  }
}

/** Notes a batch of outcomes and what they say of their endpoints, in one transaction. */
async function noteBatch(outcomes: readonly NotedOutcome[]): Promise<void[]> {
  await inTransaction(async (tx) => {
    await noteOutcomes(tx, outcomes);
    for (const outcome of turningPoints(outcomes)) await noteEndpoint(tx, outcome);
  });
  return outcomes.map(() => {});
}

/** The last outcome of each endpoint whose health it changes. There is at most one while an endpoint goes on as it did. */
function turningPoints(outcomes: readonly NotedOutcome[]): NotedOutcome[] {
  const last = new Map<string, NotedOutcome>();
  for (const outcome of outcomes) {
    if (outcome.endpointId === null) continue;
    if (outcome.gone || !last.get(outcome.endpointId)?.gone) last.set(outcome.endpointId, outcome);
  }
  return [...last.values()].filter(
    ({ status, failingSince, gone }) =>
      gone || (status === "succeeded") === (failingSince !== null) || hasFailedLong(failingSince),
  );
}

const hasFailedLong = (failingSince: Date | null): boolean =>
  failingSince !== null && now() - failingSince.getTime() >= config().webhookDisableDays * dayMs;

async function noteEndpoint(tx: Transaction, outcome: NotedOutcome): Promise<void> {
  const { merchantId, livemode, endpointId, status, failingSince, gone } = outcome;
  const key = { merchantId, livemode, id: endpointId as string };
  if (gone) return giveUpEndpoint(tx, key, "gone");
  const works = status === "succeeded";
  if (!works && hasFailedLong(failingSince)) return giveUpEndpoint(tx, key, "failing");
  await run(tx, noteHealth, [merchantId, livemode, endpointId, works]);
}
