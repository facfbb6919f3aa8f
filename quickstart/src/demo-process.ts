import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/** What the demo tells its launcher: first that its data are made, then the payment. */
export type DemoMessage = { made: true } | { paid: { id: string; amount: string } };

/** The demo could not be made; holds what its process complained of. */
export class DemoFailed extends Error {
  override name = "DemoFailed";
}

/** The demo at work, in a process of its own, whose memory is given back. */
export interface Demo {
  readonly process: ChildProcess;
  readonly made: Promise<void>;
  readonly paid: Promise<{ id: string; amount: string }>;
}

/** Makes demo data on the server at `url` and a first payment; leaves the logins in `credentials`. The promises reject with {@link DemoFailed}. */
export function makeDemo(env: NodeJS.ProcessEnv, url: string, credentials: string): Demo {
  const words = [join(import.meta.dirname, "demo.ts"), url, credentials];
  const child = spawn(process.execPath, words, { env, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => (complaint += text));
  const made = Promise.withResolvers<void>();
  const paid = Promise.withResolvers<{ id: string; amount: string }>();
  child.on("message", (message: DemoMessage) => {
    if ("made" in message) made.resolve();
    else paid.resolve(message.paid);
  });
  child.once("close", () => {
    const failure = new DemoFailed(complaint.trim());
    made.reject(failure);
    paid.reject(failure);
  });
  paid.promise.catch(() => {}); // Whoever waits for the data learns of the failure first.
  return { process: child, made: made.promise, paid: paid.promise };
}
