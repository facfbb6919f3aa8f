import { randomUUID } from "node:crypto";
import { globSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import pg from "pg";
import { allErrors, type ErrorEntry } from "#kit/errors.ts";
import { migrate } from "#kit/migrate.ts";
import { dumpSchema } from "#kit/schema-dump.ts";
import { type OpenApi, sdkDocuments } from "./generate-sdk.ts";
import { accessPage } from "./roles/access-page.ts";
import { createApi } from "./roles/api.ts";
import { openApiDocument } from "./roles/openapi.ts";

/**
 * Writes the documents that are made from code, or compares them with what is committed:
 *
 *   node server/src/generate.ts            write them; server/schema.sql needs a PostgreSQL in DATABASE_URL
 *   node server/src/generate.ts --check    name those that differ, and fail
 */
const root = new URL("../../", import.meta.url);
const command = "npm run generate";

type Documents = Record<string, string>;

/** What needs nothing but the code. */
async function fromCode(): Promise<Documents> {
  const app = createApi();
  await app.ready();
  const openApi = openApiDocument(app);
  await app.close();
  return {
    "sdk/openapi.json": `${JSON.stringify(openApi, null, 2)}\n`,
    "docs/access.md": accessPage(openApi, command),
    "docs/errors.md": errorsPage(allErrors()),
    "docs/fault-points.md": faultPointsPage(await readFaultPoints()),
    ...sdkDocuments(openApi as OpenApi, allErrors(), command),
  };
}

/** What the migrations add up to, from a database that is made for it and dropped. */
async function fromMigrations(adminUrl: string): Promise<Documents> {
  const name = `schema_${randomUUID().replaceAll("-", "")}`;
  const scratch = new URL(adminUrl);
  scratch.pathname = `/${name}`;
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`create database ${name} template template0`);
  try {
    await migrate(scratch.href);
    const client = new pg.Client({ connectionString: scratch.href });
    await client.connect();
    const schema = await dumpSchema(client);
    await client.end();
    const title = `-- What the migrations add up to, for reading. Made by \`${command}\`; the migrations make the database.`;
    return { "server/schema.sql": `${title}\n\n${schema}` };
  } finally {
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  }
}

function errorsPage(errors: readonly (readonly [string, ErrorEntry])[]): string {
  const groups = new Map<string, (readonly [string, ErrorEntry])[]>();
  for (const error of errors) {
    const title = `${error[1].status} ${error[1].type}`;
    groups.set(title, [...(groups.get(title) ?? []), error]);
  }
  const sections = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return `# Errors

Every error that the API answers. Act on \`code\`, never on the text; \`param\` names the field by JSON pointer, \`details\` holds what helps.
A refused payment (402) and a conflict (409) without \`Retry-After\` are the answer of their idempotency key: ask again with a new one.
Made by \`${command}\` from the \`errors.ts\` of each module.

${sections.map(([title, list]) => `## ${title}\n\n${list.map(errorText).join("\n\n")}`).join("\n\n")}
`;
}

function errorText([code, { en, zh, advice, param }]: readonly [string, ErrorEntry]): string {
  const field = param ? `\n\nField: \`${param}\`` : "";
  return `### ${code}\n\n${en} · ${zh}\n\n${advice}${field}`;
}

function faultPointsPage(points: ReadonlyMap<string, string>): string {
  const rows = [...points].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, file]) => `| \`${name}\` | \`${file}\` |`);
  return `# Fault points

Between two steps that a crash could separate stands a named point. A test-mode server arms some by
\`FAULT_POINTS="payments.after_commit=kill"\`: \`kill\`, \`error\` or \`delay:MS\`, each with \`+SKIP\` and \`*TIMES\`.
Made by \`${command}\` from the code.

| point | stands in |
|---|---|
${rows.join("\n")}
`;
}

/** Each point's name and the file it stands in. Throws when a name stands in two places. */
async function readFaultPoints(): Promise<Map<string, string>> {
  const points = new Map<string, string>();
  for (const file of globSync("server/src/**/*.ts", { cwd: root.pathname }).sort((a, b) => (a < b ? -1 : 1))) {
    if (file.endsWith(".test.ts")) continue;
    const text = await readFile(new URL(file, root), "utf8");
    for (const [, name = ""] of text.matchAll(/\bfaultPoint\("([\w.]+)"\);/g)) {
      if (points.has(name)) throw new Error(`fault point ${name} stands in ${points.get(name)} and in ${file}`);
      points.set(name, file);
    }
  }
  return points;
}

async function write(documents: Documents): Promise<void> {
  for (const [path, text] of Object.entries(documents)) {
    await mkdir(dirname(new URL(path, root).pathname), { recursive: true });
    await writeFile(new URL(path, root), text);
    console.log(path);
  }
}

/** Says what differs, with the first line that does. Gives how many documents do. */
async function compare(documents: Documents): Promise<number> {
  let differing = 0;
  for (const [path, text] of Object.entries(documents)) {
    const committed = (await readFile(new URL(path, root), "utf8").catch(() => "")).split("\n");
    const lines = text.split("\n");
    const at = lines.findIndex((line, i) => line !== committed[i]);
    if (at < 0 && lines.length === committed.length) continue;
    differing++;
    const line = at < 0 ? lines.length : at;
    console.error(`${path}:${line + 1} differs from the code: run ${command}`);
    console.error(`  committed  ${committed[line] ?? "(nothing)"}\n  code says  ${lines[line] ?? "(nothing)"}`);
  }
  return differing;
}

const check = process.argv.includes("--check");
const adminUrl = process.env.TEST_DATABASE_URL ?? process.env.DATABASE_URL;
const documents = { ...(await fromCode()), ...(adminUrl ? await fromMigrations(adminUrl) : {}) };
if (check) process.exitCode = (await compare(documents)) === 0 ? 0 : 1;
else await write(documents);
if (!adminUrl && !check) {
  console.error("server/schema.sql was not made: it needs a PostgreSQL, whose address stands in DATABASE_URL");
  process.exitCode = 1;
}
