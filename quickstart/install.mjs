// Makes node_modules fit package-lock.json before anything else runs. Plain JavaScript for whatever Node the machine has (20 or newer);
// what comes after it runs on the Node 24 that this installs (`env node` finds node_modules/.bin first, because npm puts it on the path).
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const chinese = /^zh/i.test(process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "");
const say = (en, zh) => console.log(chinese ? zh : en);

function stop(en, zh) {
  console.error(chinese ? zh : en);
  process.exit(1);
}

const major = Number(process.versions.node.split(".")[0]);
const platform = `${process.platform}-${process.arch}`;
if (major < 20) {
  stop(
    `Feiqian needs Node 20 or newer to begin (this is ${process.version}). See https://nodejs.org/`,
    `飞钱需要 Node 20 或更高版本（当前为 ${process.version}）。请见 https://nodejs.org/`,
  );
}
if (!["linux-x64", "linux-arm64", "darwin-arm64"].includes(platform) && (major < 24 || process.platform === "win32")) {
  stop(
    `No Node 24 is packaged for ${platform}. Use Linux (x64, arm64; on Windows: WSL) or macOS (arm64), or Node 24 of your own and a DATABASE_URL.`,
    `没有适用于 ${platform} 的内置 Node 24。请使用 Linux（x64、arm64；Windows 请用 WSL）或 macOS（arm64），或自备 Node 24 并设置 DATABASE_URL。`,
  );
}

const read = (file) => {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  } catch {
    return {};
  }
};

/** Names what differs between the lock file and what npm says it installed (it writes its list last, when all went well). */
function differences() {
  const wanted = read("package-lock.json");
  const installed = read("node_modules/.package-lock.json");
  const isForHere = ({ os, cpu }) =>
    (!os || [os].flat().includes(process.platform)) && (!cpu || [cpu].flat().includes(process.arch));
  // Optional packages that name no platform, or a C library, are npm's to judge.
  const mayBeAbsent = (entry) => entry.optional && (entry.libc || !(entry.os || entry.cpu) || !isForHere(entry));
  const different = Object.keys(wanted).filter((path) => {
    const here = installed[path];
    if (path === "") return false;
    if (!here) return !mayBeAbsent(wanted[path]);
    return here.version !== wanted[path].version || here.integrity !== wanted[path].integrity;
  });
  return [...different, ...Object.keys(installed).filter((path) => !wanted[path])];
}

/** npm 10 loses the packaged Node's link while it skips the other platforms' packages of the same command. */
function linkNode() {
  const folder = `node_modules/${process.platform === "darwin" ? "node-bin" : "node"}-${platform}`;
  const link = join(root, "node_modules/.bin/node");
  if (existsSync(join(root, folder)) && !existsSync(link)) {
    rmSync(link, { force: true });
    symlinkSync(relative(dirname(link), join(root, folder, "bin/node")), link);
  }
}

/** Runs `npm ci` with the Node that runs npm itself, because the packaged one is replaced by it. */
function installPackages() {
  const npm = process.env.npm_execpath?.endsWith("npm-cli.js")
    ? [process.env.npm_node_execpath ?? process.execPath, process.env.npm_execpath]
    : ["npm"];
  const [command, ...first] = npm;
  const options = ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  const child = spawn(command, [...first, ...options], { cwd: root, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** Fills Node's compile cache (see `npm start`): a process that finds its TypeScript in it needs 20 MB less. */
function compile(program) {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(root, "node_modules/.cache/node") };
  const child = spawn(join(root, "node_modules/.bin/node"), [program, "--help"], { cwd: root, env, stdio: "ignore" });
  return new Promise((resolve) => child.on("error", resolve).on("exit", resolve));
}

const lock = join(root, ".feiqian/install.lock");
const abandonedAfterMs = 10_000;

/** Lets one installation at a time into this folder. The owner touches the lock each second; one that is not touched is abandoned. */
async function exclusively(work) {
  mkdirSync(dirname(lock), { recursive: true, mode: 0o700 });
  for (let told = false; ; ) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const touched = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (touched !== undefined && Date.now() - touched > abandonedAfterMs) rmSync(lock, { force: true });
    if (!told)
      say("Another installation is running in this folder; waiting for it.", "本目录正在进行另一次安装，等待中。");
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const beat = setInterval(() => utimesSync(lock, new Date(), new Date()), 1_000);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    rmSync(lock, { force: true });
  }
}

async function install() {
  const begun = Date.now();
  say("Installing what package-lock.json names …", "正在安装 package-lock.json 所列的依赖……");
  const code = await installPackages();
  if (code !== 0) {
    console.error(chinese ? "npm ci 失败，原因见上。" : "npm ci failed; its reason stands above.");
    return code;
  }
  const missing = differences();
  if (missing.length > 0) {
    console.error(
      chinese ? `安装后仍缺少：${missing.join("、")}` : `Still missing after the installation: ${missing.join(", ")}`,
    );
    return 1;
  }
  linkNode();
  const packaged = spawnSync(join(root, "node_modules/.bin/node"), ["--version"], { encoding: "utf8" });
  if (packaged.status !== 0 && major < 24) {
    console.error(
      chinese
        ? "内置的 Node 24 无法在此运行：它需要 glibc 2.28 或更高版本（Alpine 不适用）。"
        : "The packaged Node 24 does not run here: it needs glibc 2.28 or newer (so not Alpine).",
    );
    return 1;
  }
  await Promise.all(["quickstart/src/start.ts", "server/src/main.ts"].map(compile));
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  say(`Installed in ${seconds} s.`, `安装完成，用时 ${seconds} 秒。`);
  return 0;
}

if (differences().length > 0) {
  process.exitCode = await exclusively(async () => (differences().length > 0 ? install() : 0));
}
