import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";

/** Somebody whom PostgreSQL may run as. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root. Started by root it runs as `postgres` when the system has that user, otherwise as `nobody`. */
export function databaseUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const wanted of ["postgres", "nobody"]) {
    const [name, , uid, gid] = lines.find((line) => line.startsWith(`${wanted}:`))?.split(":") ?? [];
    if (name && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return { name: "nobody", uid: 65534, gid: 65534 };
}

/** Whether the user may enter a folder, or run a file: asked of the system itself, so that every kind of rule counts. */
export function isWithinReach(path: string, user: SystemUser | undefined): boolean {
  const identity = user && { uid: user.uid, gid: user.gid };
  return spawnSync("/bin/sh", ["-c", 'test -x "$0"', path], { ...identity, cwd: "/", stdio: "ignore" }).status === 0;
}

/** How to name who runs this, for messages. */
export const nameOf = (user: SystemUser | undefined): string => user?.name ?? userInfo().username;
