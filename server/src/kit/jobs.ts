import { setTimeout as sleep } from "node:timers/promises";
import {
  Logger,
  type ParsedCronItem,
  parseCronItems,
  type Runner,
  runMigrations,
  run as runWorker,
  type TaskList,
} from "graphile-worker";
import { elapsed } from "./clock.ts";
import { database, openPool, run, sql, type Transaction } from "./db.ts";
import { log } from "./log.ts";
import { type Loop, repeat } from "./loop.ts";
import { atMostEvery, counter, gauge, histogram } from "./metrics.ts";
import { forgetOldNonces } from "./nonces.ts";
import { patient } from "./patient-pool.ts";
import { purgeEvents } from "./purge-events.ts";
import { purgeIdempotencyKeys } from "./purge-idempotency-keys.ts";
import { purgeRateLimits } from "./rate-limits-sql.ts";
import { signal } from "./security-signals.ts";

/** What a job does. It may run more than once (a process may die in the middle): its effects are made once by the job itself. */
export type JobHandler<Payload> = (payload: Payload) => Promise<unknown>;

interface Job {
  name: string;
  handler: JobHandler<never>;
  crontab: string | undefined;
}

const jobs = new Map<string, Job>();
const jobsDone = counter("feiqian_jobs_total", "Jobs that ran.", ["job", "outcome"]);
const jobSeconds = histogram(
  "feiqian_job_seconds",
  "How long a job took that was done.",
  ["job"],
  [0.01, 0.1, 1, 10, 60, 600],
);

/** Declares a job by its name, `"payments.expire"`. With `crontab` (five fields, UTC, the real clock's) it also starts by itself. */
export function defineJob<Payload = unknown>(
  name: string,
  handler: JobHandler<Payload>,
  { crontab }: { crontab?: string } = {},
): void {
  if (jobs.has(name)) throw new Error(`there are two jobs named ${name}`);
  jobs.set(name, { name, handler, crontab });
}

/** Of a queue that is longer only that it is. */
const mostCounted = 10_000;
const countJobs = sql<{ state: string; count: number }>(
  "jobs.count",
  `select state, count(*) as count
     from (select case when last_error is not null then 'failing' when run_at > now() then 'later' else 'due' end as state
             from graphile_worker._private_jobs limit $1) j
    group by state`,
);
gauge(
  "feiqian_jobs_waiting",
  "Jobs that wait; counted up to 10,000.",
  ["state"],
  atMostEvery(5_000, async () =>
    (await run(database(), countJobs, [mostCounted])).map(({ state, count }) => [[state], count] as const),
  ),
);

const addJob = sql(
  "jobs.add",
  `select from graphile_worker.add_job($1, $2::json,
     run_at => $3::timestamptz - (select offset_ms from test_clock) * interval '1 millisecond', job_key => $4)`,
);
const shiftJobs = sql(
  "jobs.shift",
  `select from graphile_worker.jobs j,
     lateral graphile_worker.reschedule_jobs(array[j.id], run_at => j.run_at - $1 * interval '1 millisecond')
    where j.locked_at is null and j.run_at > now()`,
);

export interface JobOptions {
  /** Not before this moment of the platform's clock; the test clock moves it. */
  runAt?: Date;
  /** A later job with the same key takes the place of one that has not started yet. */
  key?: string;
}

/** Has a job run once the transaction commits. Failures are tried again, up to 25 times with growing pauses. */
export async function enqueue(
  tx: Transaction,
  name: string,
  payload: object,
  { runAt, key }: JobOptions = {},
): Promise<void> {
  await run(tx, addJob, [name, JSON.stringify(payload), runAt ?? null, key ?? null]);
}

/** The test clock went forward: jobs come due that much sooner. */
export const hastenJobs = (tx: Transaction, byMs: number): Promise<unknown> => run(tx, shiftJobs, [byMs]);

/** Brings the job queue's own schema (graphile_worker) up to date. */
export async function migrateJobs(url: string): Promise<void> {
  // A pool of its own would be left closing behind our back.
  const pool = openPool({ connectionString: url, max: 1 });
  try {
    await runMigrations({ pgPool: pool, logger });
  } finally {
    await pool.end();
  }
}

const stopWithinMs = 6_000;

/** Runs the declared jobs until stopped; what runs then is finished. Several processes share the work. */
export async function startJobs({ pollMs = 1_000 }: { pollMs?: number } = {}): Promise<Loop> {
  const declared = [...jobs.values()];
  const taskList: TaskList = {};
  for (const { name, handler } of declared) {
    taskList[name] = async (payload, { job }) => {
      const began = elapsed();
      try {
        await handler(payload as never);
        jobsDone(name, "done").add();
        jobSeconds(name).observe((elapsed() - began) / 1_000);
      } catch (error) {
        jobsDone(name, "failed").add();
        signal("job_failed", { subject: name, details: { attempts: job.attempts } });
        throw error;
      }
    };
  }
  const givenUp = new AbortController();
  const start = () =>
    runWorker({
      pgPool: patient(database(), givenUp.signal),
      taskList,
      parsedCronItems: cronItems(declared),
      concurrency: 4,
      pollInterval: pollMs,
      noHandleSignals: true,
      logger,
    });

  let runner: Runner | undefined = await start();
  let stopping = false;
  // A runner that gave up (a database that was away too long) is followed by another.
  const loop = repeat("jobs", 1_000, async () => {
    runner ??= await start();
    if (stopping) await runner.stop();
    await runner.promise.finally(() => {
      runner = undefined;
    });
    return false;
  });
  return {
    async stop() {
      stopping = true;
      const stopped = Promise.all([loop.stop(), runner?.stop().catch(() => {})]).then(() => true);
      // With the database away the library waits for it; what it has begun is then somebody else's after a while.
      const inTime = await Promise.race([stopped, sleep(stopWithinMs, false, { ref: false })]);
      if (inTime) return;
      givenUp.abort();
      log.warn("jobs could not be stopped in time");
    },
  };
}

function cronItems(declared: Job[]): ParsedCronItem[] {
  return parseCronItems(
    declared.flatMap(({ name, crontab }) =>
      crontab ? [{ task: name, match: crontab, options: { jobKey: name } }] : [],
    ),
  );
}

const levels = { error: "error", warning: "warn", info: "debug", debug: "trace" } as const;
const logger = new Logger((scope) => (level, message, meta) => {
  log[levels[level]]({ job: scope.taskIdentifier, job_id: scope.jobId, err: meta.error }, message);
});

defineJob("idempotency.purge", purgeIdempotencyKeys, { crontab: "17 3 * * *" });
defineJob("nonces.forget", forgetOldNonces, { crontab: "*/5 * * * *" });
defineJob("events.purge", purgeEvents, { crontab: "27 3 * * *" });
defineJob("rate_limits.purge", purgeRateLimits, { crontab: "*/10 * * * *" });
