import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";

/** Somebody whom PostgreSQL may run as. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom PostgreSQL runs as, when that is not who started us: it refuses to run as root. Data that are there already belong to
 * somebody, who goes on; otherwise it is `postgres` when the system has that user, or `nobody`.
 */
export function databaseUser(data: string): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .map(([name = "", , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  const owner = statSync(data, { throwIfNoEntry: false });
  if (owner && owner.uid > 0) {
    return users.find(({ uid }) => uid === owner.uid) ?? { name: String(owner.uid), uid: owner.uid, gid: owner.gid };
  }
  const preferred = ["postgres", "nobody"].map((wanted) => users.find(({ name, uid }) => name === wanted && uid > 0));
  return preferred.find((user) => user !== undefined) ?? { name: "nobody", uid: 65534, gid: 65534 };
}

/** Whether the user may enter a folder, or run a file: asked of the system itself, so that every kind of rule counts. */
export function isWithinReach(path: string, user: SystemUser | undefined): boolean {
  const identity = user && { uid: user.uid, gid: user.gid };
  return spawnSync("/bin/sh", ["-c", 'test -x "$0"', path], { ...identity, cwd: "/", stdio: "ignore" }).status === 0;
}

/** How to name who runs this, for messages. */
export const nameOf = (user: SystemUser | undefined): string => user?.name ?? userInfo().username;
