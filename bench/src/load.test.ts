import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { encodeRequest } from "./connection.ts";
import { runLoad } from "./load.ts";

/** A server for one test, and requests for it that are numbered. */
async function aServer(t: TestContext, listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let made = 0;
  const makeRequest = () => {
    const number = ++made;
    return { number, bytes: encodeRequest(new URL(url), "POST", `/${number}`, { Accept: "*/*" }, { text: "飞钱" }) };
  };
  return { url, makeRequest };
}

const echo: RequestListener = (request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (text) => (body += text));
  request.on("end", () => response.end(JSON.stringify({ path: request.url, body: JSON.parse(body) })));
};

test("every request gets its own answer, once, on however many connections", async (t) => {
  const { url, makeRequest } = await aServer(t, echo);
  const answered = new Map<number, string>();
  const result = await runLoad({
    url,
    connections: 7,
    count: 200,
    makeRequest,
    onAnswer: ({ number }, answer) => {
      assert.ok(!answered.has(number));
      answered.set(number, answer?.body ?? "");
    },
  });
  assert.equal(answered.size, 200);
  for (const [number, body] of answered) {
    assert.deepEqual(JSON.parse(body), { path: `/${number}`, body: { text: "飞钱" } });
  }
  assert.equal(result.answers, 200);
  assert.equal(result.latency.total, 200);
  assert.deepEqual([...result.statuses], [[200, 200]]);
  assert.equal(result.lost, 0);
});

test("an answer that arrives in pieces is put together", async (t) => {
  const long = "飞".repeat(60_000);
  const { url, makeRequest } = await aServer(t, (_, response) => {
    response.setHeader("Content-Length", Buffer.byteLength(long));
    response.write(long.slice(0, 20_000));
    setImmediate(() => response.end(long.slice(20_000)));
  });
  const bodies: (string | undefined)[] = [];
  await runLoad({ url, connections: 2, count: 6, makeRequest, onAnswer: (_, answer) => bodies.push(answer?.body) });
  assert.deepEqual(bodies, Array(6).fill(long));
});

test("a connection that is lost leaves its request unanswered, and the load goes on over a new one", async (t) => {
  const { url, makeRequest } = await aServer(t, (request, response) => {
    if (request.url === "/3") request.socket.destroy();
    else if (request.url === "/5") response.setHeader("Connection", "close").end("{}");
    else response.end("{}");
  });
  const outcomes: string[] = [];
  const result = await runLoad({
    url,
    connections: 1,
    count: 8,
    makeRequest,
    onAnswer: ({ number }, answer) => outcomes.push(`${number} ${answer?.status ?? "lost"}`),
  });
  assert.deepEqual(outcomes, ["1 200", "2 200", "3 lost", "4 200", "5 200", "6 200", "7 200", "8 200"]);
  assert.equal(result.lost, 1);
});

test("a paced load keeps its rate, and a stall is counted from the moment each request was due", async (t) => {
  let stalled = false;
  const { url, makeRequest } = await aServer(t, (request, response) => {
    if (request.url !== "/50" || stalled) return void response.end("{}");
    stalled = true;
    setTimeout(() => response.end("{}"), 300);
  });
  const result = await runLoad({ url, connections: 1, durationMs: 1_000, rate: 200, makeRequest });
  // A busy machine answers the last ones late, and never sends more than were due.
  assert.ok(result.perSecond > 120 && result.perSecond < 220, `${result.perSecond} a second`);
  // Some sixty requests were due during the stall; without counting from then on only one would look slow.
  const slow = result.latency.toJSON().reduce((sum, [us, count]) => sum + (us > 50_000 ? count : 0), 0);
  assert.ok(slow > 40, `${slow} slow requests`);
});

test("nothing more is sent once the load is told to end, and what is on its way is waited for", async (t) => {
  const ending = new AbortController();
  let taken = 0;
  const { url, makeRequest } = await aServer(t, (_, response) => {
    if (++taken === 10) ending.abort();
    setTimeout(() => response.end("{}"), 20);
  });
  const result = await runLoad({ url, connections: 4, durationMs: 60_000, makeRequest, signal: ending.signal });
  assert.equal(result.lost, 0);
  assert.equal(result.answers, taken);
});
