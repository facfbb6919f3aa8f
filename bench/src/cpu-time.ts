import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in hundredths of a second. */
const tickMs = 10;

/** CPU milliseconds that processes and those they started have used so far; 0 where the system doesn't tell. */
export function cpuMsOf(pids: readonly number[]): number {
  if (process.platform !== "linux") return 0;
  const wanted = new Set(pids);
  let ticks = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (!stat) continue;
    const [parent, ...used] = [stat[1], stat[11], stat[12]].map(Number) as [number, number, number];
    if (wanted.has(Number(name)) || wanted.has(parent)) ticks += used[0] + used[1];
    // What their children used that have ended.
    if (wanted.has(Number(name))) ticks += Number(stat[13]) + Number(stat[14]);
  }
  return ticks * tickMs;
}

/** The fields of `/proc/PID/stat` from the third on; the second, a name in parentheses, may hold anything. */
function statOf(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
