import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type Backlog, catchUp } from "./backlog.ts";
import { cpuMsOf } from "./cpu-time.ts";
import { Journal, type Till } from "./journal.ts";
import { type LoadResult, runLoad } from "./load.ts";
import { compareWithBooks } from "./oracle.ts";
import { type Phone, Phones } from "./phones.ts";

/**
 * The outside world, in a process of its own: phones that show codes and tills that scan them. It prepares its requests before it
 * measures, so that it takes little from the cores that it shares with the server, and afterwards compares what it was told with the books.
 */
export interface LoadSetup {
  readonly kind: "setup";
  readonly issuerPrefix: string;
  readonly phones: readonly Phone[];
  readonly databaseUrl: string;
}

export interface LoadPlan {
  readonly kind: "run";
  /** Begins every order number, so that they are new. */
  readonly name: string;
  readonly url: string;
  readonly currency: string;
  readonly connections: number;
  readonly tills: readonly Till[];
  readonly warmUpMs: number;
  /** How long, or how many requests. */
  readonly durationMs?: number;
  readonly count?: number;
  /** Requests a second; without it as many as are answered. */
  readonly rate?: number;
  /** Processes whose CPU time is measured along with ours. */
  readonly watched: { readonly server: readonly number[]; readonly postgres: readonly number[] };
}

/** CPU microseconds a payment, of all processes of a kind; 0 where the system doesn't tell. */
export type CpuShares = Readonly<Record<"server" | "postgres" | "load", number>>;

/** What a run measured: a {@link LoadResult} in a form that travels between processes. */
export interface LoadReport extends Omit<LoadResult, "latency"> {
  readonly kind: "report";
  readonly latencyCounts: Uint32Array;
  readonly latencyMostUs: number;
  readonly cpuUs: CpuShares;
  readonly backlog: Backlog;
  /** Where the books are not what was answered. */
  readonly differences: readonly string[];
}

export interface LoadFailure {
  readonly kind: "failure";
  readonly message: string;
}

/** More than any machine answers, in all and on one connection; codes for so many are computed before the measurement. */
const mostPerSecond = 12_000;
const mostPerConnection = 1_500;
/** Fewer where each costs a signature by Ed25519, lest the first codes die while the last requests are signed. */
const mostSignedPerSecond = 7_000;

let setup: LoadSetup | undefined;
let phones: Phones | undefined;

process.on("message", (message: LoadSetup | LoadPlan) => {
  if (message.kind === "setup") {
    setup = message;
    phones = new Phones(message.issuerPrefix, message.phones);
    return;
  }
  execute(message).then(
    (report) => process.send?.(report),
    (error: Error) => process.send?.({ kind: "failure", message: error.stack ?? error.message } satisfies LoadFailure),
  );
});
// Without its parent there is nobody to tell.
process.on("disconnect", () => process.exit());

async function execute(plan: LoadPlan): Promise<LoadReport> {
  if (!setup || !phones) throw new Error("the load has no phones yet");
  const journal = await prepare(phones, plan);
  const prepared = journal.scans.length;
  let next = 0;
  const books = new pg.Client({ connectionString: setup.databaseUrl });
  await books.connect();
  const cpuBefore = cpuOf(plan);
  const { latency, ...result } = await runLoad({
    ...plan,
    makeRequest: () => journal.scans[next++],
    onAnswer: (scan, answer) => journal.record(scan, answer),
  });
  const cpuAfter = cpuOf(plan);
  if (plan.count === undefined && next > prepared) throw new Error(`all ${prepared} prepared requests were used up`);
  const backlog = await catchUp(books);
  const sent = journal.scans.filter(({ answers }) => answers.length > 0);
  const share = (kind: keyof CpuShares) => ((cpuAfter[kind] - cpuBefore[kind]) * 1000) / sent.length;
  const differences = await compareWithBooks(books, sent);
  await books.end();
  return {
    kind: "report",
    ...result,
    latencyCounts: latency.counts,
    latencyMostUs: latency.mostUs,
    cpuUs: { server: share("server"), postgres: share("postgres"), load: share("load") },
    backlog,
    differences: differences.slice(0, 20),
  };
}

/** CPU milliseconds so far. */
const cpuOf = ({ watched }: LoadPlan): CpuShares => ({
  server: cpuMsOf(watched.server),
  postgres: cpuMsOf(watched.postgres),
  load: cpuMsOf([process.pid]),
});

/** Writes the requests of a run. Waits for the next 30 seconds when these have too few codes left. */
async function prepare(phones: Phones, plan: LoadPlan): Promise<Journal> {
  const { name, tills, currency, count, durationMs = 0, warmUpMs } = plan;
  const most = tills[0]?.signing?.algorithm === "ed25519" ? mostSignedPerSecond : mostPerSecond;
  const rate = plan.rate ?? Math.min(most, plan.connections * mostPerConnection);
  const wanted = count ?? Math.ceil(((durationMs + warmUpMs) * rate) / 1000) + plan.connections;
  if (phones.left < wanted) await sleep(phones.nextStepInMs + 10);
  const journal = new Journal();
  const url = new URL(plan.url);
  for (let n = 0; n < wanted; n++) {
    const code = phones.show();
    if (code === undefined) throw new Error(`${wanted} codes are more than all phones can show`);
    const till = tills[n % tills.length] as Till;
    const amount = 100 + ((n * 7919) % 1900);
    journal.scan({ url, till, outTradeNo: `${name}-${n}`, amount, currency, code });
  }
  return journal;
}
