import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Whether nobody listens on the port of this address now. */
export async function isPortFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** A free port, by chance, so that two that start at once rarely meet; below those that systems give to outgoing connections. */
export async function freePort(host?: string): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    if (await isPortFree(port, host)) return port;
  }
}

/** The first free port from `from` on. */
export async function nextFreePort(from: number, host?: string): Promise<number> {
  for (let port = from; port < 65_536; port++) if (await isPortFree(port, host)) return port;
  throw new Error(`no port from ${from} on is free`);
}
