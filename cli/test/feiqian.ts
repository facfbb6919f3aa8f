import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The real program, with a configuration folder of its own. */
export function useFeiqian() {
  const folder = mkdtempSync(join(tmpdir(), "feiqian-cli-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const env = {
    PATH: process.env.PATH,
    FEIQIAN_CONFIG_HOME: join(folder, "config"),
    TZ: "UTC",
    LANG: "en_US.UTF-8",
  };
  const start = (words: readonly string[], more: NodeJS.ProcessEnv = {}) => {
    const program = join(import.meta.dirname, "../src/main.ts");
    return spawn(process.execPath, [program, ...words], { cwd: folder, env: { ...env, ...more } });
  };
  return {
    folder,
    env,
    start,
    /** Runs it to its end; `input` is what stands on standard input. */
    run: (words: readonly string[], { input = "", ...more }: NodeJS.ProcessEnv & { input?: string } = {}) =>
      new Promise<Ended>((resolve, reject) => {
        const child = start(words, more);
        let [out, err] = ["", ""];
        child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
        child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
        child.once("error", reject);
        child.once("close", (code) => resolve({ code, out, err }));
        child.stdin.end(input);
      }),
  };
}
