import { readFileSync } from "node:fs";

const list = new URL("../../docs/fault-points.md", import.meta.url);

/** Names of all fault points, from the list that is generated from the code (and checked against it). */
export const faultPointNames = (): string[] =>
  [...readFileSync(list, "utf8").matchAll(/^\| `([\w.]+)`/gm)].map((match) => match[1] as string);
