import { spawnSync } from "node:child_process";
import { constants, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What a running PostgreSQL says about itself in `postmaster.pid` of its data folder. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly status: "starting" | "ready" | "stopping" | "standby" | "";
}

/** The PostgreSQL that runs on this data folder, or nothing. A file whose process is gone, or is somebody else's by now, counts as nothing. */
export function postmasterOf(data: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!runsOn(pid, data)) return undefined;
  return { pid, port: Number(lines[3]), status: (lines[7] ?? "").trim() as Postmaster["status"] };
}

/** Whether the process is the PostgreSQL server of this data folder: its command line says so. */
function runsOn(pid: number, data: string): boolean {
  const command = pid > 0 ? commandOf(pid) : "";
  return command.includes("postgres ") && command.includes(` ${data} `);
}

/** A process's command line, each word followed by a blank; empty when it is gone. */
export function commandOf(pid: number): string {
  if (process.platform === "linux") {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    } catch {
      return "";
    }
  }
  return `${spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim()} `;
}

/**
 * A process number is given to somebody else in time, and PostgreSQL then refuses its own left-over file. The file stays, because it
 * also tells which shared memory to check; it only gets a number that no process can have.
 */
export async function disownReusedPid(data: string): Promise<void> {
  const path = join(data, "postmaster.pid");
  const [first, ...rest] = readFileSync(path, "utf8").split("\n");
  if (runsOn(Number(first), data)) return;
  const file = await open(path, constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW);
  await file.write(["999999999", ...rest].join("\n"));
  await file.close();
}

/** Ends the server: its own fast shutdown first, then without a checkpoint, then by force. Resolves when it is gone. */
export async function stopPostmaster(pid: number, data: string): Promise<void> {
  const manners: [NodeJS.Signals, number][] = [
    ["SIGINT", 6_000],
    ["SIGQUIT", 2_000],
    ["SIGKILL", 2_000],
  ];
  for (const [signal, patienceMs] of manners) {
    send(pid, signal);
    for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await sleep(20)) {
      if (!runsOn(pid, data)) return;
    }
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in the meantime.
  }
}
