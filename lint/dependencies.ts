import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Part of `npm test`: what others' code may come into the house. Asks the registry for known vulnerabilities (`npm audit`; one that can't be asked is
 * told of, and refused when `NPM_AUDIT=required`), and reads the lock file: exact versions, no registry's address, a
 * checksum for all that is installed, licences that we may pass on, install scripts by name.
 */
const root = join(import.meta.dirname, "..");

interface Manifest {
  readonly workspaces?: readonly string[];
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly allowScripts?: Record<string, boolean>;
}

export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

/** SPDX names of licences under which everything may be used, changed and passed on. */
const licences = new Set(
  "MIT MIT-0 MIT/X11 ISC 0BSD BSD-2-Clause BSD-3-Clause Apache-2.0 BlueOak-1.0.0 Python-2.0 Unlicense CC0-1.0 OFL-1.1".split(
    " ",
  ),
);
/** Packages whose manifest forgets to name its licence. */
const licencesByHand: Readonly<Record<string, string>> = { "png-js": "MIT" };

/** What is wrong with the versions that a manifest asks for. */
export const manifestProblems = (file: string, manifest: Manifest): string[] =>
  [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies]
    .flatMap((dependencies) => Object.entries(dependencies ?? {}))
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${file}: ${name} is asked for as "${version}", not in one exact version`);

/** What is wrong with the packages of a lock file. `isInstalled`: this machine has it; what is for other systems is not looked at as closely. */
export function lockProblems(
  packages: Readonly<Record<string, LockedPackage>>,
  allowed: ReadonlySet<string>,
  isInstalled: (path: string) => boolean,
): string[] {
  return Object.entries(packages).flatMap(([path, locked]) => {
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    if (!path.includes("node_modules/") || locked.link) return [];
    const problems: string[] = [];
    if (locked.resolved) problems.push(`${name}: the lock file names where it was downloaded from`);
    if (isInstalled(path)) {
      if (!locked.integrity) problems.push(`${name}: the lock file has no checksum of it`);
      const licence = locked.license ?? licencesByHand[name];
      if (!mayBePassedOn(licence)) problems.push(`${name}: its licence is ${licence ?? "not named"}`);
    }
    if (locked.hasInstallScript && !allowed.has(name))
      problems.push(
        `${name}: it runs a script when it is installed, and package.json neither allows nor forbids that by name`,
      );
    return problems;
  });
}

/** An SPDX expression: all of what it joins by AND, one of what it joins by OR. */
const mayBePassedOn = (expression = ""): boolean =>
  expression
    .replaceAll(/[()]/g, "")
    .split(/ and /i)
    .every((part) => part.split(/ or /i).some((licence) => licences.has(licence)));

/** What `npm audit --json` said: vulnerabilities of high or critical severity, or that nobody could be asked. */
export function auditFindings(text: string): { readonly asked: boolean; readonly problems: string[] } {
  let report: { vulnerabilities?: Record<string, { name: string; severity: string; range: string }> };
  try {
    report = JSON.parse(text);
  } catch {
    return { asked: false, problems: [] };
  }
  if (!report.vulnerabilities) return { asked: false, problems: [] };
  const serious = Object.values(report.vulnerabilities).filter(({ severity }) => /^(high|critical)$/.test(severity));
  return {
    asked: true,
    problems: serious.map(
      ({ name, severity, range }) => `${name} ${range}: a vulnerability of ${severity} severity is known (npm audit)`,
    ),
  };
}

const read = <T>(path: string): T => JSON.parse(readFileSync(join(root, path), "utf8")) as T;

const askRegistry = (): Promise<string> =>
  new Promise((resolve) => {
    // It exits with 1 when it has found something.
    execFile("npm", ["audit", "--json"], { cwd: root, timeout: 60_000, maxBuffer: 1 << 26 }, (_error, stdout) =>
      resolve(stdout),
    );
  });

async function main(): Promise<void> {
  const manifest = read<Manifest>("package.json");
  const files = [
    "package.json",
    ...globSync(
      (manifest.workspaces ?? []).map((folder) => `${folder}/package.json`),
      { cwd: root },
    ),
  ];
  const allowed = new Set(Object.keys(manifest.allowScripts ?? {}));
  const { packages } = read<{ packages: Record<string, LockedPackage> }>("package-lock.json");
  const audit = auditFindings(await askRegistry());
  const problems = [
    ...files.flatMap((file) => manifestProblems(file, read(file))),
    ...lockProblems(packages, allowed, (path) => existsSync(join(root, path))),
    ...audit.problems,
  ];
  if (!audit.asked) {
    const what = "The registry could not be asked for known vulnerabilities (npm audit).";
    if (process.env.NPM_AUDIT === "required") problems.push(what);
    else console.log(`note: ${what}`);
  }
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.main) await main();
