import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { chmod, chown, link, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Binaries, findBinaries } from "./postgres-binaries.ts";
import { commandOf } from "./postmaster.ts";
import { databaseUser, isWithinReach, nameOf, type SystemUser } from "./system-user.ts";

/** A folder with everything one PostgreSQL needs: `data`, `password`, `port`, `log`. */
export interface Cluster {
  readonly folder: string;
  readonly data: string;
  readonly log: string;
  readonly password: string;
  readonly user: SystemUser | undefined;
  readonly binaries: Binaries;
}

/** PostgreSQL can't be started, and why, in words for the one who started it. */
export class PostgresError extends Error {
  override name = "PostgresError";
}

/** What PostgreSQL's programs get to see: none of the caller's variables (`PGPORT`, `PGOPTIONS`, secrets). */
export const environment = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

/**
 * Opens the cluster in `folder`, making it when there is none: UTF-8 with PostgreSQL's own C.UTF-8 (the same order on every system),
 * one superuser `feiqian` with a random password, one database `feiqian`. Throws {@link PostgresError} for a folder that can't be used.
 */
export async function openCluster(path: string): Promise<Cluster> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const folder = await realpath(path);
  const data = join(folder, "data");
  const user = databaseUser(data);
  if (user) await chmod(folder, 0o711);
  if (!isWithinReach(folder, user)) {
    throw new PostgresError(
      `PostgreSQL runs as user ${nameOf(user)}, who can't enter ${folder}. Choose another folder.`,
    );
  }
  const binaries = await findBinaries(user);
  const log = join(folder, "log");
  const cluster = { folder, data, log, password: await passwordOf(folder), user, binaries };
  if (majorOf(data) === undefined) await initialize(cluster);
  const major = majorOf(data);
  if (major !== binaries.major) {
    throw new PostgresError(
      `The data in ${data} were made by PostgreSQL ${major}; this version brings PostgreSQL ${binaries.major}. ` +
        "Use the version that made them, or begin anew with `npm start -- --fresh`.",
    );
  }
  return cluster;
}

/** Reads the superuser's password, or makes one. Whoever links the file first decides for all. */
async function passwordOf(folder: string): Promise<string> {
  const path = join(folder, "password");
  const read = () => readFile(path, "utf8").catch(() => undefined);
  const known = await read();
  if (known) return known;
  if (majorOf(join(folder, "data")) !== undefined) {
    throw new PostgresError(`${path} is missing, and nobody else knows it. Begin anew with \`npm start -- --fresh\`.`);
  }
  const mine = `${path}.${process.pid}`;
  await writeFile(mine, randomBytes(24).toString("base64url"), { mode: 0o600 });
  await link(mine, path).catch(() => {});
  await rm(mine);
  return (await read()) as string;
}

/** The version that made the data; nothing when there are none. */
function majorOf(data: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(data, "PG_VERSION"), "utf8"), 10);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new PostgresError(`${data} belongs to another user (was it started by root?): ${(error as Error).message}`);
  }
}

/** Makes the data beside their place and moves them there when they are whole, so that an interrupted attempt is never used. */
async function initialize(cluster: Cluster): Promise<void> {
  const { folder, data, user, binaries } = cluster;
  for (const name of await readdir(folder)) {
    const maker = /^initdb\.(\d+)/.exec(name)?.[1];
    if (maker && !commandOf(Number(maker))) await rm(join(folder, name), { recursive: true, force: true });
  }
  const unfinished = join(folder, `initdb.${process.pid}`);
  const passwordFile = `${unfinished}.password`;
  try {
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(passwordFile, cluster.password, { mode: 0o600 });
    if (user) for (const path of [unfinished, passwordFile]) await chown(path, user.uid, user.gid);
    const locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"];
    const login = ["--username=feiqian", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
    await finish(cluster, binaries.initdb, ["-D", unfinished, "--no-instructions", ...login, ...locale]);
    await finish(cluster, binaries.postgres, ["--single", "-D", unfinished, "postgres"], "create database feiqian;\n");
    await rename(unfinished, data);
  } catch (error) {
    if (majorOf(data) === undefined) throw error; // Otherwise another start was quicker, and its data serve.
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Runs a program to its end. Throws with its last words when it fails. */
async function finish({ user, folder }: Cluster, program: string, words: string[], input = ""): Promise<void> {
  const identity = user && { uid: user.uid, gid: user.gid };
  const child = spawn(program, words, { ...identity, cwd: folder, env: environment, stdio: "pipe" });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  child.stdin.on("error", () => {}).end(input);
  const code = await new Promise((done, reject) => child.once("error", reject).once("close", done));
  if (code !== 0) throw new PostgresError(`${program} failed:\n${said.slice(-1_500)}`);
}
