import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** The platform in a process of its own. */
export interface PlatformProcess {
  /** Where it listens; nothing without the `api` role. */
  readonly url: string;
  readonly process: ChildProcess;
}

/** Starts one with this environment, and kills it after the test. */
export async function aProcess(
  t: { after: (end: () => void) => void },
  env: Record<string, string>,
): Promise<PlatformProcess> {
  const main = new URL("../src/main.ts", import.meta.url);
  const started = fork(main, { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  t.after(() => started.kill("SIGKILL"));
  const [{ address }] = (await once(started, "message")) as [{ address: string }];
  return { url: address, process: started };
}
