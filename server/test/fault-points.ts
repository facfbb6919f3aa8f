import { globSync, readFileSync } from "node:fs";

/** Names of all fault points, read from the code: the literals of `faultPoint("…")`. */
export function faultPointNames(): string[] {
  const cwd = new URL("../src/", import.meta.url).pathname;
  const files = globSync("**/*.ts", { cwd, exclude: (name) => name.endsWith(".test.ts") });
  const names = files.flatMap((file) =>
    [...readFileSync(new URL(`../src/${file}`, import.meta.url), "utf8").matchAll(/\bfaultPoint\("([\w.]+)"\)/g)].map(
      (match) => match[1] as string,
    ),
  );
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : 1));
}
