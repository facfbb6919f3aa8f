import { setTimeout as sleep } from "node:timers/promises";
import { Story } from "./actor.ts";
import { Client } from "./client.ts";
import { JournalWriter } from "./command-journal.ts";
import { flows } from "./flows/index.ts";
import type { Random as Chance } from "./random.ts";
import { Random } from "./random.ts";
import type { Stage } from "./stage.ts";

/** One of the processes that play: many actors, each with one story after the other, until they are told to come to an end. */
export interface Part {
  readonly stage: Stage;
  readonly seed: string;
  /** Which of how many. */
  readonly player: number;
  readonly players: number;
  readonly actors: number;
  readonly journal: string;
}

export type ToPlayer =
  | { readonly play: Part }
  /** How far the platform's clock is ahead of this machine's. */
  | { readonly offsetMs: number }
  | { readonly end: true };

export interface Played {
  readonly stories: number;
}

let offsetMs = 0;
const over = new AbortController();

process.on("message", (message: ToPlayer) => {
  if ("play" in message) {
    play(message.play).then(
      (stories) => process.send?.({ stories } satisfies Played, () => process.exit()),
      (error: Error) => {
        console.error(error);
        process.exit(1);
      },
    );
  } else if ("offsetMs" in message) offsetMs = message.offsetMs;
  else over.abort();
});
// Without its parent there is nobody to tell.
process.on("disconnect", () => process.exit());

async function play({ stage, seed, player, players, actors, journal: path }: Part): Promise<number> {
  const journal = new JournalWriter(path);
  const client = new Client(stage, journal);
  let amounts = 0;
  const world = {
    uniqueAmount: () => 1_000 + player + players * amounts++,
    now: () => Date.now() + offsetMs,
  };
  let stories = 0;
  const act = async (random: Chance, actor: number) => {
    for (let n = 0; !over.signal.aborted; n++) {
      const own = random.fork(n);
      const flow = own.weighted(flows);
      await flow(new Story(stage, client, own, `t/${player}/${actor}/${n}`, world));
      stories++;
      await sleep(own.int(0, 50));
    }
  };
  const random = new Random(seed).fork(player);
  await Promise.all(Array.from({ length: actors }, (_, actor) => act(random.fork(actor), actor)));
  await client.finish();
  journal.close();
  return stories;
}
