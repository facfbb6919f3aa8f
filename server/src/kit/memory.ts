import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Gives back what starting took: V8's young generation grows to its largest while the code is loaded and stays so, some 60 MB for nothing.
 * Everything stands still for a tenth of a second, so it is done before there is work.
 */
export function giveBackMemory(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (how: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;
  setFlagsFromString("--no-expose-gc");
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
}

/** Far more collections than a night without requests brings. */
const collections = 10_000;

/**
 * Keeps compiled code through hours without requests. V8 forgets the shapes of objects that nobody holds at the moment, and with them all
 * code that was compiled for these shapes; the first rush after a pause of half a minute costs up to twice the processor until everything
 * is compiled again. Only shapes that compiled code knows are kept, so the code that there is bounds what this takes.
 */
export function keepCompiledCode(): void {
  setFlagsFromString(`--retain-maps-for-n-gc=${collections}`);
  // An idle heap is still made smaller, but not by way of those shapes.
  setFlagsFromString("--no-memory-reducer-favors-memory");
  setFlagsFromString("--no-flush-bytecode");
}
