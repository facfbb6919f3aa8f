import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { elapsed } from "@feiqian/server/kit/clock.ts";
import pg from "pg";
import { runProgram } from "./run-program.ts";

/**
 * (a) What this PostgreSQL does with the classical little bank of TPC-B: three updates, a read and an insert a transaction, by as many
 * clients as serve it best, in pgbench's default protocol and with prepared statements.
 */
export interface TpcbOptions {
  /** A database of its own on the server that is measured. */
  url: string;
  /** How long each setting is measured. */
  seconds: number;
  signal: AbortSignal;
  tell: (figure: TpcbFigure) => void;
}

export type Protocol = "simple" | "prepared";

export interface TpcbFigure {
  readonly clients: number;
  readonly protocol: Protocol;
  readonly perSecond: number;
}

export interface TpcbResult {
  /** What sent the statements. */
  readonly client: string;
  /** Branches; at least as many as clients, so that they don't queue for one. */
  readonly scale: number;
  readonly figures: readonly TpcbFigure[];
  /** The best setting of each protocol measured again, between the payments and after everything else: tells how steady the machine is. */
  readonly again: TpcbFigure[];
}

const scale = 64;
const clientCounts = [8, 16, 32, 64];
export const protocols = ["simple", "prepared"] as const;

export async function measureTpcb({ url, seconds, signal, tell }: TpcbOptions): Promise<TpcbResult> {
  const version = spawnSync("pgbench", ["--version"], { encoding: "utf8" }).stdout?.trim();
  const measure = version ? byPgbench(url, signal) : byDriver(url);
  await (version ? runProgram("pgbench", ["-i", "-q", "-s", String(scale)], environmentOf(url), signal) : fill(url));
  await settle(url);
  const figures: TpcbFigure[] = [];
  for (const protocol of protocols) {
    for (const clients of clientCounts) {
      signal.throwIfAborted();
      const figure = { clients, protocol, perSecond: await measure(clients, protocol, seconds) };
      figures.push(figure);
      tell(figure);
    }
  }
  return { client: version ?? "the pg driver of Node (no pgbench here)", scale, figures, again: [] };
}

/**
 * Measures the best settings once more, when what other work pushed out of memory is back. Without a checkpoint before, after which every
 * page that is touched is written to the log as a whole.
 */
export async function measureTpcbAgain(
  { url, seconds, signal }: Omit<TpcbOptions, "tell">,
  before: TpcbResult,
  which: readonly Protocol[] = protocols,
): Promise<void> {
  const measure = before.client.startsWith("pgbench") ? byPgbench(url, signal) : byDriver(url);
  for (const protocol of which) {
    const { clients } = bestOf(before, protocol);
    await measure(clients, protocol, seconds);
    before.again.push({ clients, protocol, perSecond: await measure(clients, protocol, seconds) });
  }
}

/** The best figure of a protocol, whenever it was measured. */
export const bestOf = ({ figures, again }: TpcbResult, protocol: Protocol): TpcbFigure =>
  [...figures, ...again]
    .filter((figure) => figure.protocol === protocol)
    .reduce((a, b) => (b.perSecond > a.perSecond ? b : a));

/** What is to be written anyway is written before, so that it is not measured. */
async function settle(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("checkpoint");
  await client.end();
}

type Measure = (clients: number, protocol: Protocol, seconds: number) => Promise<number>;

function environmentOf(url: string): NodeJS.ProcessEnv {
  const { hostname, port, username, password, pathname } = new URL(url);
  const login = { PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: decodeURIComponent(password) };
  return { PATH: process.env.PATH, ...login, PGDATABASE: pathname.slice(1) };
}

const byPgbench =
  (url: string, signal: AbortSignal): Measure =>
  async (clients, protocol, seconds) => {
    const flags = ["-n", "-M", protocol, "-c", String(clients), "-j", "2", "-T", String(seconds)];
    const said = await runProgram("pgbench", flags, environmentOf(url), signal);
    const rate = /tps = ([\d.]+)/.exec(said)?.[1];
    if (rate === undefined) throw new Error(`pgbench gave no rate:\n${said}`);
    return Number(rate);
  };

const tables = `
  create table pgbench_branches (bid int not null, bbalance int, filler char(88)) with (fillfactor = 100);
  create table pgbench_tellers (tid int not null, bid int, tbalance int, filler char(84)) with (fillfactor = 100);
  create table pgbench_accounts (aid int not null, bid int, abalance int, filler char(84)) with (fillfactor = 100);
  create table pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
  insert into pgbench_branches select n, 0, '' from generate_series(1, ${scale}) n;
  insert into pgbench_tellers select n, (n - 1) / 10 + 1, 0, '' from generate_series(1, ${scale} * 10) n;
  insert into pgbench_accounts select n, (n - 1) / 100000 + 1, 0, '' from generate_series(1, ${scale} * 100000) n;
  alter table pgbench_branches add primary key (bid);
  alter table pgbench_tellers add primary key (tid);
  alter table pgbench_accounts add primary key (aid);`;

/** What `pgbench -i` makes. */
async function fill(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(tables);
  await client.query("vacuum analyze");
  await client.end();
}

/** pgbench's transaction, statement by statement, from Node. */
const byDriver =
  (url: string): Measure =>
  async (clients, protocol, seconds) => {
    const connections = await Promise.all(
      Array.from({ length: clients }, async () => {
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        return client;
      }),
    );
    let done = 0;
    let running = true;
    const begun = elapsed();
    const loops = connections.map(async (client) => {
      for (; running; done++) await transact(client, protocol);
    });
    await sleep(seconds * 1000);
    const rate = (done * 1000) / (elapsed() - begun);
    running = false;
    await Promise.all(loops);
    await Promise.all(connections.map((client) => client.end()));
    return rate;
  };

async function transact(client: pg.Client, protocol: Protocol): Promise<void> {
  const one = (most: number) => 1 + Math.floor(Math.random() * most);
  const [aid, bid, tid, delta] = [one(100_000 * scale), one(scale), one(10 * scale), one(10_001) - 5_001];
  const send = (name: string, text: string, values: number[]) =>
    protocol === "prepared"
      ? client.query({ name, text, values })
      : client.query(text.replace(/\$(\d)/g, (_, n) => String(values[n - 1])));
  await client.query("begin");
  await send("a", "update pgbench_accounts set abalance = abalance + $1 where aid = $2", [delta, aid]);
  await send("b", "select abalance from pgbench_accounts where aid = $1", [aid]);
  await send("c", "update pgbench_tellers set tbalance = tbalance + $1 where tid = $2", [delta, tid]);
  await send("d", "update pgbench_branches set bbalance = bbalance + $1 where bid = $2", [delta, bid]);
  await send(
    "e",
    "insert into pgbench_history (tid, bid, aid, delta, mtime) values ($1, $2, $3, $4, current_timestamp)",
    [tid, bid, aid, delta],
  );
  await client.query("end");
}
