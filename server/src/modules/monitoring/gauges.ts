import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { database, run } from "#kit/db.ts";
import { atMostEvery, gauge } from "#kit/metrics.ts";
import { countUnresolved } from "./alerts-sql.ts";

gauge(
  "feiqian_alerts",
  "Alerts that are not resolved.",
  ["status", "severity"],
  atMostEvery(5_000, async () =>
    (await run(database(), countUnresolved)).map(({ status, severity, count }) => [[status, severity], count] as const),
  ),
);

/** Under the names that Prometheus' own clients use. */
gauge(
  "process_cpu_seconds_total",
  "Processor time.",
  [],
  () => one(process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6),
  "counter",
);
gauge("process_start_time_seconds", "When the process started, in seconds since 1970.", [], () =>
  one(performance.timeOrigin / 1_000),
);
gauge("process_resident_memory_bytes", "Memory of the process.", [], () => one(process.memoryUsage.rss()));
gauge("nodejs_heap_size_used_bytes", "Heap in use.", [], () => one(process.memoryUsage().heapUsed));
gauge("nodejs_eventloop_utilization", "How much of the time since the last look the event loop was busy.", [], () => {
  const now = performance.eventLoopUtilization();
  const { utilization } = performance.eventLoopUtilization(now, lastLook);
  lastLook = now;
  return one(utilization);
});
gauge("nodejs_eventloop_lag_seconds", "How late the event loop was since the last look.", ["quantile"], () => {
  const lag = [50, 90, 99].map((percent) => [[String(percent / 100)], delay.percentile(percent) / 1e9] as const);
  delay.reset();
  return lag;
});

const one = (value: number) => [[[], value] as const];
let lastLook = performance.eventLoopUtilization();
const delay = monitorEventLoopDelay({ resolution: 20 });

/** From now on it is watched how late the event loop is. */
export const watchEventLoop = (): void => void delay.enable();
