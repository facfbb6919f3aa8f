import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { aPayer, aShop } from "@feiqian/server/test/factories.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";
import packedChromium from "@sparticuz/chromium";
import { chromium } from "playwright-core";

const platform = usePlatform();
const root = join(import.meta.dirname, "../..");

test("the built package works in a browser: it pays, pages, listens, signs and verifies", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "feiqian-browser-"));
  t.after(() => rm(folder, { recursive: true }));
  await promisify(execFile)("npm", ["run", "build", "-w", "@feiqian/sdk", "--", "--out", folder], { cwd: root });
  const site = createServer((asked, answer) => void serve(folder, asked, answer)).listen(0, "127.0.0.1");
  t.after(() => {
    site.closeAllConnections();
    site.close();
  });
  const executablePath = await packedChromium.executablePath();
  const browser = await chromium.launch({ args: packedChromium.args, executablePath, headless: true });
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);

  const [shop, payer] = await Promise.all([aShop(platform), aPayer(platform)]);
  const facts = { apiKey: shop.key, codes: [await payer.code(), await payer.code()] };
  const seen = await page.evaluate(`(${inThePage})(${JSON.stringify(facts)})`);
  assert.deepEqual(seen, {
    told: "payment.succeeded",
    paid: ["succeeded", 1_250],
    refused: ["NotFoundError", "not_found"],
    listed: 2,
    signature: "sig1=:Zcw4hZTh5HOIvsqKX9I7oNk2JsFEarJRxTRgflplbkU=:",
    verified: "pay_1",
    forged: "WebhookVerificationError",
  });
});

/** Runs in the page, with the SDK as the site serves it. Webhook and signature are the published vectors, hence the tolerance. */
const inThePage = `async ({ apiKey, codes }) => {
  const { createClient, signRequest, verifyWebhook } = await import("/sdk/index.js");
  const feiqian = createClient({ baseUrl: location.origin, apiKey });
  const open = Promise.withResolvers();
  const stream = feiqian.events.stream({ onOpen: open.resolve });
  const told = (async () => { for await (const event of stream) if (event.type === "payment.succeeded") return event.type; })();
  await open.promise;
  const terms = { amount: 1250, currency: "CNY" };
  const first = await feiqian.payments.create({ ...terms, out_trade_no: "browser-1", code: codes[0] });
  await feiqian.payments.create({ ...terms, out_trade_no: "browser-2", code: codes[1] });
  const refused = await feiqian.payments.retrieve("pay_none").catch((error) => [error.name, error.code]);
  let listed = 0;
  for await (const payment of feiqian.payments.list({ limit: 1 })) listed += payment.status === "succeeded" ? 1 : 0;
  const body = '{"type":"payment.succeeded","timestamp":"2026-11-21T08:00:00Z","data":{"id":"pay_1"}}';
  const headers = { "webhook-id": "msg_1", "webhook-timestamp": "1763712000", "webhook-signature": "v1,XuqN8ISdHRx94BR5KOcJip5rtX5o+Bcg4XOjbBrvF2g=" };
  const secret = "whsec_ZmVpcWlhbi1kZW1vLXNlY3JldC0wMDAw";
  const event = await verifyWebhook(body, headers, secret, { toleranceSeconds: 1e9 });
  const forged = await verifyWebhook(body + " ", headers, secret, { toleranceSeconds: 1e9 }).catch((error) => error.name);
  const request = { method: "POST", url: "https://api.feiqian.test/v1/payments", headers: { "content-type": "application/json", "idempotency-key": "idem-0001" }, body: '{"amount":1250,"currency":"CNY"}' };
  const key = new TextEncoder().encode("feiqian-demo-hmac-key-32-bytes!!");
  const moment = { created: 1763712000, nonce: "n-0001" };
  const { signature } = await signRequest(request, { keyId: "key_demo_1", algorithm: "hmac-sha256", key }, moment);
  return { told: await told, paid: [first.status, first.amount], refused, listed, signature, verified: event.data.id, forged };
}`;

/** The site: an empty page, the SDK's files, and the platform behind the same origin. */
async function serve(folder: string, asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const path = asked.url ?? "/";
  if (path.startsWith("/v1/")) {
    const options = { method: asked.method, headers: { ...asked.headers, host: new URL(platform.url).host } };
    const onwards = request(platform.url + path, options, (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers);
      given.pipe(answer);
    });
    onwards.on("error", () => answer.destroy());
    answer.on("close", () => onwards.destroy());
    asked.pipe(onwards);
    return;
  }
  if (path.startsWith("/sdk/") && path.endsWith(".js") && !path.includes("..")) {
    answer.writeHead(200, { "content-type": "text/javascript" }).end(await readFile(join(folder, path.slice(5))));
    return;
  }
  answer.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>shop</title>");
}
