import { config } from "@feiqian/server/kit/config.ts";
import type { Backlog } from "./backlog.ts";
import type { Histogram } from "./histogram.ts";
import type { Till } from "./journal.ts";
import type { LoadClient } from "./load-client.ts";
import type { CpuShares } from "./load-process.ts";
import type { Servers } from "./servers.ts";

/**
 * (c), (d) Scanned payments over HTTP with everything on: API key, idempotency key, order number, a fresh code, the daily limit, the fee,
 * the event with its object, and the workers that make records and history of them while the load goes on.
 */
export interface PaymentRun {
  readonly connections: number;
  readonly merchants: number;
  readonly warmUpMs: number;
  readonly durationMs?: number;
  /** So many payments, instead of so long. */
  readonly count?: number;
  /** Payments a second that are asked for; without it, as many as go. */
  readonly rate?: number;
}

export interface PaymentFigure extends PaymentRun {
  /** Server processes on one port. */
  readonly processes: number;
  readonly perSecond: number;
  readonly answers: number;
  /** Milliseconds; paced runs count from the moment a payment was due. */
  readonly latency: Readonly<Record<"p50" | "p90" | "p99" | "p999" | "max", number>>;
  readonly histogram: Histogram;
  /** CPU microseconds a payment. */
  readonly cpuUs: CpuShares;
  /** Of the read models, when the load ended. */
  readonly backlog: Backlog;
}

/** What a run needs around it. */
export interface Scene {
  readonly client: LoadClient;
  readonly servers: Servers;
  readonly postgresPid: number;
  readonly tills: readonly Till[];
  readonly signal: AbortSignal;
}

let runs = 0;

/** Puts one load on, compares every answer with the books, and lets the workers catch up. Throws when anything differs. */
export async function measurePayments(scene: Scene, run: PaymentRun): Promise<PaymentFigure> {
  const { client, servers, postgresPid, tills, signal } = scene;
  signal.throwIfAborted();
  const { latency, answers, perSecond, cpuUs, backlog } = await client.run({
    ...run,
    name: `run${++runs}`,
    url: servers.url,
    currency: config().currency,
    tills: tills.slice(0, run.merchants),
    watched: { server: servers.pids, postgres: [postgresPid] },
  });
  const ms = (share: number): number => latency.percentile(share) / 1000;
  return {
    ...run,
    processes: servers.pids.length,
    perSecond,
    answers,
    latency: { p50: ms(0.5), p90: ms(0.9), p99: ms(0.99), p999: ms(0.999), max: latency.mostUs / 1000 },
    histogram: latency,
    cpuUs,
    backlog,
  };
}
