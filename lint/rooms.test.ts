import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { floors, refusal } from "./rooms.ts";

const modules = floors.flat().filter((room) => room !== "kit" && room !== "roles");
const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.some((one) => one === room));

test("a module may import exactly the modules to its left", () => {
  for (const from of modules) {
    for (const to of modules) {
      if (from === to) continue;
      const refused = refusal(`server/src/modules/${from}/routes.ts`, `#modules/${to}`) !== undefined;
      assert.equal(refused, floorOf(to) >= floorOf(from), `${from} → ${to}`);
    }
  }
});

test("everybody may import the kit and packages; the kit imports no module; roles import all", () => {
  for (const module of modules) {
    assert.equal(refusal(`server/src/modules/${module}/pay.ts`, "#kit/db.ts"), undefined);
    assert.equal(refusal(`server/src/modules/${module}/pay.ts`, "fastify"), undefined);
    assert.equal(refusal(`server/src/roles/api.ts`, `#modules/${module}`), undefined);
    assert.equal(refusal(`server/src/main.ts`, `#modules/${module}`), undefined);
    assert.match(refusal("server/src/kit/db.ts", `#modules/${module}`) ?? "", /kit may not import/);
  }
});

const table: [file: string, specifier: string, why: RegExp | undefined][] = [
  ["server/src/modules/payments/pay-by-code.ts", "./sql.ts", undefined],
  ["server/src/modules/payments/pay-by-code.ts", "../ledger/post.ts", /inside the module ledger/],
  ["server/src/modules/payments/pay-by-code.ts", "../ledger/index.ts", undefined],
  ["server/src/modules/ledger/post.ts", "../payments/index.ts", /ledger may not import payments/],
  ["server/src/modules/payments/pay-by-code.ts", "../../kit/db.ts", undefined],
  ["server/src/modules/payments/pay-by-code.ts", "../../roles/api.ts", /payments may not import roles/],
  ["server/src/modules/payments/pay-by-code.ts", "../../main.ts", /a room imports rooms/],
  ["server/src/modules/payments/pay-by-code.test.ts", "#test/database.ts", undefined],
  ["server/src/modules/helpers/text.ts", "#modules/ledger", /'helpers' is not in the table/],
  ["server/src/kit/db.ts", "../roles/api.ts", /kit may not import roles/],
  ["server/src/roles/api.ts", "../modules/ledger/post.ts", /inside the module ledger/],
  ["server/test/platform.ts", "../src/modules/ledger/post.ts", /inside the module ledger/],
  ["server/test/platform.ts", "#modules/ledger", undefined],
  ["quickstart/src/demo.ts", "@feiqian/server/modules/identity", undefined],
  ["quickstart/src/demo.ts", "../../server/src/kit/db.ts", /reaches into the workspace server/],
  ["sdk/src/client.ts", "./api.ts", undefined],
  ["sdk/src/client.ts", "node:crypto", /sdk\/src\/ imports nothing/],
  ["sdk/src/client.ts", "@feiqian/server/kit/errors.ts", /sdk\/src\/ imports nothing/],
  ["sdk/src/client.ts", "../../server/src/kit/errors.ts", /reaches into the workspace server/],
  ["sdk/test/client.test.ts", "@feiqian/server/test/platform.ts", undefined],
  ["cli/src/main.ts", "node:util", undefined],
  ["cli/src/main.ts", "@feiqian/sdk", undefined],
  ["cli/src/main.ts", "@feiqian/server/kit/money.ts", /cli\/src\/ imports @feiqian\/sdk/],
  ["docs/guides/online-order.ts", "@feiqian/server/test/platform.ts", /docs\/guides\/ imports @feiqian\/sdk/],
  ["server/src/kit/db.ts", "../../../quickstart/src/ports.ts", /reaches into the workspace quickstart/],
];

for (const [file, specifier, why] of table) {
  test(`${file} ${why ? "may not" : "may"} import ${specifier}`, () => {
    const said = refusal(file, specifier);
    if (why) assert.match(said ?? "", why);
    else assert.equal(said, undefined);
  });
}

test("the linter runs the house rules: each forbidden line is an error", async () => {
  const root = join(import.meta.dirname, "..");
  const copy = await mkdtemp(join(tmpdir(), "feiqian-lint-"));
  for (const path of [".oxlintrc.json", "lint"]) await cp(join(root, path), join(copy, path), { recursive: true });
  await mkdir(join(copy, "server/src/kit"), { recursive: true });
  await writeFile(join(copy, "server/src/kit/forbidden.ts"), forbidden);
  try {
    const { code, said } = await lint(root, copy);
    assert.equal(code, 1);
    const rules = [...said.matchAll(/forbidden\.ts:(\d+):.*\/([\w-]+\([\w-]+\))\]/g)].map(
      ([, line, rule]) => `${line} ${rule}`,
    );
    assert.deepEqual(rules.toSorted(), [
      "1 house(rooms)",
      "2 house(rooms)",
      "3 house(clock)",
      "3 house(clock)",
      "4 eslint(no-console)",
    ]);
  } finally {
    await rm(copy, { recursive: true });
  }
});

const forbidden = `export { post } from "#modules/ledger";
export const late = async () => import("../modules/payments/index.ts");
export const times = [Date.now(), new Date(), new Date(0)];
console.log(times);
`;

function lint(root: string, cwd: string): Promise<{ code: unknown; said: string }> {
  return new Promise((resolve) => {
    const words = [join(root, "node_modules/oxlint/bin/oxlint"), "--format=unix", "server"];
    execFile(process.execPath, words, { cwd }, (error, said, complaint) =>
      resolve({ code: error?.code ?? 0, said: said + complaint }),
    );
  });
}
