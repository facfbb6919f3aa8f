import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

/** A clone whose lock file names two packages, one of them for another platform, and an npm that installs what `installs` says. */
function aClone({ installs = ["needed"], exitCode = 0 }: { installs?: string[]; exitCode?: number } = {}) {
  const root = mkdtempSync(join(tmpdir(), "feiqian-test-"));
  after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "quickstart"));
  cpSync(join(import.meta.dirname, "install.mjs"), join(root, "quickstart/install.mjs"));
  const all = {
    needed: { version: "1.0.0" },
    foreign: { version: "1.0.0", optional: true, os: ["plan9"], cpu: ["x64"] },
  };
  writeFileSync(join(root, "package-lock.json"), lockOf(all));
  const installed = Object.fromEntries(Object.entries(all).filter(([name]) => installs.includes(name)));
  const npm = `const fs = require("node:fs");
    fs.appendFileSync("npm.log", process.argv.slice(2).join(" ") + "\\n");
    if (${exitCode}) process.exit(${exitCode});
    fs.mkdirSync("node_modules/.bin", { recursive: true });
    fs.writeFileSync("node_modules/.package-lock.json", ${JSON.stringify(lockOf(installed))});
    fs.rmSync("node_modules/.bin/node", { force: true });
    fs.symlinkSync(process.execPath, "node_modules/.bin/node");`;
  writeFileSync(join(root, "npm-cli.js"), npm);
  return {
    root,
    install: () => install(root),
    npmRuns: () =>
      existsSync(join(root, "npm.log")) ? readFileSync(join(root, "npm.log"), "utf8").trim().split("\n") : [],
  };
}

const lockOf = (packages: Record<string, object>): string =>
  JSON.stringify({
    packages: Object.fromEntries(Object.entries(packages).map(([name, entry]) => [`node_modules/${name}`, entry])),
  });

async function install(root: string): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [join(root, "quickstart/install.mjs")], {
    env: { ...process.env, LC_ALL: "C", npm_execpath: join(root, "npm-cli.js"), npm_node_execpath: process.execPath },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const [code] = await once(child, "close");
  return { code, said };
}

test("runs npm ci once, leaves out other platforms, and says nothing when all is there", async () => {
  const clone = aClone();
  const first = await clone.install();
  assert.equal(first.code, 0, first.said);
  assert.match(clone.npmRuns().join(), /^ci /);
  assert.deepEqual(await clone.install(), { code: 0, said: "" });
  assert.equal(clone.npmRuns().length, 1);
});

test("a lock file that names another version is a reason to install again", async () => {
  const clone = aClone();
  await clone.install();
  writeFileSync(join(clone.root, "package-lock.json"), lockOf({ needed: { version: "1.0.1" } }));
  const again = await clone.install();
  assert.equal(again.code, 1);
  assert.match(again.said, /Still missing after the installation: node_modules\/needed/);
  assert.equal(clone.npmRuns().length, 2);
});

test("two at once install once", async () => {
  const clone = aClone();
  const both = await Promise.all([clone.install(), clone.install()]);
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
  );
  assert.equal(clone.npmRuns().length, 1);
});

test("the lock of an installation that was killed is taken over", async () => {
  const clone = aClone();
  const lock = join(clone.root, ".feiqian/install.lock");
  mkdirSync(join(clone.root, ".feiqian"));
  writeFileSync(lock, "1");
  utimesSync(lock, 0, 0);
  assert.equal((await clone.install()).code, 0);
  assert.equal(existsSync(lock), false);
});

test("fails with npm, and installs at the next start", async () => {
  const clone = aClone({ exitCode: 3 });
  const failed = await clone.install();
  assert.equal(failed.code, 3);
  assert.match(failed.said, /npm ci failed/);
  await clone.install();
  assert.equal(clone.npmRuns().length, 2);
});
