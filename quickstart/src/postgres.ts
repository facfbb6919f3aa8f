import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, isPortFree } from "./ports.ts";
import { type Cluster, environment, openCluster, PostgresError } from "./postgres-cluster.ts";
import { disownReusedPid, postmasterOf, stopPostmaster } from "./postmaster.ts";

export interface PostgresOptions {
  /** Holds the cluster, its password, its port and its log. Made when it is missing. */
  readonly folder: string;
  /** Exactly this port. Without it: the port of the last time, or a free one. */
  readonly port?: number;
  /** Server settings beside ours. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** `false`: a crash of the machine may lose data. For tests that don't ask about it. */
  readonly durable?: boolean;
}

export interface Postgres {
  /** The database `feiqian`, as its superuser, who owns the tables. */
  readonly url: string;
  /** As the role that servers run as. The first migration makes it. */
  readonly applicationUrl: string;
  readonly port: number;
  readonly pid: number;
  /** It ran already: a launcher before us was killed and left it. */
  readonly attached: boolean;
  isRunning(): boolean;
  /** Shuts down cleanly; by force when that takes longer than six seconds. */
  stop(): Promise<void>;
}

const startWithinMs = 120_000;

/**
 * Starts the PostgreSQL that npm installed, on a cluster of its own in `folder`, or attaches to it where it still runs.
 * Listens on 127.0.0.1 only, with a random password; as `postgres` or `nobody` when root starts it. Recovers from kill -9
 * of itself and of its launcher. Throws {@link PostgresError} with what to do about it.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const cluster = await openCluster(options.folder);
  const deadline = performance.now() + startWithinMs;
  const orphan = await readiness(cluster, deadline);
  if (orphan) return handleOf(cluster, orphan, true);
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort(cluster.folder, options.port, attempt);
    const child = await launch(cluster, port, options);
    const running = await readiness(cluster, deadline, child);
    if (running) {
      await writeFile(join(cluster.folder, "port"), String(running.port));
      return handleOf(cluster, running, running.pid !== child.process.pid);
    }
    await recoverFrom(cluster, child, options.port, performance.now() > deadline);
  }
}

/** A server in a folder of its own under the system's temporary one; `stop` removes both. */
export async function startTemporaryPostgres(options: Omit<PostgresOptions, "folder"> = {}): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), "feiqian-postgres-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const server = await startPostgres({ ...options, folder });
    return { ...server, stop: () => server.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

interface Running {
  readonly pid: number;
  readonly port: number;
}

function handleOf({ data, password }: Cluster, { pid, port }: Running, attached: boolean): Postgres {
  const addressFor = (user: string, secret: string) => `postgres://${user}:${secret}@127.0.0.1:${port}/feiqian`;
  return {
    url: addressFor("feiqian", password),
    applicationUrl: addressFor("feiqian_app", applicationPassword(password)),
    port,
    pid,
    attached,
    isRunning: () => postmasterOf(data)?.pid === pid,
    stop: () => stopPostmaster(pid, data),
  };
}

/** Random as the superuser's is, from which it comes; not the other way round. */
const applicationPassword = (password: string): string =>
  createHmac("sha256", password).update("feiqian_app").digest("base64url");

/** Settings for a small machine that takes many small commits: checkpoints far apart, nothing that a single node doesn't need. */
function settingsOf({ settings, durable = true }: PostgresOptions, port: number): string[] {
  const all: Record<string, string | number> = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: 200,
    shared_buffers: "256MB",
    max_wal_size: "4GB",
    min_wal_size: "256MB",
    checkpoint_timeout: "15min",
    random_page_cost: 1.1,
    max_logical_replication_workers: 0,
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    // A log without what people typed: no statements, no values of the rows that an error names.
    log_error_verbosity: "terse",
    log_min_error_statement: "panic",
    log_checkpoints: "off",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
    ...settings,
  };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

interface Launched {
  readonly process: ChildProcess;
  /** Where its part of the log begins. */
  readonly logFrom: number;
  hasEnded(): boolean;
}

/** Starts the server in a session of its own: Ctrl-C in a terminal reaches everything that runs there, and PostgreSQL is to stop last. */
async function launch(cluster: Cluster, port: number, options: PostgresOptions): Promise<Launched> {
  const { data, log, user, binaries } = cluster;
  const size = () => statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  if (size() > 5_000_000) await rename(log, `${log}.1`);
  const logFrom = size();
  const out = openSync(log, "a", 0o600);
  const child = spawn(binaries.postgres, ["-D", data, ...settingsOf(options, port)], {
    ...(user && { uid: user.uid, gid: user.gid }),
    cwd: cluster.folder,
    env: environment,
    detached: true,
    stdio: ["ignore", out, out],
  });
  closeSync(out);
  child.unref();
  let ended = false;
  child.once("error", () => (ended = true)).once("exit", () => (ended = true));
  return { process: child, logFrom, hasEnded: () => ended };
}

/** Waits until the cluster's server takes connections. Gives nothing when there is none, or `child` ended without one. */
async function readiness({ data }: Cluster, deadline: number, child?: Launched): Promise<Running | undefined> {
  for (; performance.now() < deadline; await sleep(10)) {
    const found = postmasterOf(data);
    if (found?.status === "ready") return found;
    if (!found && (!child || child.hasEnded())) return undefined;
  }
  return undefined;
}

/** Judges why a server ended: returns when another attempt makes sense, throws when it does not. */
async function recoverFrom(cluster: Cluster, child: Launched, asked: number | undefined, late: boolean): Promise<void> {
  const said = readFileSync(cluster.log).subarray(child.logFrom).toString();
  const failure = (why: string) => new PostgresError(`${why}\n${said.slice(-1_500)}`.trim());
  if (late) throw failure(`PostgreSQL was not ready within ${startWithinMs / 1000} s.`);
  if (/could not bind|could not create any TCP\/IP sockets/.test(said)) {
    if (asked) throw failure(`PostgreSQL's port ${asked} is taken.`);
  } else if (/lock file "postmaster.pid" already exists/.test(said)) {
    await disownReusedPid(cluster.data);
  } else if (/shared memory block .* still in use/.test(said)) {
    await sleep(100); // Processes of a server that was killed are about to notice it.
  } else {
    throw failure(`PostgreSQL did not start; its log is ${cluster.log}.`);
  }
}

/** The port of the last time, so that addresses stay valid over a restart; another free one when somebody else has it. */
async function choosePort(folder: string, asked: number | undefined, attempt: number): Promise<number> {
  if (asked) return asked;
  const last = Number(await readFile(join(folder, "port"), "utf8").catch(() => 0));
  if (attempt === 1 && last && (await isPortFree(last))) return last;
  return freePort();
}
