import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { database } from "#kit/db.ts";
import { allErrors } from "#kit/errors.ts";
import { dumpSchema } from "#kit/schema-dump.ts";
import { useDatabase } from "#test/database.ts";
import { createApi } from "./roles/api.ts";
import { openApiDocument } from "./roles/openapi.ts";

useDatabase();
const app = createApi();
before(() => app.ready());
after(() => app.close());

interface Operation {
  operationId: string;
  summary?: string;
  tags?: string[];
  security?: object[];
  responses: Record<string, object>;
}

test("server/schema.sql is what the migrations add up to; else run npm run generate", async () => {
  const committed = await readFile(new URL("../schema.sql", import.meta.url), "utf8");
  const [lines, made] = [committed.split("\n").slice(2), (await dumpSchema(database())).split("\n")];
  const at = made.findIndex((line, i) => line !== lines[i]);
  assert.equal(lines[at], made[at]);
  assert.equal(lines.length, made.length);
});

test("every error of the catalogues is answered somewhere", async () => {
  const cwd = new URL(".", import.meta.url).pathname;
  const files = globSync("**/*.ts", { cwd }).filter((file) => !/errors\.ts$|\.test\.ts$/.test(file));
  const code = (await Promise.all(files.map((file) => readFile(`${cwd}${file}`, "utf8")))).join("\n");
  const words = new Set(code.match(/\w+/g));
  const unused = allErrors().filter(([error]) => !words.has(error));
  assert.deepEqual(
    unused.map(([error]) => error),
    [],
  );
});

test("every error speaks English and Chinese and says what to do", () => {
  for (const [code, { en, zh, advice }] of allErrors()) {
    assert.match(code, /^[a-z][a-z0-9_]*$/);
    assert.match(en, /\.$/, code);
    assert.match(zh, /\p{Script=Han}.*。$/u, code);
    assert.match(advice, /\.$/, code);
  }
});

test("every operation has a name of its own, a summary, a tag, who may call it, and how it fails", () => {
  const { paths } = openApiDocument(app) as { paths: Record<string, Record<string, Operation>> };
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, ...operation })),
  );
  assert.ok(operations.length > 40);
  for (const { name, summary, tags, security, responses } of operations) {
    assert.ok(summary, `${name} has no summary`);
    assert.equal(tags?.length, 1, `${name} has one tag`);
    assert.ok(security, `${name} does not say who may call it`);
    assert.ok(responses.default, `${name} does not say how it fails`);
    assert.ok(
      Object.keys(responses).some((status) => status.startsWith("2")),
      `${name} does not say what it answers`,
    );
  }
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
});
