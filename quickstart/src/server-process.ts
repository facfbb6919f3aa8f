import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { get, type OutgoingHttpHeaders } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A platform server that runs as a child. */
export interface ServerProcess {
  readonly process: ChildProcess;
  /** Where its part of the log begins. */
  readonly logFrom: number;
  /** Resolves when it is gone, with its exit code or the signal that ended it. */
  readonly gone: Promise<string>;
  stop(): Promise<void>;
}

const main = join(import.meta.dirname, "../../server/src/main.ts");
const mostLogBytes = 20_000_000;
/** The server gives itself nine seconds to finish what it has. */
const stopWithinMs = 9_500;

/** Hashing a password takes 19 MB for a moment. glibc would keep them for each thread; so large blocks go back to the system. */
const memory = { MALLOC_MMAP_THRESHOLD_: "1048576" };

/** What a request leaves is gone by the next collection; a larger young generation has fewer of them, and stops requests less often. */
const collector = "--max-semi-space-size=64";

/** Starts the server, which brings the database up to date first. Its log goes to a file. When we die, it stops by itself. */
export function startServer(env: NodeJS.ProcessEnv, logFile: string): ServerProcess {
  const sizeOfLog = () => statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (sizeOfLog() > mostLogBytes) renameSync(logFile, `${logFile}.1`);
  const logFrom = sizeOfLog();
  const out = openSync(logFile, "a", 0o600);
  const child = spawn(process.execPath, [collector, main, "--migrate"], {
    env: { ...memory, ...env },
    stdio: ["ignore", out, out, "ipc"],
  });
  closeSync(out);
  const gone = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(String(signal ?? code)));
  });
  return {
    process: child,
    logFrom,
    gone,
    async stop() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
      await gone;
      clearTimeout(late);
    },
  };
}

/** Waits until the server takes requests. Gives its base URL, or nothing when it ended or took too long. */
export async function whenReady(server: ServerProcess, withinMs: number): Promise<string | undefined> {
  const address = new Promise<string>((resolve) => {
    server.process.once("message", (message: { address: string }) => resolve(message.address));
  });
  const ended = server.gone.then(() => undefined);
  const url = await Promise.race([address, ended, sleep(withinMs, undefined, { ref: false })]);
  if (url === undefined) return undefined;
  return (await statusOf(`${url}/readyz`)) === 200 ? url : undefined;
}

/** Asks for an address and gives the status of the answer; 0 when there is none. Not `fetch`, which would stay in a launcher's memory. */
export function statusOf(url: string, headers: OutgoingHttpHeaders = {}): Promise<number> {
  return new Promise((resolve) => {
    get(url, { headers, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    }).on("error", () => resolve(0));
  });
}

/** What a server said last in its log: the messages, without their wrapping. `from`: where its part of the log begins. */
export function lastWords(logFile: string, from = 0): string {
  const lines = readFileSync(logFile).subarray(from).toString().trimEnd().split("\n");
  return lines.slice(-5).map(readable).join("\n");
}

function readable(line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg: string; err?: { message: string } };
    return `  ${msg}${err ? `: ${err.message}` : ""}`;
  } catch {
    return `  ${line}`;
  }
}
