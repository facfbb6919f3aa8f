import { hash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Webhook } from "standardwebhooks";

/** A message as it arrived for the first time. */
export interface Message {
  readonly eventId: string;
  readonly sequence: number;
  readonly object: unknown;
}

/**
 * Where the shops hear of their events. It is as unreliable as such servers are: of twenty messages one is answered with an error, one with
 * silence and a lost connection, one late; each only the first time.
 */
export class MerchantsServer {
  /** By shop and event. */
  readonly messages = new Map<string, Map<string, Message>>();
  /** What is wrong with a message, whatever the books say. */
  readonly complaints: { readonly shop: string; readonly what: string }[] = [];
  readonly #webhooks = new Map<string, Webhook>();
  readonly #server = createServer((request, response) => void this.#take(request, response));

  static async start(): Promise<MerchantsServer> {
    const started = new MerchantsServer();
    await new Promise<void>((resolve) => started.#server.listen(0, "127.0.0.1", resolve));
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Messages to `/{shop}` are signed with this secret. */
  expect(shop: string, secret: string): void {
    this.#webhooks.set(shop, new Webhook(secret));
    this.messages.set(shop, new Map());
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      let text = "";
      for await (const chunk of request.setEncoding("utf8")) text += chunk;
      const isFirst = this.#note((request.url ?? "").slice(1), text, request.headers);
      await answer(response, isFirst ? mannerOf(String(request.headers["webhook-id"])) : "well");
    } catch {
      // Hung up in the middle: it comes again.
      response.destroy();
    }
  }

  #note(shop: string, text: string, headers: IncomingMessage["headers"]): boolean {
    const messages = this.messages.get(shop);
    try {
      this.#webhooks.get(shop)?.verify(text, headers as Record<string, string>);
    } catch (error) {
      this.complaints.push({ shop, what: `a message's signature is bad: ${String(error)}` });
    }
    const { id, sequence, data } = JSON.parse(text);
    const message = { eventId: id, sequence, object: data.object };
    const before = messages?.get(id);
    if (before && JSON.stringify(before) !== JSON.stringify(message))
      this.complaints.push({ shop, what: `${id} was told twice, and differently` });
    messages?.set(id, before ?? message);
    return before === undefined;
  }
}

type Manner = "well" | "with an error" | "not" | "late";

/** The same for the same message, whenever it comes. */
function mannerOf(id: string): Manner {
  const manners: readonly Manner[] = ["with an error", "not", "late"];
  return manners[(hash("sha256", id, "buffer")[0] ?? 0) % 60] ?? "well";
}

async function answer(response: ServerResponse, manner: Manner): Promise<void> {
  if (manner === "not") return void response.destroy();
  if (manner === "late") await sleep(300);
  response.writeHead(manner === "with an error" ? 500 : 204).end();
}
