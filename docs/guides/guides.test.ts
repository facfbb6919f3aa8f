import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { aPayer, aShop } from "@feiqian/server/test/factories.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";

const platform = usePlatform();
const guides = globSync("*.md", { cwd: import.meta.dirname }).toSorted();

/** The blocks of code of a language in a page. */
const blocksOf = (page: string, language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].flatMap(([, block]) => block ?? []);

/** Ids differ from run to run. */
const normalised = (text: string): string => text.replace(/\b([a-z]{2,4})_[0-9a-z]{26}\b/g, "$1_…");

for (const guide of guides) {
  const program = join(import.meta.dirname, guide.replace(/\.md$/, ".ts"));

  test(`${guide}: its program prints what the page says`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "feiqian-guide-"));
    t.after(() => rm(folder, { recursive: true }));
    const [shop, payer] = await Promise.all([aShop(platform, { name: "Demo merchant 1" }), aPayer(platform)]);
    const login = { id: payer.id, phone: payer.phone, password: payer.password, payment_pin: payer.pin };
    const credentials = { base_url: platform.url, merchant: { id: shop.id, api_key: shop.key }, users: [login] };
    await mkdir(join(folder, ".feiqian"));
    await writeFile(join(folder, ".feiqian/credentials.json"), JSON.stringify(credentials));
    const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: folder, timeout: 60_000 });
    const page = await readFile(join(import.meta.dirname, guide), "utf8");
    assert.deepEqual(blocksOf(page, "text"), [normalised(stdout)]);
  });

  test(`${guide}: the code on the page stands in the program`, async () => {
    const page = await readFile(join(import.meta.dirname, guide), "utf8");
    const code = await readFile(program, "utf8");
    const blocks = blocksOf(page, "ts");
    assert.ok(blocks.length > 0);
    for (const block of blocks) assert.ok(code.includes(block), block);
  });
}

test("there is a page for every program", () => {
  const programs = globSync("*.ts", { cwd: import.meta.dirname }).filter((name) => !name.endsWith(".test.ts"));
  assert.deepEqual(programs.map((name) => name.replace(/\.ts$/, ".md")).toSorted(), guides);
});
