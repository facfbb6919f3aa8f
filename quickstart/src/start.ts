import { dirname, join, resolve } from "node:path";
import { DemoFailed } from "./demo-process.ts";
import { clearHome, type Home, lockHome, openHome, unlockHome } from "./home.ts";
import { Launcher, StartError } from "./launcher.ts";
import { PostgresError } from "./postgres-cluster.ts";
import { Progress } from "./progress.ts";
import { textsFor } from "./texts.ts";

/** What `npm start` runs: the whole platform on this machine, with demo data, until Ctrl-C. */
const texts = textsFor(process.env);
const progress = new Progress(texts);
const flags = new Set(process.argv.slice(2));

process.exitCode = await main().catch((error: Error) => {
  console.error(`\n${texts.notStarted}\n${explain(error)}`);
  return 1;
});

async function main(): Promise<number> {
  const unknown = [...flags].find((flag) => !["--fresh", "--yes", "--help"].includes(flag));
  if (unknown) throw new StartError(texts.unknownOption(unknown));
  if (flags.has("--help")) {
    console.log(texts.help);
    return 0;
  }
  const home = openHome(resolve(process.env.FEIQIAN_HOME || join(import.meta.dirname, "../../.feiqian")));
  const other = lockHome(home);
  if (other !== undefined) throw new StartError(texts.running(other));
  try {
    if (flags.has("--fresh") && !(await begunAnew(home))) return 1;
    await runUntilStopped(home);
    return 0;
  } finally {
    unlockHome(home);
  }
}

async function runUntilStopped(home: Home): Promise<void> {
  const launcher = new Launcher(home, texts, progress);
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= launcher.stop());
  // A terminal and npm may both pass on one Ctrl-C: the second one changes nothing.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (!stopping) progress.say(texts.stopping);
      void stop();
    });
  }
  try {
    await launcher.run();
  } catch (error) {
    if (!stopping) throw error;
  } finally {
    await stop();
  }
  progress.say(texts.stopped);
}

/** Deletes everything, if that is really wanted. */
async function begunAnew(home: Home): Promise<boolean> {
  if (process.env.DATABASE_URL?.trim()) throw new StartError(texts.freshNotYours);
  if (!flags.has("--yes")) {
    if (!process.stdin.isTTY) throw new StartError(texts.freshNeedsYes);
    const { createInterface } = await import("node:readline/promises");
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question(texts.freshQuestion(home.folder)).catch(() => ""); // Ctrl-C
    terminal.close();
    if (answer.trim().toLowerCase() !== "yes") {
      console.log(texts.freshKept);
      return false;
    }
  }
  await clearHome(home);
  return true;
}

/** Failures that are foreseen say all there is to say; of others the trace may help. */
function explain(error: Error & { code?: string; path?: string }): string {
  if (error.code === "EACCES" && error.path) return texts.noAccess(dirname(error.path));
  const isForeseen = [StartError, PostgresError, DemoFailed].some((known) => error instanceof known);
  return isForeseen ? error.message : (error.stack ?? error.message);
}
