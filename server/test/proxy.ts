import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Stands between the platform and PostgreSQL, and loses connections when told to. */
export interface Proxy {
  /** The database's address by way of the proxy. */
  readonly url: string;
  /** Loses the connection of the next commit, before or after the server hears it. */
  cutNextCommit(moment: "before" | "after"): void;
  /** Ends every connection and takes no new one until `back()`. */
  away(): void;
  back(): void;
  close(): Promise<void>;
}

export async function aProxy(databaseUrl: string): Promise<Proxy> {
  const database = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let isAway = false;
  let cut: "before" | "after" | undefined;

  const server = createServer((client) => {
    if (isAway) return client.destroy();
    const upstream = connect(Number(database.port || 5432), database.hostname);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        end();
      });
    }
    upstream.on("data", (bytes) => client.write(bytes));
    return client.on("data", (bytes) => {
      const moment = bytes.includes("commit\0") ? cut : undefined;
      if (moment) cut = undefined;
      if (moment === "before") return end();
      if (moment === "after") upstream.removeAllListeners("data").once("data", end);
      return upstream.write(bytes);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as { port: number }).port);
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    cutNextCommit: (moment) => {
      cut = moment;
    },
    away: () => {
      isAway = true;
      endAll();
    },
    back: () => {
      isAway = false;
    },
    close: async () => {
      endAll();
      server.close();
    },
  };
}
