import { lastWords, startServer, whenReady } from "@feiqian/quickstart/server-process.ts";

const startWithinMs = 20_000;

/** The platform's server in a process of its own, which bad things may happen to. */
export class ServerProcess {
  readonly #server: ReturnType<typeof startServer>;

  private constructor(server: ReturnType<typeof startServer>) {
    this.#server = server;
  }

  /** Resolves when it takes requests. Throws with its last words when it ends before. */
  static async start(env: Record<string, string>, logFile: string): Promise<ServerProcess> {
    const server = startServer({ PATH: process.env.PATH, ...env }, logFile);
    if (!(await whenReady(server, startWithinMs))) {
      await server.stop();
      throw new Error(`the server was not ready in time:\n${lastWords(logFile)}`);
    }
    return new ServerProcess(server);
  }

  /** Where its part of the log begins. */
  get logFrom(): number {
    return this.#server.logFrom;
  }

  get isRunning(): boolean {
    const { exitCode, signalCode } = this.#server.process;
    return exitCode === null && signalCode === null;
  }

  /** Resolves when it is gone, with the signal that ended it or its exit code. */
  get gone(): Promise<string> {
    return this.#server.gone;
  }

  /** As a power cut ends it. */
  kill(): Promise<string> {
    this.#server.process.kill("SIGKILL");
    return this.gone;
  }

  /** As a supervisor stops it. */
  terminate(): Promise<string> {
    this.#server.process.kill("SIGTERM");
    return this.gone;
  }
}
