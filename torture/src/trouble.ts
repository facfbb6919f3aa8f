import { readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { lastWords } from "@feiqian/quickstart/server-process.ts";
import type { CuttingProxy } from "./cutting-proxy.ts";
import type { Random } from "./random.ts";
import type { ServerProcess } from "./server-process.ts";
import type { World } from "./world.ts";

/** What happened to the servers. */
export interface Damage {
  /** How many times a server died at each fault point. */
  readonly diedAt: Map<string, number>;
  /** Killed at some moment. */
  killed: number;
  /** Stopped as a supervisor stops them, and started again. */
  restarted: number;
  /** What those said last that ended by themselves, and not by a fault point: nobody wanted that. */
  readonly unexplained: string[];
  /** Connections to the database that were lost at a commit. */
  cut: number;
}

export interface Trouble {
  /** Lets every server come back for good. */
  end(): Promise<void>;
  /** Stops the servers. */
  stop(): Promise<void>;
}

const slots = ["a", "b"] as const;
type Slot = (typeof slots)[number];

export const noDamage = (): Damage => ({ diedAt: new Map(), killed: 0, restarted: 0, unexplained: [], cut: 0 });

/** Most points that one life of a server is armed with: the first that it passes kills it. */
const mostArmed = 12;
/** How often a server is started until it is there. */
const mostStarts = 5;

/**
 * Two servers on one port, each of which lives for a few seconds: it dies at a fault point that nobody has died at yet, or is killed, or
 * stopped. Meanwhile commits lose their connections.
 */
export async function startTrouble(
  world: World,
  proxy: CuttingProxy,
  random: Random,
  points: readonly string[],
  damage: Damage,
): Promise<Trouble> {
  const over = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: over.signal }).catch(() => {});
  const count = (point: string | undefined) => {
    if (point) damage.diedAt.set(point, (damage.diedAt.get(point) ?? 0) + 1);
  };
  const startIn =
    (slot: Slot) =>
    async (more: Record<string, string> = {}): Promise<ServerProcess> => {
      const shaky: Record<string, string> = slot === "a" ? {} : { DATABASE_URL: proxy.url };
      const from = statSync(world.logOf(slot), { throwIfNoEntry: false })?.size ?? 0;
      for (let n = 1; ; n++) {
        try {
          return await world.startServer({ SHARE_PORT: "1", ...(n === 1 && { ...shaky, ...more }) }, slot);
        } catch (error) {
          // It died at a fault point or lost its connection while it started: whoever supervises it starts it again.
          if (n === mostStarts) throw error;
          if (n === 1) count(diedAt(world.logOf(slot), from));
        }
      }
    };
  const servers = { a: await startIn("a")(), b: await startIn("b")() };

  async function live(slot: Slot): Promise<void> {
    const own = random.fork(slot);
    const start = startIn(slot);
    for (let n = 0; !over.signal.aborted; n++) {
      const life = own.fork(n);
      const armed = arm(life);
      const server = servers[slot];
      await Promise.race([server.gone, pause(life.int(1_500, 6_000))]);
      if (over.signal.aborted) break;
      if (!server.isRunning) {
        const point = diedAt(world.logOf(slot), server.logFrom);
        const how = await server.gone;
        if (point) count(point);
        else if (how !== "SIGKILL") damage.unexplained.push(`${how}: ${lastWords(world.logOf(slot), server.logFrom)}`);
      } else if (life.chance(0.7)) {
        damage.killed++;
        await server.kill();
      } else {
        damage.restarted++;
        await server.terminate();
      }
      await pause(life.int(0, 500));
      servers[slot] = await start(over.signal.aborted ? {} : { FAULT_POINTS: armed });
    }
    // Whatever it is armed with, from now on nothing happens to it.
    await servers[slot].terminate();
    servers[slot] = await start();
  }

  const arm = (life: Random): string => {
    const least = Math.min(...points.map((point) => damage.diedAt.get(point) ?? 0));
    const open = points.filter((point) => (damage.diedAt.get(point) ?? 0) === least);
    return life
      .some(open, mostArmed)
      .map((point) => `${point}=kill+${life.int(0, 2)}`)
      .join(",");
  };

  const cutting = (async () => {
    while (!over.signal.aborted) {
      await pause(random.int(300, 1_500));
      proxy.cutCommits(random.int(1, 3));
    }
    proxy.cutCommits(0);
  })();

  const lives = slots.map(live);
  // Who awaits the end learns of it; until then it must not end this process, which has a database to stop.
  for (const life of lives) life.catch(() => over.abort());
  return {
    async end() {
      over.abort();
      await Promise.all([...lives, cutting]);
      damage.cut += proxy.cut;
    },
    async stop() {
      over.abort();
      await Promise.allSettled([...lives, cutting]);
      await Promise.all(slots.map((slot) => servers[slot].kill()));
    },
  };
}

/** A server to which nothing happens. */
export async function noTrouble(world: World): Promise<Trouble> {
  const server = await world.startServer();
  return { end: async () => {}, stop: async () => void (await server.kill()) };
}

/** The fault point at which a server ended, by its log from a place on. */
function diedAt(logFile: string, from: number): string | undefined {
  const lines = readFileSync(logFile).subarray(from).toString().split("\n");
  const last = lines.findLast((line) => line.includes('"fault_point"'));
  return last && (JSON.parse(last) as { fault_point: string }).fault_point;
}
