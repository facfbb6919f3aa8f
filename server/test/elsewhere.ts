import { type ChildProcess, spawn } from "node:child_process";
import { elapsed } from "#kit/clock.ts";

/** Another process of the platform, made of a few lines of TypeScript. */
export interface Elsewhere {
  process: ChildProcess;
  /** What it wrote to standard output, once it ended well. Rejects with what it wrote to standard error otherwise. */
  output: Promise<string>;
}

/** Runs lines of a module in a process of its own, with the database opened there before and closed after. It does not outlive this one. */
export function elsewhere(databaseUrl: string, lines: string): Elsewhere {
  const source = `
    import { closeDatabase, database, inTransaction, openDatabase } from "#kit/db.ts";
    process.on("disconnect", () => process.exit(1));
    process.channel.unref();
    openDatabase({ url: process.env.DATABASE_URL });
    ${lines}
    await closeDatabase();`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", source], {
    cwd: new URL("..", import.meta.url),
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  let errors = "";
  child.stdout?.on("data", (text) => (output += text));
  child.stderr?.on("data", (text) => (errors += text));
  const ended = new Promise<string>((resolve, reject) =>
    child.on("close", (code) =>
      code === 0 ? resolve(output.trim()) : reject(new Error(errors || `ended with ${code}`)),
    ),
  );
  ended.catch(() => {});
  return { process: child, output: ended };
}

/** Waits until something holds: for what other processes or the database do in their own time. */
export async function eventually(holds: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<void> {
  for (const deadline = elapsed() + withinMs; !(await holds()); ) {
    if (elapsed() > deadline) throw new Error(`did not come to hold within ${withinMs} ms: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
