import { isDeepStrictEqual } from "node:util";
import type { MerchantsServer } from "../merchants-server.ts";
import type { Violation } from "../violation.ts";
import type { ToldEvent } from "./events.ts";

/** Every event of a shop reached its server, signed, as it happened, with its place among the events of its object; and nothing else did. */
export function judgeMessages(events: readonly ToldEvent[], server: MerchantsServer): Violation[] {
  const violations = server.complaints.map(({ shop, what }) => violation(shop, what));
  const unexplained = new Map([...server.messages].map(([shop, messages]) => [shop, new Map(messages)]));
  const sequences = new Map<string, number>();
  for (const event of events) {
    const { id, ownerId, objectId, type } = event;
    const sequence = (sequences.get(`${ownerId} ${objectId}`) ?? 0) + 1;
    sequences.set(`${ownerId} ${objectId}`, sequence);
    const messages = unexplained.get(ownerId);
    if (!messages || !/^(payment|refund)\./.test(type)) continue;
    const message = messages.get(id);
    messages.delete(id);
    if (!message) violations.push(violation(objectId, `${type} ${id} never came`));
    else if (message.sequence !== sequence)
      violations.push(violation(objectId, `${type} ${id} is number ${sequence} and came as ${message.sequence}`));
    else if (!isDeepStrictEqual(message.object, event.object))
      violations.push(violation(objectId, `${type} ${id} came with another object`));
  }
  for (const messages of unexplained.values())
    for (const { eventId } of messages.values()) violations.push(violation(eventId, "it was told, and never happened"));
  return violations;
}

const violation = (object: string, what: string): Violation => ({
  promise: "every event reaches its merchant",
  object,
  what,
});
