import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { safeHeaders } from "./answer-headers.ts";
import { newId } from "./ids.ts";
import { kitErrors } from "./kit-errors.ts";
import { networkOf } from "./networks.ts";
import { signal } from "./security-signals.ts";

export interface ConnectionLimits {
  /** Most connections of this process; the kernel refuses more. */
  mostConnections: number;
  /** Most connections of one IPv4 address or IPv6 /64, unless it is a proxy's. */
  mostConnectionsPerAddress: number;
  /** An address whose connections are many clients'. */
  isProxy: (address: string) => boolean;
}

/** Bounds how many connections one address and all together hold. What is beyond is closed before a byte of it is read. */
export function boundConnections(server: Server, limits: ConnectionLimits): void {
  const held = new Map<string, number>();
  server.maxConnections = limits.mostConnections;
  server.on("drop", () => signal("connections_refused"));
  server.on("connection", (socket: Socket) => {
    const { remoteAddress: address } = socket;
    if (address === undefined || limits.isProxy(address)) return;
    const network = networkOf(address);
    const now = (held.get(network) ?? 0) + 1;
    if (now > limits.mostConnectionsPerAddress) {
      signal("connections_refused", { address });
      socket.destroy();
      return;
    }
    held.set(network, now);
    socket.once("close", () => {
      const left = (held.get(network) ?? 1) - 1;
      if (left > 0) held.set(network, left);
      else held.delete(network);
    });
  });
}

/**
 * A connection that falls idle while the server closes would be kept for another request, and the close would wait for it. One that
 * was opened and never used does not even count as idle.
 */
export function closeIdleConnections(app: FastifyInstance): void {
  const sockets = new Set<Socket>();
  app.server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  app.addHook("preClose", (done) => {
    const closing = setInterval(() => {
      app.server.closeIdleConnections();
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    }, 50);
    app.server.once("close", () => clearInterval(closing));
    done();
  });
}

const safeLines = Object.entries(safeHeaders)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");

/** The answer that Node is about to write on a connection. */
type Answering = Socket & { _httpMessage?: { readonly req: IncomingMessage } | null };

/**
 * A request that Node could not parse has no route and no request object: the answer is written by hand. Behind a request that is whole
 * and not answered yet nothing is written, for it would be read as the answer to that one; the connection ends.
 */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) return;
  signal("request_broken", { address: socket.remoteAddress, details: { reason: error.code ?? null } });
  const { _httpMessage: answering } = socket as Answering;
  if (answering?.req.complete) return void socket.destroy();
  const known =
    error.code === "HPE_HEADER_OVERFLOW"
      ? kitErrors.headers_too_large()
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? kitErrors.request_timeout()
        : kitErrors.request_invalid();
  const id = newId("req");
  const body = JSON.stringify(known.toBody(id, "en"));
  socket.end(
    `HTTP/1.1 ${known.status} Refused\r\nContent-Type: application/json; charset=utf-8\r\nRequest-Id: ${id}\r\n${safeLines}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
