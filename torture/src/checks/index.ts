import { database } from "@feiqian/server/kit/db.ts";
import { audit } from "@feiqian/server/modules/ledger";
import type { Entry } from "../command-journal.ts";
import type { Stage } from "../stage.ts";
import type { Violation } from "../violation.ts";
import type { World } from "../world.ts";
import { judgeEvents, readEvents } from "./events.ts";
import { invariants } from "./invariants.ts";
import { judgeJournal } from "./journal.ts";
import { readObjects } from "./objects.ts";
import { judgeStatements } from "./statements.ts";

/** Everything that must be true after a round, by the database, by the interface and by the clients' journal. */
export async function check(
  world: World,
  stage: Stage,
  entries: ReadonlyMap<string, Entry>,
): Promise<readonly Violation[]> {
  const { differences } = await audit();
  const violations: Violation[] = differences.map(({ kind, subject, expected, found }) => ({
    promise: "books balance",
    object: subject,
    what: `${kind}: ${expected} expected, ${found} found`,
  }));
  for (const [promise, query] of Object.entries(invariants)) {
    const { rows } = await database().query<{ object: string; what: string }>(query);
    violations.push(...rows.map(({ object, what }) => ({ promise, object, what })));
  }
  violations.push(...judgeEvents(await readEvents(), await readObjects(world, stage)));
  violations.push(...(await judgeStatements(world, stage)));
  violations.push(...(await judgeJournal(entries)));
  return violations;
}
