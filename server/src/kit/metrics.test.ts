import assert from "node:assert/strict";
import { test } from "node:test";
import { times } from "#test/factories.ts";
import { counter, gauge, histogram, metricsText } from "./metrics.ts";

const textOf = async (name: string) =>
  (await metricsText())
    .split("\n")
    .filter((line) => line.includes(name))
    .join("\n");

test("counters, histograms and gauges are shown in Prometheus' text format", async () => {
  const jobs = counter("a_jobs_total", "Jobs.", ["job", "outcome"]);
  jobs("one", "ok").add();
  jobs("one", "ok").add(2);
  jobs('t"w\no\\', "ok").add();
  assert.equal(
    await textOf("a_jobs"),
    `# HELP a_jobs_total Jobs.
# TYPE a_jobs_total counter
a_jobs_total{job="one",outcome="ok"} 3
a_jobs_total{job="t\\"w\\no\\\\",outcome="ok"} 1`,
  );
  const seconds = histogram("b_seconds", "Time.", [], [0.5, 1]);
  for (const value of [0.1, 0.5, 0.7, 3]) seconds().observe(value);
  assert.equal(
    await textOf("b_seconds"),
    `# HELP b_seconds Time.
# TYPE b_seconds histogram
b_seconds_bucket{le="0.5"} 2
b_seconds_bucket{le="1"} 3
b_seconds_bucket{le="+Inf"} 4
b_seconds_sum 4.3
b_seconds_count 4`,
  );
});

test("what can't be read is left out, and so is what takes too long", async () => {
  gauge("c_broken", "Broken.", [], () => {
    throw new Error("broken");
  });
  gauge("c_slow", "Slow.", [], () => new Promise(() => {}));
  gauge("c_good", "Good.", [], async () => [[[], 1]]);
  assert.match(await textOf("c_"), /^# HELP c_good Good\.\n# TYPE c_good gauge\nc_good 1$/);
});

test("labels that are no words of the code do not grow memory", async () => {
  const count = counter("d_total", "Many.", ["label"]);
  for (const n of times(20_000, (n) => n)) count(String(n)).add();
  const lines = (await textOf("d_total")).split("\n");
  assert.equal(lines.length, 5_003);
  assert.match(lines.at(-1) as string, /^d_total\{label="other"\} 15000$/);
});
