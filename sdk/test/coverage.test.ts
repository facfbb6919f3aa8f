import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createClient, type RequestOptions } from "@feiqian/sdk";

/** Written by hand in the SDK, or of no use in it. */
const leftOut = ["/v1/stream", "/v1/openapi.json", "/healthz", "/readyz", "/metrics"];
const { paths } = JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8")) as {
  paths: Record<string, Record<string, { parameters?: { name?: string; in?: string }[] }>>;
};

type Method = (...words: (string | object | RequestOptions)[]) => Promise<unknown>;

/** Every method of the generated part: its name, and itself. */
function* methodsOf(node: object, name: string[] = []): Generator<[string, Method]> {
  for (const [word, value] of Object.entries(node)) {
    const path = [...name, word];
    if (typeof value === "object") yield* methodsOf(value, path);
    else if (!["events.stream", "webhooks.verify"].includes(path.join("."))) yield [path.join("."), value as Method];
  }
}

test("every operation of the API has a method, and no method asks for anything else", async () => {
  const asked: string[] = [];
  const feiqian = createClient({
    baseUrl: "http://127.0.0.1",
    fetch: async (url, { method }) => {
      asked.push(`${method} ${new URL(url).pathname}`);
      return new Response("{}");
    },
  });
  const templates = Object.entries(paths)
    .filter(([path]) => !leftOut.includes(path))
    .flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
  const found = new Set<string>();
  for (const [name, method] of methodsOf(feiqian)) {
    const ids = [...method.toString().matchAll(/encodeURIComponent\(/g)].map((_, n) => `an/id ${n}`);
    await method(...ids, {});
    const last = asked.at(-1) ?? "";
    const template = templates.find((one) => {
      let n = 0;
      return one.replace(/\{\w+\}/g, () => encodeURIComponent(`an/id ${n++}`)) === last;
    });
    assert.ok(template, `${name} asks for ${last}`);
    assert.ok(!found.has(template), `two methods ask for ${template}`);
    found.add(template);
  }
  assert.deepEqual([...found].toSorted(), templates.toSorted());
});

test("a list in a query is named with brackets, as the SDK sends it", () => {
  for (const [path, item] of Object.entries(paths)) {
    for (const { parameters = [] } of Object.values(item)) {
      const lists = parameters.filter((one) => one.in === "query" && "schema" in one && isList(one.schema));
      const names = new Set(lists.map(({ name = "" }) => name));
      for (const name of names) assert.ok(names.has(`${name.replace(/\[\]$/, "")}[]`), `${path}: ${name}`);
    }
  }
});

const isList = (schema: unknown): boolean =>
  typeof schema === "object" && schema !== null && "type" in schema && schema.type === "array";
