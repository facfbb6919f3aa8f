import { dirname, join, posix } from "node:path";

/** Who may import whom (docs/adr): a room sees those of the lines above its own, never one beside it. */
export const floors = [
  ["kit"],
  ["ledger", "identity"],
  ["merchants", "vault"],
  ["risk", "codes", "channels"],
  ["wallets"],
  ["payments"],
  ["settlement", "records"],
  ["notifications", "monitoring"],
  ["roles"],
] as const satisfies readonly (readonly string[])[];

const floorOf = new Map<string, number>(floors.flatMap((rooms, floor) => rooms.map((room) => [room, floor] as const)));

/** What is published or shown to others stands alone: it imports its own files and these. */
const alone: readonly { readonly folder: string; readonly may: RegExp; readonly only: string }[] = [
  { folder: "sdk/src/", may: /^$/, only: "nothing: it has no dependencies and runs in browsers" },
  { folder: "cli/src/", may: /^(node:.*|@feiqian\/sdk)$/, only: "@feiqian/sdk and Node's own modules" },
  { folder: "docs/guides/", may: /^(node:.*|@feiqian\/sdk)$/, only: "@feiqian/sdk and Node's own modules" },
];

/**
 * Says why `file` (a path from the repository's root) may not import `specifier`, or nothing where it may.
 * Packages and Node's own modules are no rooms and always allowed.
 */
export function refusal(file: string, specifier: string): string | undefined {
  const place = file.endsWith(".test.ts") ? undefined : alone.find(({ folder }) => file.startsWith(folder));
  if (place && !specifier.startsWith(".") && !place.may.test(specifier))
    return `${place.folder} imports ${place.only}.`;
  const target = resolve(file, specifier);
  if (target === undefined) return undefined;
  const from = placeOf(file);
  const to = placeOf(target);
  if (from.workspace !== to.workspace) {
    return `'${specifier}' reaches into the workspace ${to.workspace}: import what its package.json exports.`;
  }
  if (from.room === to.room) return undefined;
  if (to.room === undefined) return judgeOutside(from.room, target);
  const [mine, theirs] = [floorOf.get(from.room ?? "roles"), floorOf.get(to.room)];
  if (mine === undefined) return `'${from.room}' is not in the table of who may import whom (lint/rooms.ts).`;
  if (theirs === undefined) return `'${to.room}' is not in the table of who may import whom (lint/rooms.ts).`;
  const reachedInside = to.module && !target.endsWith("/index.ts");
  if (reachedInside) return `'${specifier}' is inside the module ${to.room}: import '#modules/${to.room}'.`;
  if (from.room === undefined || theirs < mine) return undefined;
  return `${from.room} may not import ${to.room}: imports go to ${floors.slice(0, mine).flat().join(", ") || "no other room"} only.`;
}

/** The test harness is for tests; nothing that runs in production imports it, nor the entry files beside the rooms. */
function judgeOutside(room: string | undefined, target: string): string | undefined {
  if (room === undefined || target.startsWith("server/test/") || !target.endsWith(".ts")) return undefined;
  return `a room imports rooms, and '${target}' is none.`;
}

interface Place {
  readonly workspace: string;
  readonly room: string | undefined;
  readonly module: boolean;
}

function placeOf(file: string): Place {
  const [workspace = "", source, area, name] = file.split("/");
  if (workspace !== "server" || source !== "src") return { workspace, room: undefined, module: false };
  if (area === "modules") return { workspace, room: name, module: true };
  return { workspace, room: area === "kit" || area === "roles" ? area : undefined, module: false };
}

/** The file that a specifier means, from the repository's root; nothing for packages. */
function resolve(file: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return posix.normalize(join(dirname(file), specifier));
  if (specifier.startsWith("#kit/")) return `server/src/kit/${specifier.slice("#kit/".length)}`;
  if (specifier.startsWith("#modules/")) return `server/src/modules/${specifier.slice("#modules/".length)}/index.ts`;
  if (specifier.startsWith("#test/")) return `server/test/${specifier.slice("#test/".length)}`;
  return undefined;
}
