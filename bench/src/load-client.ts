import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Histogram } from "./histogram.ts";
import type { LoadResult } from "./load.ts";
import type { LoadFailure, LoadPlan, LoadReport, LoadSetup } from "./load-process.ts";

/** What a run measured, once it was found to be true. */
export type JudgedLoad = LoadResult & Pick<LoadReport, "cpuUs" | "backlog">;

export interface LoadClient {
  /** Runs a load to its end. Throws when an answer is not what the books say, or is no success. */
  run(plan: Omit<LoadPlan, "kind">): Promise<JudgedLoad>;
  stop(): void;
}

const processFile = fileURLToPath(new URL("./load-process.ts", import.meta.url));

/** Starts the process that puts the load on; `phones` are its customers'. */
export function startLoadClient(setup: Omit<LoadSetup, "kind">): LoadClient {
  const child = fork(processFile, { serialization: "advanced" });
  child.send({ kind: "setup", ...setup } satisfies LoadSetup);
  return {
    async run(plan) {
      const { promise, resolve, reject } = Promise.withResolvers<LoadReport | LoadFailure>();
      const onExit = () => reject(new Error("the load's process has ended"));
      child.once("message", resolve).once("exit", onExit);
      child.send({ kind: "run", ...plan } satisfies LoadPlan);
      const report = await promise.finally(() => child.off("exit", onExit));
      if (report.kind === "failure") throw new Error(report.message);
      return judge(plan.name, report);
    },
    stop: () => void child.kill(),
  };
}

function judge(name: string, report: LoadReport): JudgedLoad {
  const { latencyCounts, latencyMostUs, differences, kind: _, ...result } = report;
  if (differences.length > 0) {
    throw new Error(`${name}: what was answered is not what was booked:\n${differences.join("\n")}`);
  }
  const others = [...result.statuses].filter(([status]) => status !== 200);
  if (others.length > 0 || result.lost > 0) {
    const list = others.map(([status, count]) => `${count} × ${status}`).join(", ");
    throw new Error(`${name}: not every payment succeeded: ${list || "none refused"}; ${result.lost} connections lost`);
  }
  return { ...result, latency: new Histogram(latencyCounts, latencyMostUs) };
}
