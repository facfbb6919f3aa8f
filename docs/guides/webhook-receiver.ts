import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createClient, verifyWebhook, type WebhookEvent } from "@feiqian/sdk";

const { base_url, merchant } = JSON.parse(readFileSync(".feiqian/credentials.json", "utf8"));
const shop = createClient({ baseUrl: base_url, apiKey: merchant.api_key });

let secret = "";
const seen = new Set<string>(); // In earnest: a table with a unique key, written in the transaction that does the work.
const handled = Promise.withResolvers<void>();

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request); // The raw body: what was signed are its bytes.
  let event: WebhookEvent;
  try {
    event = await verifyWebhook(body, request.headers, secret);
  } catch {
    response.writeHead(400).end();
    return console.log("Refused: not signed by the platform.");
  }
  if (seen.has(event.id)) console.log(`Already done: ${event.type}.`);
  else {
    seen.add(event.id);
    console.log(`${event.type}: ${String(event.data.object.id)}.`);
  }
  response.writeHead(200).end(); // Quickly; long work belongs into a queue.
  if (event.type === "payment.closed") handled.resolve();
}

const server = createServer((request, response) => void receive(request, response)).listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;

// Somebody else posts to us: nothing happens.
await fetch(url, { method: "POST", body: '{"type":"payment.succeeded"}' });

// In earnest the address is https and made once; a local start takes addresses on this machine as well.
const endpoint = await shop.webhookEndpoints.create({ url, events: ["payment.*"] });
secret = endpoint.secret ?? "";

// An order that nobody pays.
const order = await shop.payments.create({ amount: 500, currency: "CNY", out_trade_no: `hook-${Date.now()}` });
await shop.payments.close(order.id);
await handled.promise;

// What was delivered can be looked up, and sent again.
const deliveries = await shop.webhookEndpoints.deliveries.list(endpoint.id);
console.log(`Delivered: ${deliveries.data.length}.`);

await shop.webhookEndpoints.delete(endpoint.id);
server.close();
