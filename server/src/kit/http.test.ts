import assert from "node:assert/strict";
import { test } from "node:test";
import { Type } from "typebox";
import { aMerchantToken, tokenOf, useHttp } from "#test/http.ts";
import { allow, open } from "./access.ts";
import { createHttp } from "./http.ts";
import { kitErrors } from "./kit-errors.ts";
import { Amount, Metadata, Strict, Text, Time } from "./schemas.ts";

const Pay = {
  body: Strict({
    amount: Amount,
    subject: Type.Optional(Text(20)),
    at: Type.Optional(Time),
    metadata: Type.Optional(Metadata),
    nested: Type.Optional(Strict({ "odd/na~me": Type.Optional(Type.Boolean()) })),
  }),
};

const server = useHttp((app) => {
  app.post("/v1/echo", { schema: Pay, config: open() }, async (request) => request.body);
  app.get(
    "/v1/list",
    {
      schema: { querystring: Strict({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) }) },
      config: open(),
    },
    async (request) => request.query,
  );
  app.get("/v1/things/:id", { config: open() }, async () => ({ object: "thing" }));
  app.get("/v1/broken", { config: open() }, async () => {
    throw new Error("secret of the inside");
  });
  app.get("/v1/known", { config: open() }, async () => {
    throw kitErrors.overloaded({ retryAfter: 7 });
  });
  app.get("/v1/mine", { config: allow("merchant", "things:read") }, async (request) => request.actor);
  app.get("/v1/ours", { config: allow(["merchant", "staff"], "things:read") }, async (request) => request.actor);
});

const post = (body: unknown, headers: Record<string, string> = {}) =>
  server.call("POST", "/v1/echo", { body, headers, key: null });

const bad: [what: string, body: unknown, code: string, param: string][] = [
  ["no body at all", undefined, "parameter_missing", "/amount"],
  ["an empty object", {}, "parameter_missing", "/amount"],
  ["an unknown field", { amount: 1, amout: 2 }, "parameter_unknown", "/amout"],
  ["an unknown field further down", { amount: 1, nested: { extra: 1 } }, "parameter_unknown", "/nested/extra"],
  [
    "a wrong type under a name that needs escaping",
    { amount: 1, nested: { "odd/na~me": 1 } },
    "parameter_invalid",
    "/nested/odd~1na~0me",
  ],
  ["a text for an amount", { amount: "100" }, "parameter_invalid", "/amount"],
  ["null for an amount", { amount: null }, "parameter_invalid", "/amount"],
  ["true for an amount", { amount: true }, "parameter_invalid", "/amount"],
  ["a float amount", { amount: 1.5 }, "parameter_invalid", "/amount"],
  ["a tiny fraction", { amount: 1e-9 }, "parameter_invalid", "/amount"],
  ["amount 0", { amount: 0 }, "parameter_invalid", "/amount"],
  ["a negative amount", { amount: -1 }, "parameter_invalid", "/amount"],
  ["2^53", { amount: 2 ** 53 }, "parameter_invalid", "/amount"],
  ["a number beyond every float", '{"amount":1e999}', "parameter_invalid", "/amount"],
  ["an array for an object", [], "parameter_invalid", "/"],
  ["a number for an object", "7", "parameter_invalid", "/"],
  ["null for an object", "null", "parameter_invalid", "/"],
  ["an empty text", { amount: 1, subject: "" }, "parameter_invalid", "/subject"],
  ["a text too long", { amount: 1, subject: "x".repeat(21) }, "parameter_invalid", "/subject"],
  ["a control character", { amount: 1, subject: "a\u0000b" }, "parameter_invalid", "/subject"],
  ["a line break", { amount: 1, subject: "a\nb" }, "parameter_invalid", "/subject"],
  ["half of a surrogate pair", '{"amount":1,"subject":"\\ud83d"}', "parameter_invalid", "/subject"],
  ["a time that is none", { amount: 1, at: "2026-02-30T00:00:00Z" }, "parameter_invalid", "/at"],
  ["metadata that is not text", { amount: 1, metadata: { a: 1 } }, "parameter_invalid", "/metadata/a"],
  ["a nested metadata value", { amount: 1, metadata: { a: { b: "c" } } }, "parameter_invalid", "/metadata/a"],
  [
    "too much metadata",
    { amount: 1, metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ""])) },
    "parameter_invalid",
    "/metadata",
  ],
];
for (const [what, body, code, param] of bad)
  test(`${what} is refused as ${code} at ${param}`, async () => {
    const answer = await post(body);
    assert.deepEqual([answer.status, answer.body.error?.code, answer.body.error?.param], [400, code, param]);
    assert.equal(answer.body.error.type, "invalid_request");
  });

test("what is allowed arrives as it was sent: the greatest amount, Chinese, emoji, any order", async () => {
  const body = {
    subject: "飞钱 🧧 café",
    metadata: { 店: "一号" },
    amount: Number.MAX_SAFE_INTEGER,
    at: "2026-11-21T10:00:00Z",
  };
  const answer = await post(body, { "content-type": "application/json; charset=utf-8" });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, body);
  assert.equal(answer.headers.get("content-type"), "application/json; charset=utf-8");
});

for (const [what, text] of [
  ["broken JSON", '{"amount":'],
  ["two objects", "{}{}"],
  ["a trailing comma", '{"amount":1,}'],
  ["bytes that are no JSON", "\u0000\u0001"],
] as const)
  test(`${what} is no valid body`, async () => {
    const answer = await post(text);
    assert.deepEqual([answer.status, answer.body.error.code], [400, "body_invalid"]);
    assert.equal(({} as Record<string, unknown>).admin, undefined);
  });

for (const [what, text] of [
  ["__proto__", '{"amount":1,"__proto__":{"admin":true}}'],
  ["__proto__ deep down", '{"amount":1,"metadata":{"a":{"__proto__":{"admin":true}}}}'],
  ["a constructor with a prototype", '{"amount":1,"constructor":{"prototype":{"admin":true}}}'],
] as const)
  test(`${what} is no name of a field`, async () => {
    const answer = await post(text);
    assert.deepEqual([answer.status, answer.body.error.code], [400, "json_name_forbidden"]);
    assert.equal(({} as Record<string, unknown>).admin, undefined);
  });

test("arrays nested as deep as a body allows are refused quickly", async () => {
  const depth = 60_000;
  for (const text of [
    "[".repeat(depth) + "]".repeat(depth),
    `{"amount":${"[".repeat(depth)}${"]".repeat(depth)}}`,
    '{"a":'.repeat(20_000) + "1" + "}".repeat(20_000),
  ]) {
    const answer = await post(text);
    assert.equal(answer.status, 400);
  }
  assert.equal((await post("[".repeat(100_000))).body.error.code, "body_invalid");
});

for (const type of [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/xml",
  "application/jsonp",
  "nonsense",
  "application/json, text/plain",
])
  test(`content type ${type} is not accepted`, async () => {
    const answer = await post('{"amount":1}', { "content-type": type });
    assert.deepEqual([answer.status, answer.body.error.code], [415, "content_type_unsupported"]);
  });

test("query parameters are read as numbers and refused by their names", async () => {
  assert.deepEqual((await server.call("GET", "/v1/list?limit=5")).body, { limit: 5 });
  for (const [query, code, param] of [
    ["limit=0", "parameter_invalid", "limit"],
    ["limit=many", "parameter_invalid", "limit"],
    ["limit=1&limit=2", "parameter_invalid", "limit"],
    ["limti=1", "parameter_unknown", "limti"],
    ["__proto__=1", "parameter_unknown", "__proto__"],
  ] as const) {
    const { status, body } = await server.call("GET", `/v1/list?${query}`);
    assert.deepEqual([status, body.error.code, body.error.param], [400, code, param], query);
  }
});

test("unknown addresses are not found, whatever method, in the shape of every error", async () => {
  for (const [method, path] of [
    ["GET", "/"],
    ["GET", "/v1/nothing"],
    ["DELETE", "/v1/echo"],
    ["PUT", "/v1/echo"],
    ["GET", "/V1/list"],
    ["GET", `/v1/things/${"x".repeat(500)}`],
    ["OPTIONS", "/v1/echo"],
  ] as const) {
    const answer = await server.call(method, path);
    assert.deepEqual([answer.status, answer.body.error.code], [404, "route_not_found"], `${method} ${path}`);
    assert.equal(answer.body.error.request_id, answer.headers.get("request-id"));
  }
});

test("HEAD answers as GET does, without a body, also where it fails", async () => {
  for (const [path, status] of [
    ["/v1/list", 200],
    ["/v1/nothing", 404],
    ["/v1/broken", 500],
    ["/v1/mine", 401],
  ] as const) {
    const answer = await server.call("HEAD", path);
    assert.deepEqual([answer.status, answer.body], [status, ""], path);
    assert.match(answer.headers.get("request-id") ?? "", /^req_/);
  }
});

test("every answer has its own request id and the version; a version that does not exist is refused", async () => {
  const [one, two] = [await server.call("GET", "/v1/list"), await server.call("GET", "/v1/list")];
  assert.match(one.headers.get("request-id") ?? "", /^req_[0-9a-z]{26}$/);
  assert.notEqual(one.headers.get("request-id"), two.headers.get("request-id"));
  const version = one.headers.get("feiqian-version") ?? "";
  assert.equal((await server.call("GET", "/v1/list", { headers: { "feiqian-version": version } })).status, 200);
  const { status, body } = await server.call("GET", "/v1/list", { headers: { "feiqian-version": "2020-01-01" } });
  assert.deepEqual([status, body.error.code, body.error.param], [400, "version_unknown", "Feiqian-Version"]);
});

test("the reader's language chooses the message, never the code", async () => {
  const inLanguage = async (language: string) =>
    (await server.call("GET", "/v1/nothing", { headers: { "accept-language": language } })).body.error;
  const [chinese, english] = [await inLanguage("zh-CN,zh;q=0.9,en;q=0.8"), await inLanguage("en-GB,zh;q=0.5")];
  assert.deepEqual([chinese.message, english.message], ["接口不存在。", "There is nothing at this address."]);
  assert.equal(chinese.code, english.code);
});

test("something thrown that nobody knows is internal_error: no text, no stack", async () => {
  const { status, body } = await server.call("GET", "/v1/broken");
  assert.deepEqual([status, body.error.code, body.error.type], [500, "internal_error", "platform"]);
  assert.doesNotMatch(JSON.stringify(body), /secret|\bat\b|\.ts/);
});

test("an error that knows when to come again says so", async () => {
  const answer = await server.call("GET", "/v1/known");
  assert.deepEqual([answer.status, answer.headers.get("retry-after")], [503, "7"]);
});

test("a route admits its kinds of actors with its scope only", async () => {
  const asking = async (path: string, token?: string) => {
    const { status, body, headers } = await server.call("GET", path, token === undefined ? {} : { token });
    return [status, body.error?.code ?? body.kind, headers.get("www-authenticate")];
  };
  const staff = (permissions: string[]) =>
    tokenOf({
      kind: "staff",
      staffId: "stf_1",
      sessionId: "ses_1",
      role: "operator",
      permissions: new Set(permissions),
    });
  assert.deepEqual(await asking("/v1/mine"), [401, "credentials_missing", "Bearer"]);
  assert.deepEqual(await asking("/v1/mine", "unknown"), [401, "credentials_unknown", "Bearer"]);
  assert.deepEqual(await asking("/v1/mine", aMerchantToken()), [200, "merchant", null]);
  assert.deepEqual(await asking("/v1/mine", aMerchantToken(["things:read"])), [200, "merchant", null]);
  assert.deepEqual(await asking("/v1/mine", aMerchantToken(["things:write"])), [403, "scope_missing", null]);
  assert.deepEqual(await asking("/v1/mine", staff(["things:read"])), [403, "actor_not_allowed", null]);
  assert.deepEqual(await asking("/v1/ours", staff(["things:read"])), [200, "staff", null]);
  assert.deepEqual(await asking("/v1/ours", staff([])), [403, "scope_missing", null]);
  const basic = await server.call("GET", "/v1/mine", { headers: { authorization: "Basic eDp5" } });
  assert.equal(basic.body.error.code, "credentials_unknown");
});

test("a route that does not say who may call it can't be registered", () => {
  assert.throws(() => createHttp().get("/v1/forgotten", async () => ({})), /does not say who may call it/);
});
