import { elapsed } from "./clock.ts";
import { isOutage } from "./db.ts";
import { kitErrors } from "./kit-errors.ts";
import { log } from "./log.ts";
import { gauge, histogram } from "./metrics.ts";
import { isTracing, traced } from "./tracing.ts";

export interface GroupCommitOptions<Command, Result> {
  /** For logs and metrics. */
  name: string;
  /**
   * Commits the commands together and answers each at its place; an Error there is that command's alone.
   * `attempt` above 1: these commands were given before and may have happened, so look up what did. `lane` is the batch's lane.
   */
  commit: (commands: readonly Command[], attempt: number, lane: number) => Promise<readonly (Result | Error)[]>;
  /** Batches that may be in flight at once. */
  lanes?: number;
  /** Pins a command to a lane, so that commands which would wait for the same row follow each other. Any integer from 0. */
  laneOf?: (command: Command) => number;
  maxBatch?: number;
  /** Most commands waiting in this process; one more is told `overloaded`. */
  maxQueue?: number;
}

interface Lane<Command, Result> {
  readonly number: number;
  commands: Command[];
  answers: PromiseWithResolvers<Result>[];
  running: boolean;
}

const batchSeconds = histogram(
  "feiqian_batch_seconds",
  "How long a batch of commands took to commit.",
  ["batch"],
  [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
);
const batchCommands = histogram(
  "feiqian_batch_commands",
  "How many commands were committed together.",
  ["batch"],
  [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000],
);
const queues = new Map<string, { readonly waiting: number }>();
gauge("feiqian_batch_waiting", "Commands that wait for a batch.", ["batch"], () =>
  [...queues].map(([name, { waiting }]) => [[name], waiting] as const),
);

const outageRetries = 5;
const firstPauseMs = 50;

/**
 * Commits many commands in one transaction. Batching is natural: while a lane's batch is being committed the next one fills; nobody
 * waits on a timer, so batches grow with load while latency stays flat. When `commit` throws, a lost database connection or an unknown outcome is
 * tried again as a whole; anything else is tried again in halves, until the command that is to blame stands alone with its error.
 */
export class GroupCommit<Command, Result> {
  readonly name: string;
  readonly #commit: GroupCommitOptions<Command, Result>["commit"];
  readonly #laneOf: ((command: Command) => number) | undefined;
  readonly #maxBatch: number;
  readonly #maxQueue: number;
  readonly #lanes: Lane<Command, Result>[];
  readonly #seconds: ReturnType<typeof batchSeconds>;
  readonly #sizes: ReturnType<typeof batchCommands>;
  #waiting = 0;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor({
    name,
    commit,
    lanes = 1,
    laneOf,
    maxBatch = 512,
    maxQueue = 8192,
  }: GroupCommitOptions<Command, Result>) {
    this.name = name;
    this.#commit = commit;
    this.#laneOf = laneOf;
    this.#maxBatch = maxBatch;
    this.#maxQueue = maxQueue;
    this.#seconds = batchSeconds(name);
    this.#sizes = batchCommands(name);
    queues.set(name, this);
    this.#lanes = Array.from({ length: lanes }, (_, number) => ({ number, commands: [], answers: [], running: false }));
  }

  /** Commands that wait for a batch. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Hands a command in; resolves when it is committed. Rejects with `overloaded`, `shutting_down`, or the command's own error. */
  submit(command: Command): Promise<Result> {
    if (this.#drained) return Promise.reject(kitErrors.shutting_down({ retryAfter: 1 }));
    if (this.#waiting >= this.#maxQueue) return Promise.reject(kitErrors.overloaded({ retryAfter: 1 }));
    const lane = this.#choose(command);
    const answer = Promise.withResolvers<Result>();
    lane.commands.push(command);
    lane.answers.push(answer);
    this.#waiting++;
    if (!lane.running) {
      lane.running = true;
      // Requests that arrived in the same turn of the event loop share the first batch.
      setImmediate(() => void this.#run(lane));
    }
    return answer.promise;
  }

  /** Takes no more commands and resolves when every one that was taken has its answer. */
  drain(): Promise<void> {
    this.#drained ??= Promise.withResolvers();
    this.#endIfDrained();
    return this.#drained.promise;
  }

  #choose(command: Command): Lane<Command, Result> {
    if (this.#laneOf) return this.#lanes[this.#laneOf(command) % this.#lanes.length] as Lane<Command, Result>;
    let best = this.#lanes[0] as Lane<Command, Result>;
    for (const lane of this.#lanes) {
      if (!lane.running) return lane;
      if (lane.commands.length < best.commands.length) best = lane;
    }
    return best;
  }

  async #run(lane: Lane<Command, Result>): Promise<void> {
    while (lane.commands.length > 0) {
      const commands = lane.commands;
      const answers = lane.answers;
      lane.commands = commands.splice(this.#maxBatch);
      lane.answers = answers.splice(this.#maxBatch);
      this.#waiting -= commands.length;
      await this.#settle(lane.number, commands, answers, 1, outageRetries);
    }
    lane.running = false;
    this.#endIfDrained();
  }

  async #settle(
    lane: number,
    commands: Command[],
    answers: PromiseWithResolvers<Result>[],
    attempt: number,
    retries: number,
  ): Promise<void> {
    let results: readonly (Result | Error)[];
    try {
      const began = elapsed();
      results = await (isTracing()
        ? this.#commitTraced(commands, attempt, lane)
        : this.#commit(commands, attempt, lane));
      this.#seconds.observe((elapsed() - began) / 1_000);
      this.#sizes.observe(commands.length);
    } catch (error) {
      return this.#again(lane, commands, answers, attempt, retries, error as Error);
    }
    for (let i = 0; i < commands.length; i++) {
      const result = i < results.length ? results[i] : new Error(`${this.name} gave no answer to a command`);
      if (result instanceof Error) answers[i]?.reject(result);
      else answers[i]?.resolve(result as Result);
    }
  }

  #commitTraced(commands: readonly Command[], attempt: number, lane: number): Promise<readonly (Result | Error)[]> {
    const attributes = { "feiqian.commands": commands.length, "feiqian.attempt": attempt, "feiqian.lane": lane };
    const commit = () => this.#commit(commands, attempt, lane);
    return traced(`batch ${this.name}`, attributes, commit, { isRoot: true });
  }

  async #again(
    lane: number,
    commands: Command[],
    answers: PromiseWithResolvers<Result>[],
    attempt: number,
    retries: number,
    error: Error,
  ): Promise<void> {
    log.warn({ group_commit: this.name, commands: commands.length, attempt, err: error }, "a batch failed");
    if (isOutage(error) && retries > 0) {
      await pause(firstPauseMs * 2 ** (outageRetries - retries));
      return this.#settle(lane, commands, answers, attempt + 1, retries - 1);
    }
    if (isOutage(error) || commands.length === 1) {
      for (const answer of answers) answer.reject(error);
      return;
    }
    const half = commands.length >> 1;
    await this.#settle(lane, commands.slice(0, half), answers.slice(0, half), attempt + 1, retries);
    await this.#settle(lane, commands.slice(half), answers.slice(half), attempt + 1, retries);
  }

  #endIfDrained(): void {
    if (this.#lanes.every((lane) => !lane.running)) this.#drained?.resolve();
  }
}

/** Half of the time is random, so that lanes and processes do not come back together. */
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, (ms * (1 + Math.random())) / 2));
