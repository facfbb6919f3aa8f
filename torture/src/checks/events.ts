import { isDeepStrictEqual } from "node:util";
import { database } from "@feiqian/server/kit/db.ts";
import type { Violation } from "../violation.ts";
import type { ApiObject } from "./objects.ts";

/** A life cycle as the interface documents it: what each state may become. Written down here again, for a judge has a law of its own. */
interface Life {
  readonly begins: readonly string[];
  readonly moves: Readonly<Record<string, readonly string[]>>;
  /** Events that change no state. */
  readonly remarks: readonly string[];
  /** Fields that change without an event: others' events tell of them. */
  readonly toldElsewhere: readonly string[];
}

const bank = {
  begins: ["pending"],
  moves: { pending: ["succeeded", "failed"], succeeded: ["returned"] },
};
const lives: Readonly<Record<string, Life>> = {
  pay: {
    begins: ["requires_payment", "processing", "authorized", "succeeded", "failed"],
    moves: {
      requires_payment: ["processing", "authorized", "succeeded", "failed", "closed"],
      processing: ["authorized", "succeeded", "failed", "closed"],
      authorized: ["succeeded", "closed"],
    },
    remarks: ["paid_late", "money_taken_back", "late_money_returned", "late_money_held"],
    toldElsewhere: ["amount_refunded"],
  },
  ref: {
    begins: ["pending", "succeeded"],
    moves: { pending: ["succeeded", "failed"] },
    remarks: ["money_came_back", "paid_late"],
    toldElsewhere: ["payment_amount_refunded"],
  },
  trf: { begins: ["succeeded"], moves: {}, remarks: [], toldElsewhere: [] },
  top: {
    ...bank,
    remarks: ["late_money_received", "late_money_returned", "late_money_held"],
    toldElsewhere: [],
  },
  wdl: { ...bank, remarks: ["late_money_paid"], toldElsewhere: [] },
};

export interface ToldEvent {
  readonly id: string;
  readonly ownerId: string;
  readonly objectId: string;
  readonly type: string;
  readonly object: ApiObject;
  readonly createdAt: Date;
  readonly position: number;
}

/** All events in the order in which consumers get them. */
export async function readEvents(): Promise<ToldEvent[]> {
  const { rows } = await database().query<ToldEvent>(`
    select id, owner_id as "ownerId", object_id as "objectId", type, object, created_at as "createdAt", position
      from events where owner_id <> 'platform' order by position`);
  return rows;
}

/**
 * Every object's events tell its life from its beginning to what it is now: each state once, each move one that is allowed, in the order in
 * which they happened.
 */
export function judgeEvents(events: readonly ToldEvent[], objects: ReadonlyMap<string, ApiObject>): Violation[] {
  const violations: Violation[] = [];
  const told = Map.groupBy(events, ({ ownerId, objectId }) => `${ownerId} ${objectId}`);
  for (const [key, object] of objects) {
    const own = told.get(key) ?? [];
    for (const what of faultsOf(own, object)) {
      const promise = "an object's events tell its whole life in order";
      violations.push({ promise, object: object.id, what: `${what}: ${own.map(({ type }) => type).join(", ")}` });
    }
  }
  for (const [key, own] of told) {
    const object = own[0]?.objectId ?? "";
    if (object.slice(0, 3) in lives && !objects.has(key))
      violations.push({
        promise: "an event is about something that exists",
        object,
        what: `${own[0]?.type} of ${key}`,
      });
  }
  return violations;
}

function faultsOf(events: readonly ToldEvent[], object: ApiObject): string[] {
  const kind = object.id.slice(0, 3);
  const life = lives[kind];
  if (!life) return [];
  const faults: string[] = [];
  let status: string | undefined;
  let before: ToldEvent | undefined;
  for (const event of events) {
    const word = event.type.slice(event.type.indexOf(".") + 1);
    if (before && event.createdAt < before.createdAt) faults.push(`${event.id} stands behind what happened after it`);
    before = event;
    if (life.remarks.includes(word)) continue;
    const allowed = status === undefined ? life.begins : (life.moves[status] ?? []);
    if (!allowed.includes(word)) faults.push(`${status ?? "nothing"} became ${word}`);
    if (event.object.status !== word) faults.push(`${event.type} has an object that is ${event.object.status}`);
    status = word;
  }
  if (status !== object.status) faults.push(`it is ${object.status}, and the last that was told is ${status}`);
  if (before) faults.push(...differences(before.object, object, life));
  return faults;
}

/** What the last event says otherwise than the interface says now. */
function differences(told: ApiObject, now: ApiObject, { toldElsewhere }: Life): string[] {
  return Object.keys(now)
    .filter((field) => !toldElsewhere.includes(field) && !isDeepStrictEqual(told[field], now[field]))
    .map(
      (field) => `${field} is ${JSON.stringify(now[field])}, and the last event says ${JSON.stringify(told[field])}`,
    );
}
