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
const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

test("the packed package, installed without a network, is used from plain JavaScript", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "feiqian-sdk-"));
  t.after(() => rm(folder, { recursive: true }));
  const dist = join(folder, "dist");
  await run("npm", ["run", "build", "-w", "@feiqian/sdk", "--", "--out", dist], { cwd: root });
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: dist });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  const names = files.map(({ path }) => path);
  assert.ok(["index.js", "index.d.ts", "package.json", "README.md", "LICENSE"].every((name) => names.includes(name)));
  assert.deepEqual(
    names.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts")),
    [],
  );
  await mkdir(join(folder, "shop"));
  const shopFolder = join(folder, "shop");
  await writeFile(join(shopFolder, "package.json"), '{"type":"module"}');
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", join(folder, filename)], { cwd: shopFolder });
  await writeFile(join(shopFolder, "pay.js"), program);
  const [shop, payer] = await Promise.all([aShop(platform), aPayer(platform)]);
  const words = [join(shopFolder, "pay.js"), platform.url, shop.key, await payer.code()];
  assert.equal((await run(process.execPath, words)).stdout, "succeeded 1250\nnot_found\n");

  await writeFile(join(shopFolder, "pay.ts"), typedProgram);
  const tsc = [join(root, "node_modules/typescript/bin/tsc"), "--strict", "--noEmit", "--module", "nodenext", "pay.ts"];
  await run(process.execPath, [...tsc, "--lib", "es2023,dom", "--types", ""], { cwd: shopFolder });
});

const program = `
import { createClient, NotFoundError } from "@feiqian/sdk";
const [baseUrl, apiKey, code] = process.argv.slice(2);
const feiqian = createClient({ baseUrl, apiKey });
const payment = await feiqian.payments.create({ amount: 1250, currency: "CNY", out_trade_no: "order-1", code });
console.log(payment.status, payment.amount);
await feiqian.payments.retrieve("pay_none").catch((error) => {
  if (error instanceof NotFoundError) console.log(error.code);
});
`;

/** What must compile, and what must not. */
const typedProgram = `
import { createClient, type ErrorCode, PaymentRefusedError, type Payment } from "@feiqian/sdk";
const feiqian = createClient({ baseUrl: "https://pay.example.com", apiKey: "sk_test_1" });
export const payment: Promise<Payment> = feiqian.payments.retrieve("pay_1");
export function reason(error: PaymentRefusedError): string {
  switch (error.code) {
    case "insufficient_funds": return "top up";
    default: return error.code satisfies ErrorCode;
  }
}
// @ts-expect-error An amount is a number of minor units.
void feiqian.payments.create({ amount: "12.50", currency: "CNY", out_trade_no: "order-1", code: "1" });
// @ts-expect-error There is no such field.
void feiqian.payments.create({ amount: 1250, currency: "CNY", out_trade_no: "order-1", code: "1", note: "" });
// @ts-expect-error There is no such code.
export const isNone = (error: PaymentRefusedError) => error.code === "no_such_code";
export async function total(): Promise<number> {
  let sum = 0;
  for await (const { amount } of feiqian.payments.list({ status: "succeeded" })) sum += amount;
  return sum;
}
`;

test("the browser's entry needs nothing of Node: no node: import, no global of Node's own", async () => {
  const cwd = join(root, "sdk/src");
  for (const file of globSync("**/*.ts", { cwd })) {
    const text = await readFile(join(cwd, file), "utf8");
    assert.doesNotMatch(text, /from "(?!\.)/, file);
    assert.doesNotMatch(text, /\b(Buffer|process|require|__dirname)\b[.(]/, file);
  }
});
