import type { EventText } from "#kit/read-events.ts";

/**
 * The body of a message: an event as Standard Webhooks shape it. The object is the text that was stored, so that a thousand
 * messages a second are not parsed and written again.
 */
export function messageOf({ id, type, createdAt, object, sequence }: EventText, livemode: boolean): string {
  const head = { id, object: "event", type, timestamp: createdAt.toISOString(), livemode, sequence };
  return `${JSON.stringify(head).slice(0, -1)},"data":{"object":${object}}}`;
}
