import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, test } from "node:test";
import fc from "fast-check";
import { owningEverything } from "#test/belongings.ts";
import { aPayer, aShop, ok } from "#test/factories.ts";
import { bodiesFor, type Schema, wordsFor } from "#test/hostile.ts";
import { usePlatform } from "#test/platform.ts";
import { createApi } from "./api.ts";
import { openApiDocument } from "./openapi.ts";

/**
 * Every endpoint of the OpenAPI document is sent what nobody should send. Whatever comes: an answer in time that is documented, never an internal
 * error, never a word of the program's inside.
 */
const runs = 12;
const answerWithinMs = 30_000;
/** Time that jumps would end what the other requests live from. */
const leftOut: ReadonlySet<string> = new Set(["POST /v1/test_clock"]);

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly security: readonly object[];
}

const api = createApi();
await api.ready();
const { paths } = openApiDocument(api) as { paths: Record<string, Record<string, Operation>> };
await api.close();

const platform = usePlatform();

describe("whatever is sent, the answer is one that is documented", () => {
  let known: string[] = [];
  const tokens: Record<string, string> = {};

  before(async () => {
    const { shop, payer, ids } = await owningEverything(platform);
    known = [...Object.values(ids).flat(), payer.phone, payer.pin];
    tokens.merchant = shop.key;
    tokens.user = payer.token;
    tokens.staff = (await platform.signIn("operator")).token;
  });

  for (const [path, item] of Object.entries(paths))
    for (const [method, operation] of Object.entries(item)) {
      const name = `${method.toUpperCase()} ${path}`;
      if (leftOut.has(name)) continue;
      test(name, async () => {
        await renewTokens();
        const kinds = [...operation.security.flatMap((scheme) => Object.keys(scheme)), "nobody"];
        await fc.assert(
          fc.asyncProperty(requestsTo(path, operation, kinds), (request) => judge(method.toUpperCase(), request)),
          { numRuns: runs, endOnFailure: true },
        );
      });
    }

  interface Asked {
    readonly url: string;
    readonly kind: string;
    readonly key: string;
    readonly body: string | undefined;
    readonly language: string;
  }

  function requestsTo(
    path: string,
    { parameters = [], requestBody }: Operation,
    kinds: readonly string[],
  ): fc.Arbitrary<Asked> {
    const placed = (where: string) => parameters.filter((parameter) => parameter.in === where);
    const words = (where: string) =>
      fc.record(Object.fromEntries(placed(where).map(({ name, schema }) => [name, wordsFor(schema, known)])));
    const query = fc.option(words("query"), { nil: {} });
    const schema = requestBody && Object.values(requestBody.content)[0]?.schema;
    return fc.record({
      url: fc.tuple(words("path"), query).map(([inPath, inQuery]) => urlOf(path, inPath, inQuery)),
      kind: fc.constantFrom(...kinds),
      key: fc.oneof(fc.uuid(), fc.constantFrom("x", "é", "a".repeat(255), "a".repeat(256))),
      body: schema ? bodiesFor(schema, known) : fc.constant(undefined),
      language: fc.constantFrom("en", "zh-CN", "*", "xx;q=9", ",,,"),
    });
  }

  async function judge(method: string, { url, kind, key, body, language }: Asked): Promise<void> {
    const token = tokens[kind];
    const answer = await fetch(platform.url + url, {
      method,
      headers: {
        "accept-language": language,
        ...(token && { authorization: `Bearer ${token}` }),
        ...(method === "POST" && { "idempotency-key": key === "é" ? Buffer.from(key).toString("latin1") : key }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && method !== "GET" && { body }),
      redirect: "manual",
      signal: AbortSignal.timeout(answerWithinMs),
    });
    if (answer.headers.get("content-type")?.startsWith("text/event-stream")) return void answer.body?.cancel();
    const text = await answer.text();
    const said = `${answer.status} ${text.slice(0, 400)}`;
    assert.ok(answer.status < 500 || (answer.status === 503 && answer.headers.has("retry-after")), said);
    assert.doesNotMatch(text, /\bat .*\.ts:\d+|node_modules|node:internal|select .* from |SQLSTATE/i, said);
    if (answer.status < 400) return;
    const { error } = JSON.parse(text);
    assert.match(error.code, /^[a-z][a-z0-9_]+$/, said);
    assert.ok(error.type && error.message && error.request_id, said);
  }

  /** What was sent may have ended a session or stopped a shop. */
  async function renewTokens(): Promise<void> {
    const works = async (kind: string, path: string) =>
      (await platform.call("GET", path, { token: tokens[kind] as string })).status === 200;
    if (!(await works("user", "/v1/users/me"))) tokens.user = (await aPayer(platform)).token;
    if (!(await works("staff", "/v1/staff/me"))) tokens.staff = (await platform.signIn("operator")).token;
    if (!(await works("merchant", "/v1/payments?limit=1"))) tokens.merchant = (await aShop(platform)).key;
  }
});

test("and afterwards the platform works as ever", async () => {
  const shop = await aShop(platform);
  const payer = await aPayer(platform);
  const order = `order-${randomUUID()}`;
  const paid = await ok(shop.scan(await payer.code(), { out_trade_no: order }));
  assert.equal(paid.status, "succeeded");
});

/** What a parameter may not hold in a URL is encoded; a lone surrogate can't be. */
function urlOf(path: string, inPath: Record<string, string>, inQuery: Record<string, string>): string {
  const encoded = (word: string): string => encodeURIComponent(word.toWellFormed());
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encoded(inPath[name] ?? "") || "%00");
  const query = Object.entries(inQuery).map(([name, word]) => `${encoded(name)}=${encoded(word)}`);
  return query.length > 0 ? `${filled}?${query.join("&")}` : filled;
}
