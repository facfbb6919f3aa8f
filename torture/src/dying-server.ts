import assert from "node:assert/strict";
import { database } from "@feiqian/server/kit/db.ts";
import type { ServerProcess } from "./server-process.ts";
import type { World } from "./world.ts";

/** A server that can be told where to die, and starts again. */
export class DyingServer {
  readonly #world: World;
  #server: ServerProcess;

  private constructor(world: World, server: ServerProcess) {
    this.#world = world;
    this.#server = server;
  }

  static async start(world: World): Promise<DyingServer> {
    return new DyingServer(world, await world.startServer());
  }

  /** Restarts it so that it dies at `point`, lets `meanwhile` bring it there, sees it die, and starts a healthy one. */
  async dieAt(point: string, meanwhile: () => Promise<unknown>): Promise<void> {
    await this.#server.terminate();
    this.#server = await this.#world.startServer({ FAULT_POINTS: `${point}=kill` });
    await meanwhile();
    assert.equal(await this.#server.gone, "SIGKILL");
    this.#server = await this.#world.startServer();
  }

  /** Asks it, sees it die at `point` without an answer, and asks a healthy one the same again. */
  async askTwice<T>(point: string, ask: () => Promise<T>): Promise<T> {
    await this.dieAt(point, () => assert.rejects(ask()));
    return ask();
  }

  kill(): Promise<unknown> {
    return this.#server.kill();
  }
}

/** Types of the events about an object, in the order in which they happened. */
export async function historyOf(objectId: string): Promise<string[]> {
  const { rows } = await database().query("select type from events where object_id = $1 order by position", [objectId]);
  return rows.map(({ type }) => type);
}
