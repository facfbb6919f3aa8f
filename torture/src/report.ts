import { database } from "@feiqian/server/kit/db.ts";
import { type Entry, isOfTheMoment, outcomeOf } from "./command-journal.ts";
import { faultPointNames } from "./fault-point-names.ts";
import type { Round } from "./round.ts";
import type { Violation } from "./violation.ts";

/** What was played and what happened to the servers, in a few lines. */
export function describeRound({ entries, stories, damage }: Round): string {
  const kinds = Map.groupBy(entries.values(), ({ command }) => command.kind);
  const lines = [...kinds]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, own]) => `  ${kind.padEnd(18)}${outcomesOf(own)}`);
  const { diedAt, killed, restarted, unexplained, cut } = damage;
  const points = faultPointNames();
  const missed = points.filter((point) => !diedAt.has(point));
  const deaths = [...diedAt.values()].reduce((sum, count) => sum + count, 0);
  return [
    `${stories} stories, ${entries.size} commands:`,
    ...lines,
    `servers: died ${deaths} times at ${diedAt.size} of ${points.length} fault points, killed ${killed} times, restarted ${restarted} times, by themselves ${unexplained.length} times; ${cut} commits cut`,
    ...unexplained.map((words) => `ended by itself:\n${words}`),
    ...(missed.length > 0 ? [`nobody died at: ${missed.join(", ")}`] : []),
  ].join("\n");
}

function outcomesOf(entries: readonly Entry[]): string {
  const named = Map.groupBy(entries, ({ answers }) => {
    const outcome = outcomeOf(answers);
    if (outcome.kind === "unknown" && answers.some(isOfTheMoment)) return "refused for the moment";
    return outcome.kind === "refused" ? outcome.code : outcome.kind;
  });
  const counts = [...named].map(([name, own]) => [own.length, name] as const).toSorted(([a], [b]) => b - a);
  return counts.map(([count, name]) => `${count} ${name}`).join(", ");
}

const mostShown = 20;

/** The violations, each with the events of its object and what the journal knows of it. */
export async function describeViolations({ violations, entries }: Round): Promise<string> {
  const shown = await Promise.all(violations.slice(0, mostShown).map((violation) => describe(violation, entries)));
  const more = violations.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("\n\n");
}

async function describe({ promise, object, what }: Violation, entries: ReadonlyMap<string, Entry>): Promise<string> {
  const about = [...entries.values()].filter(
    ({ id, command, answers }) =>
      id === object || command.payment === object || answers.some((told) => told.object?.id === object),
  );
  const { rows } = await database().query<{ line: string }>(
    `select format('%s %s %s %s', position, created_at, type, object->>'status') as line from events
      where object_id = $1 or object_id = $2 order by position limit 50`,
    [object, about[0]?.command.payment ?? object],
  );
  return [
    `broken: ${promise}`,
    `  ${object}: ${what}`,
    ...rows.map(({ line }) => `  event ${line}`),
    ...about.slice(0, 20).map((entry) => `  journal ${JSON.stringify(entry)}`),
  ].join("\n");
}
