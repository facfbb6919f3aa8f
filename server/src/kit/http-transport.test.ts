import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { Type } from "typebox";
import { callApi } from "#test/call.ts";
import { useHttp } from "#test/http.ts";
import { open } from "./access.ts";
import { elapsed } from "./clock.ts";
import { createHttp } from "./http.ts";
import { Amount, Strict } from "./schemas.ts";

/** What goes wrong before a request is a request: sizes, times, bytes that are no HTTP, connections that end. */
const server = useHttp(
  (app) => {
    const body = Strict({ amount: Amount, subject: Type.Optional(Type.String()) });
    app.post("/v1/echo", { schema: { body }, config: open() }, async (request) => request.body);
    app.get("/v1/list", { config: open() }, async () => ({ object: "list" }));
    app.get("/v1/things/:id", { config: open() }, async () => ({ object: "thing" }));
  },
  { requestTimeout: 300, headersTimeout: 200, connectionsCheckingInterval: 50 },
);

/** Sends bytes as they are and gives what comes back until the server closes. */
function raw(url: string, ...pieces: string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.on("data", (bytes) => (answer += bytes));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
    for (const piece of pieces) socket.write(piece);
  });
}
const parsed = (answer: string) => ({
  status: Number(answer.split(" ", 2)[1]),
  head: answer.slice(0, answer.indexOf("\r\n\r\n")),
  error: JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4)).error,
});

test("a huge body is refused with the limit, announced or not", async () => {
  const announced = await server.call("POST", "/v1/echo", { body: { amount: 1, subject: "x".repeat(200_000) } });
  assert.deepEqual(
    [announced.status, announced.body.error.code, announced.body.error.details],
    [413, "body_too_large", { limit: 131_072 }],
  );
  const chunk = `${(60_000).toString(16)}\r\n${"x".repeat(60_000)}\r\n`;
  const streamed = await raw(
    server.url,
    "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
    chunk + chunk + chunk,
  );
  assert.deepEqual([parsed(streamed).status, parsed(streamed).error.code], [413, "body_too_large"]);
});

test("an address that can't be decoded is no valid request", async () => {
  const answer = await raw(server.url, "GET /v1/things/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const { status, head, error } = parsed(answer);
  assert.deepEqual([status, error.code], [400, "request_invalid"]);
  assert.match(head, /request-id: req_/i);
});

test("headers that are too large are refused in the shape of every error", async () => {
  for (const request of [
    `GET /v1/list HTTP/1.1\r\nHost: x\r\nX-Large: ${"x".repeat(20_000)}\r\n\r\n`,
    `GET /v1/list?q=${"x".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  ]) {
    const { status, head, error } = parsed(await raw(server.url, request));
    assert.deepEqual([status, error.code], [413, "headers_too_large"]);
    assert.match(head, new RegExp(`Request-Id: ${error.request_id}`));
  }
});

for (const [what, request] of [
  ["no HTTP", "hello\r\n\r\n"],
  ["two lengths", "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"],
  [
    "a length and chunks",
    "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  ["a folded header", "GET /v1/list HTTP/1.1\r\nHost: x\r\nA: b\r\n c: d\r\n\u0000\r\n\r\n"],
] as const)
  test(`${what} is no valid request and gets no second chance on its connection`, async () => {
    const { status, head, error } = parsed(await raw(server.url, request));
    assert.deepEqual([status, error.code], [400, "request_invalid"]);
    assert.match(head, /Connection: close/);
  });

test("a request that does not arrive in time is told so and its connection closed", async () => {
  const slowHeaders = await raw(server.url, "POST /v1/echo HTTP/1.1\r\nHost: x\r\n");
  const slowBody = await raw(
    server.url,
    "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
  );
  for (const answer of [slowHeaders, slowBody])
    assert.deepEqual([parsed(answer).status, parsed(answer).error.code], [400, "request_timeout"]);
});

test("a client that goes away in the middle of its body harms nobody", async () => {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write("POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
  await new Promise((resolve) => setTimeout(resolve, 20));
  socket.destroy();
  assert.equal((await server.call("GET", "/v1/list")).status, 200);
});

test("closing finishes what has begun and takes nothing new", async (t) => {
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const app = createHttp();
  app.get("/v1/slow", { config: open() }, async () => {
    begun.resolve();
    await held.promise;
    return { done: true };
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  t.after(() => app.close());
  const answer = callApi(url, "GET", "/v1/slow");
  await begun.promise;
  let closed = false;
  const started = elapsed();
  const closing = app.close().then(() => {
    closed = true;
  });
  await assert.rejects(raw(url, "GET /v1/slow HTTP/1.1\r\nHost: x\r\n\r\n"));
  assert.equal(closed, false);
  held.resolve();
  assert.deepEqual((await answer).body, { done: true });
  await closing;
  assert.ok(elapsed() - started < 2_000, "kept-alive connections do not hold it up");
});

test("closing does not wait for a connection that was opened and never used", async (t) => {
  const app = createHttp();
  const url = new URL(await app.listen({ host: "127.0.0.1", port: 0 }));
  const socket = connect(Number(url.port), url.hostname);
  t.after(() => socket.destroy());
  await once(socket, "connect");
  const started = performance.now();
  await app.close();
  assert.ok(performance.now() - started < 2_000);
});
