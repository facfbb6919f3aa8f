import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { startPostgres } from "./postgres.ts";
import { postmasterOf, stopPostmaster } from "./postmaster.ts";

/**
 * What `npm test` runs: types, lint, format, dead code, dependencies, generated files, then every test on a PostgreSQL of its own.
 * With words (`npm test -- ledger payments`) only the tests whose path contains one of them.
 */
const root = join(import.meta.dirname, "../..");
const workspaces = ["server", "quickstart", "bench", "torture", "lint", "sdk", "cli", "docs"];
const words = process.argv.slice(2);
const isQuick = words.length > 0;

/** Everything the tests write lies in here: they find it as the system's temporary folder. */
const temporary = realpathSync(mkdtempSync(join(tmpdir(), "feiqian-check-")));
chmodSync(temporary, 0o711); // Started by root, PostgreSQL runs as another user, who must pass.
const env = {
  ...process.env,
  PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}`,
  TMPDIR: temporary,
};
const running = new Set<ChildProcess>();
/** Each test has five minutes; a file whose tests are over and that does not end has left something open. */
const silenceMs = 600_000;
let interrupted = false;

interface Step {
  readonly name: string;
  readonly command: readonly [program: string, ...words: string[]];
}

const steps: Step[] = [
  { name: "types", command: ["tsc", "--noEmit"] },
  { name: "lint", command: ["oxlint"] },
  { name: "format", command: ["biome", "format"] },
  { name: "dead code", command: ["knip"] },
  { name: "dependencies", command: ["node", "lint/dependencies.ts"] },
];
if (existsSync(join(root, "server/src/generate.ts")))
  steps.push({ name: "generated files", command: ["node", "server/src/generate.ts", "--check"] });

interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    interrupted = true;
    for (const child of running) killGroup(child, "SIGTERM");
  });
}

const outcomes: Outcome[] = [];
let closingLines: string[] = [];
try {
  if (!isQuick) outcomes.push(...(await inPairs(steps, runStep)));
  if (!interrupted) outcomes.push(await runTests());
} finally {
  for (const child of running) killGroup(child, "SIGKILL");
  await removeTemporary();
}
console.log("");
for (const { name, ok, seconds } of outcomes) console.log(lineOf(name, ok, seconds));
console.log(["", ...closingLines].join("\n"));
process.exitCode = interrupted ? 130 : outcomes.every(({ ok }) => ok) ? 0 : 1;

function lineOf(name: string, ok: boolean, seconds: number): string {
  return `${ok ? "✓" : "✗"} ${name.padEnd(16)} ${seconds.toFixed(1).padStart(6)} s`;
}

/** Runs two at a time, gives the results in order. */
async function inPairs<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all([worker(), worker()]);
  return results;
}

/** Runs a check silently; what it has to say is shown when it fails. */
async function runStep({ name, command }: Step): Promise<Outcome> {
  if (interrupted) return { name, ok: false, seconds: 0 };
  const begun = performance.now();
  let said = "";
  const code = await run(command, env, (text) => (said += text));
  const outcome = { name, ok: code === 0, seconds: (performance.now() - begun) / 1000 };
  console.log(lineOf(name, outcome.ok, outcome.seconds));
  const heard = outcome.ok ? notesIn(said) : said.trimEnd();
  if (heard && !interrupted) console.log(heard);
  return outcome;
}

/** What a check that is content wants to be known all the same. */
function notesIn(said: string): string {
  return said
    .split("\n")
    .filter((line) => line.startsWith("note: "))
    .join("\n");
}

async function runTests(): Promise<Outcome> {
  const begun = performance.now();
  const files = globSync(`{${workspaces.join(",")}}/**/*.test.ts`, {
    cwd: root,
    exclude: (path) => path.split("/").includes("node_modules"),
  })
    .filter((file) => !isQuick || words.some((word) => file.includes(word)))
    .toSorted();
  if (files.length === 0) {
    console.log(`No test's path contains ${words.map((word) => `"${word}"`).join(" or ")}.`);
    return { name: "tests", ok: false, seconds: 0 };
  }
  const tap = join(temporary, "tests.tap");
  const postgres = await startPostgres({ folder: join(temporary, "postgres"), durable: false });
  const reporters = ["spec", "stdout", "tap", tap].map(
    (value, i) => `--test-reporter${i % 2 ? "-destination" : ""}=${value}`,
  );
  const code = await run(
    ["node", "--test", "--test-concurrency=2", `--test-timeout=${silenceMs / 2}`, ...reporters, ...files],
    { LOG_LEVEL: "fatal", ...(process.stdout.isTTY && { FORCE_COLOR: "1" }), ...env, TEST_DATABASE_URL: postgres.url },
    (text) => process.stdout.write(text),
  );
  await postgres.stop();
  closingLines = existsSync(tap) ? readFileSync(tap, "utf8").split("\n").filter(isClosingLine) : [];
  return { name: "tests", ok: code === 0, seconds: (performance.now() - begun) / 1000 };
}

function isClosingLine(line: string): boolean {
  return /^# (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(line);
}

/** Runs a program in a process group of its own, so that nothing it started outlives it. One that falls silent is ended. */
function run(
  [program, ...rest]: Step["command"],
  environment: NodeJS.ProcessEnv,
  show: (text: string) => void,
): Promise<number> {
  const child = spawn(program, rest, {
    cwd: root,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  const watchdog = setTimeout(() => {
    show(`Nothing happened for ${silenceMs / 60_000} minutes.\n`);
    killGroup(child, "SIGTERM");
  }, silenceMs);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      watchdog.refresh();
      show(text);
    });
  }
  return new Promise((resolve) => {
    child.once("error", (error) => {
      show(`${error.message}\n`);
      resolve(1);
    });
    child.once("exit", () => killGroup(child, "SIGKILL"));
    child.once("close", (code) => {
      clearTimeout(watchdog);
      running.delete(child);
      resolve(code ?? 1);
    });
  });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid) process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

/** Stops what PostgreSQL still runs in the temporary folder (a test that was interrupted can't), then removes it. */
async function removeTemporary(): Promise<void> {
  for (const file of globSync("**/postmaster.pid", { cwd: temporary })) {
    const data = dirname(join(temporary, file));
    const left = postmasterOf(data);
    if (left) await stopPostmaster(left.pid, data);
  }
  rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
}
