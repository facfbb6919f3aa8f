import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { eventually } from "#test/elsewhere.ts";
import { useHttp } from "#test/http.ts";
import { open } from "./access.ts";
import type { Http } from "./http.ts";
import { metricsText } from "./metrics.ts";

/** What an attacker sends as bytes: requests in requests, drips, too many connections. */
const reached: string[] = [];
function routes(app: Http): void {
  app.post("/v1/echo", { config: open() }, async (request) => (reached.push("echo"), request.body as object));
  app.get("/v1/list", { config: open() }, async ({ headers }) => ({ object: "list", cookie: headers.cookie ?? null }));
  app.get("/v1/smuggled", { config: open() }, async () => (reached.push("smuggled"), {}));
}
const server = useHttp(routes, { requestTimeout: 300, headersTimeout: 200, connectionsCheckingInterval: 50 });
const few = useHttp(routes, { mostConnectionsPerAddress: 3 });
const fewInAll = useHttp(routes, { mostConnections: 2 });
const proxied = useHttp(routes, { mostConnectionsPerAddress: 1, trustedProxies: "127.0.0.1" });

/** Opens a connection; gives it and what comes back. */
function dial(url: string): { socket: Socket; heard: () => string; ended: Promise<unknown> } {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let heard = "";
  socket.on("data", (bytes) => (heard += bytes));
  socket.on("error", () => {});
  return { socket, heard: () => heard, ended: once(socket, "close") };
}

/** How often this process has signalled something. */
async function signalled(kind: string): Promise<number> {
  return Number(new RegExp(`feiqian_signals_total\\{kind="${kind}".*\\} (\\d+)`).exec(await metricsText())?.[1] ?? 0);
}

/** Sends bytes and gives what comes back until the server closes. */
async function send(bytes: string): Promise<string> {
  const { socket, heard, ended } = dial(server.url);
  socket.write(bytes, "latin1");
  await ended;
  return heard();
}
const statuses = (answers: string): number[] =>
  [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

const inner = "GET /v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
const post = (headers: string, body: string): string =>
  `POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;

for (const [what, bytes] of [
  [
    "CL.TE: a length, and chunks that end early",
    post("Content-Length: 5\r\nTransfer-Encoding: chunked", `0\r\n\r\n${inner}`),
  ],
  [
    "TE.CL: chunks, and a length that ends early",
    post("Transfer-Encoding: chunked\r\nContent-Length: 3", `2\r\n{}\r\n0\r\n\r\n${inner}`),
  ],
  ["two lengths that differ", post("Content-Length: 2\r\nContent-Length: 0", `{}${inner}`)],
  ["one length twice", post("Content-Length: 2\r\nContent-Length: 2", `{}${inner}`)],
  ["a list of lengths", post("Content-Length: 2, 2", `{}${inner}`)],
  ["a length with a sign", post("Content-Length: +2", `{}${inner}`)],
  ["a length in hexadecimal", post("Content-Length: 0x2", `{}${inner}`)],
  ["a length beyond 64 bits", post("Content-Length: 18446744073709551618", `{}${inner}`)],
  ["a coding that nobody knows", post("Transfer-Encoding: xchunked", `0\r\n\r\n${inner}`)],
  ["chunked that is not the last coding", post("Transfer-Encoding: chunked, identity", `0\r\n\r\n${inner}`)],
  ["a blank before the colon", post("Transfer-Encoding : chunked", `0\r\n\r\n${inner}`)],
  ["a coding in a folded line", post("Transfer-Encoding:\r\n chunked", `0\r\n\r\n${inner}`)],
  ["a header line that is folded", post("Content-Length: 2\r\nX-A: b\r\n Transfer-Encoding: chunked", `{}${inner}`)],
  ["a bare line feed in front of a header", post("X-A: b\nTransfer-Encoding: chunked", `0\r\n\r\n${inner}`)],
  ["a bare carriage return", post("X-A: b\rTransfer-Encoding: chunked", `0\r\n\r\n${inner}`)],
  ["U+0000 in a header", post("X-A: b\u0000c", inner)],
  ["a header without a colon", post("Transfer-Encoding chunked", inner)],
  ["a chunk size that is none", post("Transfer-Encoding: chunked", `zz\r\n{}\r\n0\r\n\r\n${inner}`)],
  ["a chunk size with a sign", post("Transfer-Encoding: chunked", `-2\r\n{}\r\n0\r\n\r\n${inner}`)],
  ["a chunk size beyond 64 bits", post("Transfer-Encoding: chunked", `10000000000000002\r\n{}\r\n0\r\n\r\n${inner}`)],
  ["a chunk longer than it says", post("Transfer-Encoding: chunked", `1\r\n{}\r\n0\r\n\r\n${inner}`)],
  ["a blank in the address", `GET /v1/list /x HTTP/1.1\r\nHost: x\r\n\r\n${inner}`],
  ["HTTP of another version", `GET /v1/list HTTP/2.7\r\nHost: x\r\n\r\n${inner}`],
] as const)
  test(`${what}: one answer, 400, and the connection ends before anything behind it is read`, async () => {
    reached.length = 0;
    assert.deepEqual(statuses(await send(bytes)), [400]);
    assert.deepEqual(reached, []);
  });

test("a body that is announced and missing does not swallow the next request", async () => {
  reached.length = 0;
  const answers = await send(post(`Content-Length: ${inner.length}`, inner));
  assert.deepEqual([statuses(answers)[0], reached], [400, []]);
});

test("requests that come all at once are answered in their order", async () => {
  const list = (headers: string) => `GET /v1/list HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`;
  const answers = await send(`${list("Cookie: a=1")}${list("Cookie: a=2")}${list("Cookie: a=3\r\nConnection: close")}`);
  assert.deepEqual(statuses(answers), [200, 200, 200]);
  assert.deepEqual(answers.match(/a=\d/g), ["a=1", "a=2", "a=3"]);
});

test("what is broken behind a request is never answered in that one's place", async () => {
  reached.length = 0;
  const answers = await send(`${post("Content-Length: 2", "{}")}NONSENSE\r\n\r\n${inner}`);
  assert.ok(!statuses(answers).includes(400), answers);
  assert.ok(!reached.includes("smuggled"));
});

test("a client that drips its headers or its body is cut off in time, however busy it looks", async () => {
  for (const begin of ["GET /v1/list HTTP/1.1\r\nHost: x\r\nX-A: ", post("Content-Length: 100000", '"')]) {
    const { socket, heard, ended } = dial(server.url);
    socket.write(begin);
    const drip = setInterval(() => socket.write("a"), 10);
    await ended;
    clearInterval(drip);
    assert.deepEqual(statuses(heard()), [400]);
    assert.match(heard(), /request_timeout/);
  }
});

test("an answer to broken bytes is as safe to meet a browser as any, and leaves a trace", async () => {
  const before = await signalled("request_broken");
  const answer = await send("hello\r\n\r\n");
  for (const header of [
    /x-content-type-options: nosniff/i,
    /cache-control: no-store/i,
    /content-security-policy: default-src 'none'/i,
  ])
    assert.match(answer, header);
  assert.ok((await signalled("request_broken")) > before);
});

/** Whether a connection is answered, not closed. */
async function isServed(url: string): Promise<{ served: boolean; hangUp: () => Promise<unknown> }> {
  const { socket, heard, ended } = dial(url);
  socket.write("GET /v1/list HTTP/1.1\r\nHost: x\r\n\r\n");
  let closed = false;
  void ended.then(() => (closed = true));
  await eventually(() => closed || heard().includes("200 OK"));
  return { served: !closed, hangUp: () => (socket.destroy(), ended) };
}

test("an address holds so many connections and no more, until it gives one back", async () => {
  const held = [await isServed(few.url), await isServed(few.url), await isServed(few.url)];
  assert.deepEqual(
    held.map(({ served }) => served),
    [true, true, true],
  );
  const before = await signalled("connections_refused");
  assert.equal((await isServed(few.url)).served, false);
  assert.equal(await signalled("connections_refused"), before + 1);
  await held[0]?.hangUp();
  await eventually(async () => {
    const again = await isServed(few.url);
    if (again.served) await again.hangUp();
    return again.served;
  });
  for (const connection of held) await connection.hangUp();
});

test("a process holds so many connections in all; a load balancer's are counted in all only", async () => {
  const held = [await isServed(fewInAll.url), await isServed(fewInAll.url)];
  assert.deepEqual([held[0]?.served, held[1]?.served, (await isServed(fewInAll.url)).served], [true, true, false]);
  for (const connection of held) await connection.hangUp();
  for (const connection of [await isServed(proxied.url), await isServed(proxied.url)]) {
    assert.equal(connection.served, true);
    await connection.hangUp();
  }
});

test("a request's id is ours, whatever it brings along", async () => {
  for (const name of ["request-id", "x-request-id", "traceparent"]) {
    const { headers } = await server.call("GET", "/v1/list", { headers: { [name]: "req_mine" } });
    assert.match(headers.get("request-id") ?? "", /^req_[0-9a-z]{26}$/);
  }
});
