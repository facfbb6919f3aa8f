import assert from "node:assert/strict";
import { test } from "node:test";
import { type OpenApi, sdkDocuments } from "./generate-sdk.ts";
import type { Schema } from "./sdk-types.ts";

const text: Schema = { type: "string" };
const thing = (name: string, properties: Record<string, Schema>, required: string[] = []): Schema => ({
  type: "object",
  properties: { object: { type: "string", enum: [name] }, ...properties },
  required: ["object", ...required],
});
const list = (items: Schema): Schema => thing("list", { data: { type: "array", items } });
const answering = (schema: Schema) => ({ responses: { 200: { content: { "application/json": { schema } } } } });
const posting = (answer: Schema, body: Schema = { type: "object", properties: {} }) => ({
  ...answering(answer),
  requestBody: { content: { "application/json": { schema: body } } },
});

const cup = thing("cup", { size: text }, ["size"]);
const fullCup = thing("cup", { size: { type: ["string", "null"] }, tea: text }, ["size", "tea"]);

const documents = (paths: OpenApi["paths"]) => {
  const made = sdkDocuments({ paths }, [], "generate");
  return { resources: made["sdk/src/generated/resources.ts"] ?? "", types: made["sdk/src/generated/types.ts"] ?? "" };
};

test("methods are named by method and path", () => {
  const { resources } = documents({
    "/v1/tea_cups": { get: answering(list(cup)), post: posting(cup) },
    "/v1/tea_cups/{id}": { get: answering(cup), patch: posting(cup), delete: answering(cup) },
    "/v1/tea_cups/{id}/fill": { post: posting(cup) },
    "/v1/tea_cups/{id}/spoons": { get: answering(list(cup)), post: posting(cup) },
    "/v1/tea_cups/{id}/picture": { get: { responses: { 200: {} } } },
    "/v1/kettle": { get: answering(cup), put: posting(cup) },
    "/v1/pour": { post: posting(cup) },
    "/v1/stream": { get: answering(cup) },
  });
  const methods = [...resources.matchAll(/^( *)(\w+)(?:: \{|: \()/gm)].map(
    ([, indent = "", name]) => `${indent}${name}`,
  );
  assert.deepEqual(methods, [
    "  teaCups",
    ...["list", "create", "retrieve", "update", "delete", "fill"].map((name) => `    ${name}`),
    "    spoons",
    "      list",
    "      create",
    "    picture",
    "  kettle",
    "    retrieve",
    "    set",
    "  pour",
  ]);
});

test("what may wait for a second person has two answers, told apart by what they say they are", () => {
  const waiting = (done: Schema) => {
    const { responses } = answering(thing("request_for_tea", { text }));
    return { ...posting(done), responses: { ...answering(done).responses, 202: responses[200] } };
  };
  const { resources, types } = documents({
    "/v1/cups": { post: waiting(cup) },
    "/v1/pour": { post: waiting({ type: "object", properties: { poured: text }, required: ["poured"] }) },
  });
  assert.match(resources, /create: .*api\.call<types\.Cup \| types\.RequestForTea>/);
  assert.match(resources, /pour: .*api\.call<types\.PourAnswer \| types\.RequestForTea>/);
  assert.match(types, /interface RequestForTea \{\n {2}object: "request_for_tea";/);
  assert.match(types, /interface PourAnswer \{\n {2}object\?: undefined;\n {2}poured: string;\n\}/);
});

test("two operations that would be one method stop the generator", () => {
  const paths = { "/v1/tea_cups": { post: posting(cup) }, "/v1/tea-cups": { post: posting(cup) } };
  assert.throws(() => documents(paths), /teaCups\.create stands for two things/);
});

test("an object that is told in several ways is one type: what may be missing is optional, what differs is a choice", () => {
  const { types } = documents({ "/v1/cups/{id}": { get: answering(cup), patch: posting(fullCup) } });
  const [, fields] = /^export interface Cup \{\n(.*?)^\}/ms.exec(types) ?? [];
  assert.equal(fields, '  object: "cup";\n  size: string | null;\n  tea?: string | undefined;\n');
});

test("parameters of path, query, header and body become arguments, each sent where it belongs", () => {
  const { resources, types } = documents({
    "/v1/cups/{id}": {
      get: {
        ...answering(cup),
        parameters: [
          { in: "query", name: "expand[]", schema: { type: "array", items: { enum: ["tea", "milk"] } } },
          { in: "header", name: "cup-key", required: true, schema: text },
          { in: "header", name: "idempotency-key", schema: text },
        ],
      },
    },
  });
  assert.match(
    types,
    /interface CupsRetrieveParams \{\n {2}expand\?: Array<"tea" \| "milk"> \| undefined;\n {2}cup_key: string;\n\}/,
  );
  assert.match(resources, /const \{ cup_key, \.\.\.rest \} = params;/);
  assert.match(resources, /query: rest, headers: \{ "cup-key": cup_key \}/);
});

test("a call for anyone has no owner for an idempotency key, unless the route reads one itself", () => {
  const open = { ...posting(cup), security: [] };
  const keyed = { ...open, parameters: [{ in: "header", name: "idempotency-key", schema: text }] };
  const { resources } = documents({ "/v1/open": { post: open }, "/v1/keyed": { post: keyed } });
  assert.match(resources, /path: `\/v1\/open`.*open: true/);
  assert.doesNotMatch(resources, /path: `\/v1\/keyed`.*open: true/);
});
