import assert from "node:assert/strict";
import { test } from "node:test";
import { useHttp } from "#test/http.ts";
import { open } from "./access.ts";
import { sendPage } from "./answer-headers.ts";
import { parseOrigins } from "./cors.ts";
import type { Http } from "./http.ts";

function routes(app: Http): void {
  app.get("/v1/things", { config: open() }, async () => ({ object: "thing" }));
  app.post("/v1/sessions", { config: open() }, async () => ({ object: "session" }));
  app.get("/page", { config: open() }, async (_request, reply) => sendPage(reply, "<p>", { "img-src": "'self'" }));
}
const server = useHttp(routes);
const origins = parseOrigins("https://app.example.com, http://localhost:5173");
const shop = useHttp(routes, { isHttps: true, isAllowedOrigin: (origin) => origins.has(origin) });

const safe = {
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

test("every answer is safe to meet a browser: found, not found, broken, refused", async () => {
  for (const [path, headers] of [
    ["/v1/things", {}],
    ["/nothing", {}],
    ["/v1/things/%zz", {}],
    ["/v1/things?a=%00", {}],
    ["/v1/things", { "feiqian-version": "1" }],
  ] as const) {
    const answer = await server.call("GET", path, { headers });
    for (const [name, value] of Object.entries(safe)) assert.equal(answer.headers.get(name), value, `${path} ${name}`);
    assert.equal(answer.headers.get("strict-transport-security"), null);
    assert.equal(answer.headers.get("x-powered-by") ?? answer.headers.get("server"), null);
  }
  const secured = await shop.call("GET", "/nothing");
  assert.match(secured.headers.get("strict-transport-security") ?? "", /^max-age=63072000; includeSubDomains$/);
});

test("a page loads and runs what is named, stands in no frame, and may use no device", async () => {
  const { headers } = await server.call("GET", "/page").catch(() => fetch(`${server.url}/page`));
  assert.equal(
    headers.get("content-security-policy"),
    "default-src 'none'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  );
  assert.equal(headers.get("x-frame-options"), "DENY");
  assert.equal(headers.get("cross-origin-opener-policy"), "same-origin");
  assert.match(headers.get("permissions-policy") ?? "", /camera=\(\)/);
});

/** What an answer tells a browser about other origins. */
async function told(of: typeof server, method: string, path: string, headers: Record<string, string>) {
  const answer = await fetch(of.url + path, { method, headers });
  const cors = [...answer.headers].filter(([name]) => name.startsWith("access-control-"));
  return { status: answer.status, vary: answer.headers.get("vary"), cors: Object.fromEntries(cors), answer };
}
const asks = (origin: string, method = "POST") => ({ origin, "access-control-request-method": method });

test("a page of an allowed origin may ask and read; credentials go where sessions are", async () => {
  const origin = "https://app.example.com";
  const preflight = await told(shop, "OPTIONS", "/v1/things", asks(origin));
  assert.equal(preflight.status, 204);
  assert.equal(preflight.vary, "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  assert.equal(preflight.cors["access-control-allow-origin"], origin);
  assert.equal(preflight.cors["access-control-allow-credentials"], undefined);
  assert.match(preflight.cors["access-control-allow-headers"] ?? "", /Authorization.*Idempotency-Key/);
  assert.match(preflight.cors["access-control-allow-methods"] ?? "", /DELETE/);
  const actual = await told(shop, "GET", "/v1/things", { origin });
  assert.deepEqual([actual.status, actual.vary, actual.cors["access-control-allow-origin"]], [200, "Origin", origin]);
  assert.match(actual.cors["access-control-expose-headers"] ?? "", /Request-Id/);
  for (const method of ["OPTIONS", "POST"])
    assert.equal(
      (await told(shop, method, "/v1/sessions", asks(origin))).cors["access-control-allow-credentials"],
      "true",
    );
  const failed = await told(shop, "GET", "/nothing", { origin });
  assert.deepEqual([failed.status, failed.cors["access-control-allow-origin"]], [404, origin]);
});

for (const origin of [
  "https://evil.example",
  "https://app.example.com.evil.example",
  "https://evilapp.example.com",
  "http://app.example.com",
  "https://app.example.com:8443",
  "https://app.example.com/",
  "HTTPS://APP.EXAMPLE.COM",
  "http://localhost:5174",
  "null",
  "",
  "*",
])
  test(`the origin "${origin}" may not ask, and learns nothing`, async () => {
    const preflight = await told(shop, "OPTIONS", "/v1/things", asks(origin));
    const { error } = (await preflight.answer.json()) as { error: { code: string } };
    assert.deepEqual([preflight.status, error.code, preflight.cors], [403, "origin_not_allowed", {}]);
    assert.deepEqual((await told(shop, "GET", "/v1/things", { origin })).cors, {});
    assert.equal(preflight.vary, "Origin");
  });

test("where no origin is allowed nothing is said of origins, and there is nothing to ask", async () => {
  const origin = "https://app.example.com";
  assert.deepEqual((await told(server, "OPTIONS", "/v1/things", asks(origin))).status, 404);
  const { cors, vary } = await told(server, "GET", "/v1/things", { origin });
  assert.deepEqual([cors, vary], [{}, null]);
});

test("CORS_ORIGINS are origins of https pages, or of this machine's; what is wrong is named", () => {
  assert.deepEqual([...origins], ["https://app.example.com", "http://localhost:5173"]);
  for (const wrong of [
    "http://app.example.com",
    "https://app.example.com/",
    "*",
    "null",
    "app.example.com",
    "https://a.example/x",
  ])
    assert.throws(() => parseOrigins(wrong), new RegExp(`"${wrong.replace(/\W/g, "\\$&")}" is not an origin`));
});
