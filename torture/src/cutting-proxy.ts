import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * Stands between a server and its PostgreSQL and, when armed, cuts the connection right after a COMMIT went through: the work is done
 * and nobody hears of it.
 */
export interface CuttingProxy {
  /** The database's address with the proxy's port. */
  readonly url: string;
  /** Cuts the next `count` commits that pass. */
  cutCommits(count: number): void;
  /** How many it has cut. */
  readonly cut: number;
  close(): Promise<void>;
}

/** A simple query message: `Q`, length, the text, a zero. */
const commit = Buffer.from("Q\0\0\0\u000bcommit\0", "latin1");

export async function cuttingProxy(databaseUrl: string): Promise<CuttingProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let armed = 0;
  let cut = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let cutting = false;
    const end = () => {
      client.destroy();
      upstream.destroy();
      sockets.delete(client);
      sockets.delete(upstream);
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay().on("error", end).on("close", end);
    }
    client.on("data", (bytes) => {
      if (armed > 0 && bytes.includes(commit)) {
        armed--;
        cut++;
        cutting = true;
      }
      upstream.write(bytes);
    });
    // PostgreSQL answers a commit when it is on disk: that answer is what gets lost.
    upstream.on("data", (bytes) => (cutting ? end() : client.write(bytes)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cutCommits: (count) => (armed = count),
    get cut() {
      return cut;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
