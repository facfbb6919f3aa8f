import { log } from "./log.ts";

/**
 * Named places between two steps that a crash could separate. Free when nothing is armed. Tests arm one with
 * `FAULT_POINTS="payments.after_commit=kill"` (comma separated; `kill`, `error`, `delay:MS`, each with `*TIMES` and, before it, `+SKIP`).
 */
type Fault = { kind: "kill" | "error" | "delay"; delayMs: number; skip: number; times: number };

export class InjectedFault extends Error {
  override name = "InjectedFault";
}

const armed = new Map<string, Fault>();
let anyArmed = false;

/** Arms points from text as in `FAULT_POINTS`; `configure` does so at the start, and refuses it in live mode. */
export function armFaultPoints(spec: string): void {
  for (const [name, fault] of parseFaultPoints(spec)) armed.set(name, fault);
  anyArmed = armed.size > 0;
}

/** Reads the text of `FAULT_POINTS`. Throws with the part that is wrong. */
export function parseFaultPoints(spec: string): [name: string, fault: Fault][] {
  return spec.split(",").filter(Boolean).map(parseFaultPoint);
}

function parseFaultPoint(part: string): [string, Fault] {
  const match = /^([\w.]+)=(kill|error|delay)(?::(\d+))?(?:\+(\d+))?(?:\*(\d+))?$/.exec(part.trim());
  if (!match) throw new Error(`"${part}" is not NAME=kill|error|delay[:MS][+SKIP][*TIMES]`);
  const [, name = "", kind, delay, skip, times] = match;
  const fault = { delayMs: Number(delay ?? 0), skip: Number(skip ?? 0), times: Number(times ?? 1) };
  return [name, { kind: kind as Fault["kind"], ...fault }];
}

export function disarmFaultPoints(): void {
  armed.clear();
  anyArmed = false;
}

/** Stands between two steps: `await faultPoint("payments.after_commit")`. The name is a literal, so that the list can be generated. */
export function faultPoint(name: string): void | Promise<void> {
  if (!anyArmed) return;
  const fault = armed.get(name);
  if (!fault || fault.skip-- > 0 || fault.times-- <= 0) return;
  log.warn({ fault_point: name, kind: fault.kind }, "fault injected");
  switch (fault.kind) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return new Promise(() => {});
    case "error":
      throw new InjectedFault(`fault injected at ${name}`);
    case "delay":
      return new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  }
}
