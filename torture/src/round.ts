import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { check } from "./checks/index.ts";
import { type Entry, readJournals } from "./command-journal.ts";
import { cuttingProxy } from "./cutting-proxy.ts";
import { faultPointNames } from "./fault-point-names.ts";
import { MerchantsServer } from "./merchants-server.ts";
import { startPlayers } from "./players.ts";
import { Random } from "./random.ts";
import { moveClock, settle } from "./settle.ts";
import { type Stage, setStage, stageSettings } from "./stage.ts";
import { type Damage, noDamage, noTrouble, startTrouble } from "./trouble.ts";
import type { Violation } from "./violation.ts";
import { openWorld, type World } from "./world.ts";

export interface RoundOptions {
  readonly seed: string;
  readonly seconds: number;
  readonly players?: number;
  /** Of each player. */
  readonly actors?: number;
  /** What happened in rounds before: fault points that nobody died at come first. */
  readonly damage?: Damage;
  /** Nothing happens to the servers. */
  readonly calm?: boolean;
}

/** A round that was played to its end, on a world that is still there to be looked at. */
export interface Round {
  readonly world: World;
  readonly stage: Stage;
  readonly merchantsServer: MerchantsServer;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly stories: number;
  readonly damage: Damage;
  readonly violations: readonly Violation[];
}

/** Plays one round on a world of its own and looks at what is left of it. `look` sees it before the world ends. */
export async function playRound<T>(options: RoundOptions, look: (round: Round) => T | Promise<T>): Promise<T> {
  const { seed, seconds, players: count = 2, actors = 12, damage = noDamage(), calm = false } = options;
  const random = new Random(seed);
  const world = await openWorld({ tills: 0, payers: 0, env: stageSettings });
  const proxy = await cuttingProxy(world.databaseUrl);
  const merchantsServer = await MerchantsServer.start();
  try {
    const server = await world.startServer();
    const stage = await setStage(world, merchantsServer);
    await server.terminate();
    const trouble = calm
      ? await noTrouble(world)
      : await startTrouble(world, proxy, random.fork("trouble"), faultPointNames(), damage);
    const parts = Array.from({ length: count }, (_, player) => {
      const journal = join(world.folder, `player-${player}.jsonl`);
      return { stage, seed, player, players: count, actors, journal };
    });
    const players = startPlayers(parts);
    try {
      for (const end = performance.now() + seconds * 1_000; performance.now() < end; ) {
        await sleep(Math.min(random.int(4_000, 9_000), Math.max(0, end - performance.now())));
        players.moveClock(await moveClock(world, stage, random.int(60_000, 400_000)));
      }
      await trouble.end();
      const stories = await players.end();
      const unsettled = await settle(world, stage);
      const entries = readJournals(parts.map(({ journal }) => journal));
      const violations = [
        ...unsettled.map((what) => ({ promise: "everything comes to an end", object: "-", what })),
        ...(await check({ world, stage, merchantsServer, entries })),
      ];
      return await look({ world, stage, merchantsServer, entries, stories, damage, violations });
    } finally {
      players.kill();
      await trouble.stop();
    }
  } finally {
    await proxy.close();
    merchantsServer.close();
    await world.close();
  }
}
