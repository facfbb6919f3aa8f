import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Part, Played, ToPlayer } from "./player.ts";

/** The processes that play. */
export interface Players {
  /** Tells them how far the platform's clock is ahead. */
  moveClock(offsetMs: number): void;
  /** Lets each actor finish its story; gives how many were played. */
  end(): Promise<number>;
  kill(): void;
}

const processFile = fileURLToPath(new URL("./player.ts", import.meta.url));

export function startPlayers(parts: readonly Part[]): Players {
  const players = parts.map((part) => {
    const child = fork(processFile);
    const played = Promise.race([
      once(child, "message").then(([message]) => (message as Played).stories),
      once(child, "exit").then(([code]) => Promise.reject(new Error(`a player has ended early, with ${code}`))),
    ]);
    played.catch(() => {});
    const tell = (message: ToPlayer) => child.send(message);
    tell({ play: part });
    return { child, played, tell };
  });
  return {
    moveClock: (offsetMs) => {
      for (const { tell } of players) tell({ offsetMs });
    },
    async end() {
      for (const { tell } of players) tell({ end: true });
      const stories = await Promise.all(players.map(({ played }) => played));
      return stories.reduce((sum, count) => sum + count, 0);
    },
    kill: () => {
      for (const { child } of players) child.kill("SIGKILL");
    },
  };
}
