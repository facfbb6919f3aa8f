import { spawn } from "node:child_process";

/** Runs a program to its end and gives what it said on standard output. Throws with its last words when it fails, or is aborted. */
export async function runProgram(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  const child = spawn(program, words, { env, signal, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let errors = "";
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (errors += text));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`${program} ${words.join(" ")} failed:\n${errors.slice(-1_500)}`);
  return out;
}
