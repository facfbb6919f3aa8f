import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { aPayer, aShop } from "@feiqian/server/test/factories.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";

const platform = usePlatform();
const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** Builds a workspace into the folder, packs it, and gives the tarball's path. */
async function packed(workspace: string, folder: string): Promise<string> {
  const dist = join(folder, workspace);
  await run("npm", ["run", "build", "-w", `@feiqian/${workspace}`, "--", "--out", dist], { cwd: root });
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: dist });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  return join(folder, filename);
}

test("the packed command, installed without a network, takes a payment", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "feiqian-cli-"));
  t.after(() => rm(folder, { recursive: true }));
  const tarballs = [await packed("sdk", folder), await packed("cli", folder)];
  const home = join(folder, "home");
  await mkdir(home);
  await writeFile(join(home, "package.json"), "{}");
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", ...tarballs], { cwd: home });
  const [shop, payer] = await Promise.all([aShop(platform), aPayer(platform)]);
  const env = { ...process.env, FEIQIAN_BASE_URL: platform.url, FEIQIAN_API_KEY: shop.key, FEIQIAN_CONFIG_HOME: home };
  const feiqian = (...words: string[]) => run(join(home, "node_modules/.bin/feiqian"), words, { env, cwd: home });
  assert.match((await feiqian("--help")).stdout, /Usage: feiqian/);
  const { stdout } = await feiqian("pay", "12.50", "--code", await payer.code(), "--json");
  assert.equal(JSON.parse(stdout).status, "succeeded");
});
