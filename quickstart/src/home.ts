import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { sharedFolder } from "./postgres-binaries.ts";
import { commandOf, postmasterOf, stopPostmaster } from "./postmaster.ts";
import { databaseUser, isWithinReach } from "./system-user.ts";

/** `.feiqian/`: what a local start leaves on disk. Mode 0700, files 0600. */
export interface Home {
  readonly folder: string;
  /** Demo logins for a client (API.md, "What `npm start` leaves for a client"). */
  readonly credentials: string;
  readonly masterKey: string;
  readonly serverLog: string;
  readonly lock: string;
  /** PostgreSQL's folder, or a link to it where root starts. */
  readonly postgres: string;
}

export function openHome(folder: string): Home {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return {
    folder,
    credentials: join(folder, "credentials.json"),
    masterKey: join(folder, "master.key"),
    serverLog: join(folder, "server.log"),
    lock: join(folder, "start.lock"),
    postgres: join(folder, "postgres"),
  };
}

/** Writes a file of mode 0600 at once and whole. Root leaves it to the folder's owner, who can start after it. */
export function writePrivately(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, text, { mode: 0o600, flag: "wx" });
  const { uid, gid } = statSync(dirname(path));
  if (process.getuid?.() === 0) chownSync(unfinished, uid, gid);
  renameSync(unfinished, path);
}

/** The key that every secret is sealed under; random, made when there is none. */
export function makeMasterKey(home: Home): void {
  if (!existsSync(home.masterKey)) writePrivately(home.masterKey, `${randomBytes(32).toString("base64")}\n`);
}

/**
 * Where PostgreSQL's folder lies: in the home, or, where root starts, beside it, because PostgreSQL runs as another user then, who may not
 * enter the home; or in a shared folder when that user can't even reach the clone. The home's link tells; what an earlier home
 * left there goes with it.
 */
export async function placeForPostgres({ folder, postgres }: Home): Promise<string> {
  if (existsSync(postgres)) return realpathSync(postgres);
  if (process.getuid?.() !== 0) return postgres;
  const real = realpathSync(folder);
  const isReachable = isWithinReach(dirname(real), databaseUser(join(postgres, "data")));
  const place = isReachable
    ? `${real}-postgres`
    : join(sharedFolder, createHash("sha256").update(real).digest("hex").slice(0, 16));
  await removeCluster(place);
  mkdirSync(place, { recursive: true, mode: 0o711 });
  rmSync(postgres, { force: true });
  symlinkSync(isReachable ? relative(real, place) : place, postgres);
  return place;
}

/** Whether data of an earlier start are there. */
export const hasData = ({ postgres }: Home): boolean => existsSync(join(postgres, "data"));

async function removeCluster(place: string): Promise<void> {
  const data = join(place, "data");
  const orphan = postmasterOf(data);
  if (orphan) await stopPostmaster(orphan.pid, data);
  rmSync(place, { recursive: true, force: true });
}

/** Lets one launcher at a time use the home. Gives the other one's process number when it is in use. */
export function lockHome({ lock }: Home): number | undefined {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx", mode: 0o600 });
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = Number(readFileSync(lock, "utf8"));
    if (owner !== process.pid && commandOf(owner).includes("start.ts")) return owner;
    rmSync(lock, { force: true });
  }
}

export function unlockHome({ lock }: Home): void {
  rmSync(lock, { force: true });
}

/** Deletes data and secrets, so that the next start is a first one. */
export async function clearHome(home: Home): Promise<void> {
  if (existsSync(home.postgres)) await removeCluster(realpathSync(home.postgres));
  for (const name of readdirSync(home.folder)) {
    if (name !== "start.lock" && name !== "install.lock")
      rmSync(join(home.folder, name), { recursive: true, force: true });
  }
}
