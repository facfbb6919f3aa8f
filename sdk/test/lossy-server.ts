import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What happens to one request on its way. */
export type Fate =
  | "pass"
  /** The server never hears it. */
  | "lose_request"
  /** The server does it, and the caller never hears of it. */
  | "lose_answer"
  /** Half of the answer arrives. */
  | "cut_answer"
  /** Nothing ever comes back. */
  | "silence"
  | { status: number; headers?: Record<string, string>; body?: string };

export interface LossyServer {
  readonly url: string;
  /** What happens to the next requests, one after the other; those after pass. */
  fates: Fate[];
  /** The headers of each request that came. */
  readonly seen: IncomingMessage["headers"][];
  close(): Promise<void>;
}

/** A bad network before a real server. */
export async function aLossyServer(upstream: string): Promise<LossyServer> {
  const seen: IncomingMessage["headers"][] = [];
  const server = createServer((incoming, answer) => {
    seen.push(incoming.headers);
    const fate = lossy.fates.shift() ?? "pass";
    if (fate === "silence") return;
    if (fate === "lose_request") incoming.socket.destroy();
    else if (typeof fate === "object") answer.writeHead(fate.status, fate.headers).end(fate.body ?? "");
    else void forward(upstream, incoming, answer, fate);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const lossy: LossyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fates: [],
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return lossy;
}

async function forward(upstream: string, incoming: IncomingMessage, answer: ServerResponse, fate: Fate): Promise<void> {
  const { method, headers, url } = incoming;
  // The host stays as the caller named it: signatures cover it.
  const outgoing = request(new URL(url ?? "/", upstream), { method, headers });
  outgoing.end(await buffer(incoming));
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  const body = await buffer(response);
  if (fate === "lose_answer") return void incoming.socket.destroy();
  answer.writeHead(response.statusCode ?? 500, response.headers);
  if (fate !== "cut_answer") return void answer.end(body);
  answer.write(body.subarray(0, body.length / 2), () => incoming.socket.destroy());
}
