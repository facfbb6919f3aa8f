import { plainArray, run, type Transaction, textArray } from "#kit/db.ts";
import { follow } from "#kit/feed.ts";
import type { Loop } from "#kit/loop.ts";
import { type NewAlert, raiseAlerts } from "./alert.ts";
import { countOn, selectUnresolved } from "./alerts-sql.ts";
import { type AlertType, type Rule, rulesOf, type Scope } from "./rules.ts";
import { countSignals, type StoredSignal, signals } from "./signals-sql.ts";

/** New signals that count for one rule, of one subject, address or merchant, or of all. */
interface Group {
  readonly type: AlertType;
  readonly rule: Rule;
  readonly key: string;
  hits: number;
  last: StoredSignal;
  /** When they came: each is a window's end. */
  readonly moments: Set<number>;
}

/** Of one step. Small, so that a flood is judged in short transactions. */
const signalsAtOnce = 200;

/**
 * Judges signals by the rules, for as long as it runs. Each counts once, whatever dies and however many workers run: the alerts are
 * written in the transaction that moves the cursor, and one process at a time moves it.
 */
export const evaluateSignals = (): Loop =>
  follow(signals, { name: "monitoring.rules", batch: signalsAtOnce, handle: judge });

/** Windows end when their signals were written, by the database's clock: so a burst is one also when it is judged an hour later. */
async function judge(tx: Transaction, fresh: readonly StoredSignal[]): Promise<void> {
  const groups = groupsOf(fresh);
  if (groups.length === 0) return;
  const [types, keys] = [plainArray(groups.map(({ type }) => type)), textArray(groups.map(({ key }) => key))];
  const known = await run(tx, selectUnresolved, [types, keys]);
  const statuses = new Map(known.map(({ type, key, status }) => [`${type} ${key}`, status]));
  const most = await mostWithin(
    tx,
    groups.filter((group) => statuses.get(nameOf(group)) !== "open"),
  );
  const reached = groups.filter((group) => (most.get(nameOf(group)) ?? 0) >= group.rule.threshold);
  const begun = new Set(reached);
  const going = groups.filter((group) => statuses.has(nameOf(group)) && !begun.has(group));
  await run(tx, countOn, [
    plainArray(going.map(({ type }) => type)),
    textArray(going.map(({ key }) => key)),
    plainArray(going.map(({ hits }) => hits)),
    textArray(going.map(({ last }) => last.createdAt.toISOString())),
  ]);
  await raiseAlerts(
    tx,
    reached.map((group) =>
      alertOf(group, statuses.has(nameOf(group)) ? group.hits : (most.get(nameOf(group)) ?? group.hits)),
    ),
  );
}

const nameOf = ({ type, key }: { type: string; key: string }): string => `${type} ${key}`;

function groupsOf(fresh: readonly StoredSignal[]): Group[] {
  const groups = new Map<string, Group>();
  for (const signal of fresh) {
    for (const { type, ...rule } of rulesOf.get(signal.kind) ?? []) {
      const key = keyOf(signal, rule.by);
      if (key === null) continue;
      const group = groups.get(nameOf({ type, key })) ?? { type, rule, key, hits: 0, last: signal, moments: new Set() };
      group.hits += signal.count;
      group.last = signal;
      group.moments.add(signal.createdAt.getTime());
      groups.set(nameOf(group), group);
    }
  }
  return [...groups.values()];
}

function keyOf(signal: StoredSignal, by: Scope): string | null {
  switch (by) {
    case "subject":
      return signal.subject;
    case "address":
      return signal.address;
    case "merchant":
      return signal.merchantId;
    case "platform":
      return "";
  }
}

/** The most signals that one window held, by the group's name. */
async function mostWithin(tx: Transaction, groups: readonly Group[]): Promise<Map<string, number>> {
  const most = new Map<string, number>();
  for (const [scope, statement] of Object.entries(countSignals)) {
    const ends = groups
      .filter(({ rule }) => rule.by === scope)
      .flatMap((group) => [...group.moments].map((at) => ({ group, at })));
    if (ends.length === 0) continue;
    const rows = await run(tx, statement, [
      plainArray(ends.map(({ group }) => group.type)),
      textArray(ends.map(({ group }) => group.key)),
      textArray(ends.map(({ group }) => group.rule.kinds.join(" "))),
      plainArray(ends.map(({ group }) => group.rule.minutes)),
      // To the millisecond above: a moment is stored to the microsecond.
      plainArray(ends.map(({ at }) => new Date(at + 1).toISOString())),
    ]);
    for (const row of rows) most.set(nameOf(row), row.most);
  }
  return most;
}

function alertOf({ type, rule, key, last }: Group, count: number): NewAlert {
  const ofOne = rule.by === "subject" || rule.by === "merchant";
  return {
    type,
    group: key,
    count,
    merchantId: rule.by === "platform" ? null : last.merchantId,
    livemode: last.livemode,
    objectId: ofOne ? (last.objectId ?? (rule.by === "merchant" ? key : idOf(key))) : null,
    details: {
      ...last.details,
      ...(last.addressMasked !== null && rule.by !== "platform" && { address: last.addressMasked }),
      threshold: rule.threshold,
      within_minutes: rule.minutes,
    },
  };
}

/** A subject that is an id or a name of ours can be looked at; a digest can't. */
const idOf = (subject: string): string | null =>
  /^[a-z]{1,6}_[0-9a-z]{26}$|^[a-z_]+(\.[a-z_]+)*$/.test(subject) ? subject : null;
