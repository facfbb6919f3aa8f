import { database } from "@feiqian/server/kit/db.ts";
import { verifyAuditLog } from "@feiqian/server/modules/identity";
import { audit } from "@feiqian/server/modules/ledger";
import type { Round } from "../round.ts";
import type { Violation } from "../violation.ts";
import { judgeEvents, readEvents } from "./events.ts";
import { invariants } from "./invariants.ts";
import { judgeJournal } from "./journal.ts";
import { judgeMessages } from "./messages.ts";
import { readObjects } from "./objects.ts";
import { judgeStatements } from "./statements.ts";

/** Everything that must be true after a round, by the database, by the interface and by the clients' journal. */
export async function check({
  world,
  stage,
  merchantsServer,
  entries,
}: Pick<Round, "world" | "stage" | "merchantsServer" | "entries">): Promise<readonly Violation[]> {
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
  const events = await readEvents();
  violations.push(...judgeEvents(events, await readObjects(world, stage)));
  violations.push(...judgeMessages(events, merchantsServer));
  violations.push(...(await judgeStatements(world, stage)));
  violations.push(...(await judgeJournal(entries)));
  const { tampering } = await verifyAuditLog();
  violations.push(
    ...tampering.map((what) => ({ promise: "the audit log is whole", object: "-", what: JSON.stringify(what) })),
  );
  return violations;
}
