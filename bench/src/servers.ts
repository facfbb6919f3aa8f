import { join } from "node:path";
import { freePort } from "@feiqian/quickstart/ports.ts";
import { lastWords, type ServerProcess, startServer, whenReady } from "@feiqian/quickstart/server-process.ts";

export interface ServersOptions {
  /** Processes that share one port. */
  count: number;
  databaseUrl: string;
  masterKeyFile: string;
  /** Where their logs go. */
  folder: string;
  /** More of their environment. */
  settings?: NodeJS.ProcessEnv;
}

export interface Servers {
  readonly url: string;
  readonly pids: readonly number[];
  /** Lets them finish what they have. */
  stop(): Promise<void>;
}

const readyWithinMs = 30_000;

/** Starts the platform as operators do: each process serves requests and does the work behind them, all on one port. */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const port = await freePort();
  const servers: ServerProcess[] = [];
  const stop = async () => void (await Promise.all(servers.map((server) => server.stop())));
  try {
    for (let number = 1; number <= options.count; number++) {
      const log = join(options.folder, `server-${number}.log`);
      const server = startServer(environmentOf(options, port), log);
      servers.push(server);
      if (!(await whenReady(server, readyWithinMs))) throw new Error(`a server did not start:\n${lastWords(log)}`);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, pids: servers.map(({ process }) => process.pid as number), stop };
}

const environmentOf = (
  { count, databaseUrl, masterKeyFile, settings }: ServersOptions,
  port: number,
): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  NODE_ENV: "production",
  DATABASE_URL: databaseUrl,
  MASTER_KEY_FILE: masterKeyFile,
  PORT: String(port),
  SHARE_PORT: count > 1 ? "1" : "0",
  LOG_LEVEL: "warn",
  ...settings,
});
