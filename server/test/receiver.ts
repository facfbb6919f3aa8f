import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { inTransaction } from "#kit/db.ts";
import { firstEventId, newId } from "#kit/ids.ts";
import { emit, type NewEvent } from "#kit/outbox.ts";
import { eventually } from "./elsewhere.ts";
import { ok, type Shop, times } from "./factories.ts";
import type { Client } from "./platform.ts";

/** A message as a merchant's server got it. */
export interface Received {
  readonly id: string;
  readonly signature: string;
  readonly text: string;
  /** Read by tests that know its shape. */
  readonly body: any;
  readonly path: string;
  /** Of this machine, in milliseconds. */
  readonly at: number;
}

type Answering = (response: ServerResponse, message: Received, number: number) => void;

/** A merchant's server on this machine. It answers 204 until told otherwise. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Answers from now on: with a status, or as a function does. */
  answer(how: number | Answering): void;
  /** Waits until so many messages are there, and gives them. */
  got(count: number, withinMs?: number): Promise<Received[]>;
}

export async function aReceiver(t: { after: (end: () => void) => void }): Promise<Receiver> {
  const received: Received[] = [];
  let answering: Answering = (response) => response.writeHead(204).end();
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const { headers, url: path = "" } = request;
    const message: Received = {
      id: String(headers["webhook-id"]),
      signature: String(headers["webhook-signature"]),
      text,
      body: { ...JSON.parse(text), headers },
      path,
      at: performance.now(),
    };
    received.push(message);
    answering(response, message, received.length);
  };
  const server = createServer((request, response) => void take(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answer: (how) => {
      answering = typeof how === "number" ? (response) => response.writeHead(how).end() : how;
    },
    async got(count, withinMs = 30_000) {
      await eventually(() => received.length >= count, withinMs);
      return received;
    },
  };
}

/** Throws unless the official library finds a message's signature good. */
export function verify(secret: string, { text, body: { headers } }: Received): void {
  new Webhook(secret).verify(text, headers);
}

/** Makes a webhook endpoint of a shop; it hears of its own test events only, unless said. */
export const anEndpoint = (platform: Client, shop: Shop, url: string, terms: Record<string, unknown> = {}) =>
  ok(
    platform.call("POST", "/v1/webhook_endpoints", {
      token: shop.key,
      body: { url, events: ["payment.*"], ...terms },
    }),
  );

/** Payments that succeeded, as far as events tell. */
export const happened = (shop: Shop, count = 1, facts: Partial<NewEvent> = {}): NewEvent[] =>
  times(count, () => {
    const objectId = newId("pay");
    const object = { id: objectId, object: "payment", amount: 1 };
    return {
      id: firstEventId(objectId),
      ownerId: shop.id,
      livemode: false,
      type: "payment.succeeded",
      objectId,
      object,
      ...facts,
    };
  });
export const happen = async (...events: NewEvent[]) => {
  await inTransaction((tx) => emit(tx, events));
  return events;
};

export const deliveries = async (shop: Shop, endpoint: { id: string }, query = "") =>
  (await ok(shop.get(`/v1/webhook_endpoints/${endpoint.id}/deliveries?limit=100&${query}`))).data;
/** The one delivery to an endpoint, once it looks like this. */
export async function delivery(shop: Shop, endpoint: { id: string }, looks: Record<string, unknown>) {
  let seen: any;
  await eventually(async () => {
    [seen] = await deliveries(shop, endpoint);
    return Object.entries(looks).every(([name, value]) => seen?.[name] === value);
  }, 30_000).catch(() => assert.deepEqual({ ...seen }, { ...seen, ...looks }));
  return seen;
}

export const idsOf = (messages: readonly { id?: string }[]): string[] => messages.map(({ id }) => id ?? "").sort();
