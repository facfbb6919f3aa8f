import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { verifyWebhook } from "@feiqian/sdk";
import { aShop, ok } from "@feiqian/server/test/factories.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";
import { useFeiqian } from "./feiqian.ts";

const platform = usePlatform();
const { start } = useFeiqian();
const secret = `whsec_${randomBytes(32).toString("base64")}`;

/** A program on this machine that takes webhooks, and answers with the statuses one after the other. */
async function aReceiver(t: TestContext, statuses: number[] = []) {
  const got: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      got.push({ headers: request.headers, body });
      response.writeHead(statuses.shift() ?? 204).end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks` };
}

/** `feiqian listen`, line by line. */
async function listening(t: TestContext, words: string[]) {
  const shop = await aShop(platform);
  const child = start(["listen", "--secret", secret, ...words], {
    FEIQIAN_BASE_URL: platform.url,
    FEIQIAN_API_KEY: shop.key,
  });
  t.after(() => child.kill("SIGKILL"));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    assert.ok(!done, "the program ended");
    return value;
  };
  const ended = once(child, "exit");
  return { shop, line, end: async () => (child.kill("SIGINT"), (await ended)[0]) };
}

test("listen prints each event and hands it on, signed as the platform signs; Ctrl-C ends it with 130", async (t) => {
  const { got, url } = await aReceiver(t, [204, 500]);
  const { shop, line, end } = await listening(t, ["--forward-to", url]);
  assert.match(await line(), /^Listening/);
  assert.equal(await line(), `Signing secret: ${secret}`);
  const order = await ok(shop.order({ subject: "早餐 ☕" }));
  assert.match(
    await line(),
    new RegExp(`^\\d\\d:\\d\\d:\\d\\d  payment\\.requires_payment  evt_\\w+  ${order.id}  → 204 \\(\\d+ ms\\)$`),
  );
  await ok(shop.close(order));
  assert.match(await line(), /payment\.closed .* → 500 /);
  assert.equal(await end(), 130);
  const [first, second] = await Promise.all(got.map(({ headers, body }) => verifyWebhook(body, headers, secret)));
  assert.deepEqual([first?.type, second?.type], ["payment.requires_payment", "payment.closed"]);
  assert.equal(got[0]?.headers["webhook-id"], first?.id);
  assert.deepEqual([first?.data.object.id, first?.data.object.subject], [order.id, "早餐 ☕"]);
  await assert.rejects(verifyWebhook(`${got[0]?.body} `, got[0]?.headers ?? {}, secret));
});

test("listen --json tells programs one object a line; --events leaves the others out; a receiver that is away is told of", async (t) => {
  const { shop, line } = await listening(t, [
    "--json",
    "--events",
    "payment.closed",
    "--forward-to",
    "http://localhost:1/",
    "--after",
    "evt_00000000000000000000000000",
  ]);
  const opening = [JSON.parse(await line()), JSON.parse(await line())];
  assert.deepEqual(opening, [{ listening: true, secret }, { reset: true }]);
  const order = await ok(shop.order());
  await ok(shop.close(order));
  const { event, forwarded } = JSON.parse(await line());
  assert.deepEqual([event.type, event.data.object.id], ["payment.closed", order.id]);
  assert.deepEqual([forwarded.status, typeof forwarded.error], [null, "string"]);
});
