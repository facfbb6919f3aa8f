import { type Actor, ownerOf } from "#kit/actor.ts";
import type { ToldEvent } from "#kit/outbox.ts";
import {
  allEventsSince,
  findEvent,
  ownEventsSince,
  payerEventsSince,
  positionInSpan,
  type Span,
} from "#kit/read-events.ts";
import type { Listener } from "./listener.ts";

/** How far back what is not indexed by its listener is looked for, in events of everybody. */
const windowEvents = 50_000;
/** Most events that are told again. */
const mostAgain = 10_000;
const page = 500;

/**
 * Tells a listener what it missed between its last event and `upTo`, in order. What can't be known to be complete (the
 * event is no longer there, or too much happened since) begins with a reset.
 */
export async function catchUp(listener: Listener, lastId: string, upTo: number): Promise<void> {
  const { actor } = listener;
  const window = { after: Math.max(0, upTo - windowEvents), upTo };
  const last = await positionOf(actor, lastId, window);
  if (last === undefined) return listener.tellOfGap();
  if (actor.kind !== "merchant" && last < window.after) listener.tellOfGap();
  let told = 0;
  for (let span: Span = { after: last, upTo }; span.after < upTo && !listener.ended; ) {
    const missed = await missedBy(actor, span, window, lastId);
    for (const event of missed.slice(0, page)) await listener.tellBack(event);
    told += missed.length;
    if (missed.length < page) return;
    if (told >= mostAgain) return listener.tellOfGap();
    span = { after: (missed[page - 1] as ToldEvent).position, upTo };
  }
}

let reading: Promise<unknown> = Promise.resolve();

/** What reads the window through is dear: one at a time in a process, however many come back at once. */
function inTurn<T>(read: () => Promise<T>): Promise<T> {
  const turn = reading.then(read);
  reading = turn.catch(() => {});
  return turn;
}

/** Where the listener's last event stands. A payer's may be its merchant's, staff's anybody's: those are looked for in the window. */
async function positionOf(actor: Actor, id: string, window: Span): Promise<number | undefined> {
  const own = actor.kind === "staff" ? undefined : await findEvent(ownerOf(actor), id);
  if (own || actor.kind === "merchant") return own?.position;
  return inTurn(() => positionInSpan(window, id));
}

/** The next events after a position, in order: at least a page of them when there are so many. */
async function missedBy(actor: Actor, span: Span, window: Span, lastId: string): Promise<ToldEvent[]> {
  const recent = { after: Math.max(span.after, window.after), upTo: span.upTo };
  if (actor.kind === "staff") return allEventsSince(recent, page);
  const owner = ownerOf(actor);
  const own = await ownEventsSince(span, owner, lastId, page);
  if (actor.kind !== "user") return own;
  const paid = await inTurn(() => payerEventsSince(recent, owner, page));
  return [...own, ...paid].sort((a, b) => a.position - b.position);
}
