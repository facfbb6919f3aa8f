import type { Client } from "./client.ts";
import type { Command, Outcome } from "./command-journal.ts";
import type { Random } from "./random.ts";
import type { Stage, StagePayer, StageShop } from "./stage.ts";

/** One story of one actor: what it may use, and the chance it draws from. */
export class Story {
  readonly stage: Stage;
  readonly random: Random;
  /** Begins the names of its commands, and with them all numbers. */
  readonly name: string;
  readonly #client: Client;
  readonly #world: { uniqueAmount(): number; now(): number };
  #commands = 0;

  constructor(
    stage: Stage,
    client: Client,
    random: Random,
    name: string,
    world: { uniqueAmount(): number; now(): number },
  ) {
    this.stage = stage;
    this.random = random;
    this.name = name;
    this.#client = client;
    this.#world = world;
  }

  shop = (): StageShop => this.random.pick(this.stage.shops);
  payer = (): StagePayer => this.random.pick(this.stage.payers);
  /** Minor units; now and then next to nothing. */
  amount = (): number => (this.random.chance(0.1) ? this.random.int(1, 5) : this.random.int(100, 9_000));
  /** An amount that nobody else uses: the name of what has no other. */
  uniqueAmount = (): number => this.#world.uniqueAmount();
  /** A time so many milliseconds ahead by the platform's clock, or nearly. */
  time = (aheadMs: number): string => new Date(this.#world.now() + aheadMs).toISOString();

  /** A number that nobody else gives. */
  number = (): string => `${this.name}.${this.#commands}`.replaceAll("/", ".");

  command(command: Command): Promise<Outcome> {
    const n = this.#commands++;
    return this.#client.perform(`${this.name}/${n}`, command, this.random.fork(n));
  }

  ask = (by: string, path: string, body: Record<string, unknown> = {}): Promise<Record<string, unknown> | undefined> =>
    this.#client.ask(by, path, body);
}

export type Flow = (story: Story) => Promise<void>;
